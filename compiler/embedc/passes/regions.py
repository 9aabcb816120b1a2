"""regions: loops and branches that are none are inlined; what need not be computed in a loop, or passed into a region, is not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, count

from embedc.ir.graph import Graph, Replacement, Value, collect, rewrite
from embedc.ops.base import Op
from embedc.ops.control import If, Loop
from embedc.ops.elementwise import Const, constant_of, splat
from embedc.ops.layout import Reshape, slice_axes
from embedc.passes.base import Pass


class Regions(Pass, name="regions"):
    """Inlines branches whose condition is known and loops of one iteration; constants move into regions.

    Out of loops moves what reads captures alone. Carried values that never change become captures, and what nobody reads is not
    passed.
    """

    def run(self, graph: Graph) -> Graph:
        read = {*(v for op in graph.ops for v in op.operands), *graph.outputs.values()}
        originals = iter(graph.ops)

        def rule(op: Op) -> Replacement:
            used = [value in read for value in next(originals).results]
            if isinstance(op, If):
                return _branch(op)
            return _loop(op, used) if isinstance(op, Loop) else None

        return rewrite(graph, rule)


def instantiate(region: Graph, given: Mapping[Value, Value]) -> tuple[Value, ...]:
    """The outputs of `region` with other values in place of its inputs."""
    mapping = _rebuilt(region, given)
    return tuple(mapping.get(value, value) for value in region.outputs.values())


def _rebuilt(region: Graph, given: Mapping[Value, Value]) -> dict[Value, Value]:
    """What each value of the region becomes with others in place of the `given` ones."""
    mapping = dict(given)
    for op in region.ops:
        if op.results[0] not in mapping:
            mapping.update(zip(op.results, op.with_operands(mapping).results, strict=True))
    return mapping


def _needed(outputs: Iterable[Value]) -> set[Value]:
    """Region inputs that these values need, themselves if they are inputs."""
    found = collect("", (), {str(k): value for k, value in enumerate(outputs)})
    read = chain((v for op in found.ops for v in op.operands), found.outputs.values())
    return {value for value in read if value.producer is None}


def _is_constant(value: Value) -> bool:
    return isinstance(value.producer, Const)


def _branch(op: If) -> Replacement:
    """The branch that is taken, or an `if` with fewer captures."""
    known = constant_of(op.condition)
    if known is not None:
        branch = op.then if known else op.otherwise
        return instantiate(branch, dict(zip(branch.inputs, op.captures, strict=True)))
    needed = _needed(chain(op.then.outputs.values(), op.otherwise.outputs.values()))
    inputs = zip(op.then.inputs, op.otherwise.inputs, strict=True)
    kept = [
        not _is_constant(outer) and not needed.isdisjoint(inner)
        for outer, inner in zip(op.captures, inputs, strict=True)
    ]
    if all(kept):
        return None

    def shrunk(region: Graph) -> Graph:
        constants = {i: v for i, v in zip(region.inputs, op.captures, strict=True) if _is_constant(v)}
        outputs = dict(zip(region.outputs, instantiate(region, constants), strict=True))
        return collect(region.name, _chosen(region.inputs, kept), outputs)

    then, otherwise = shrunk(op.then), shrunk(op.otherwise)
    return If(op.condition, _chosen(op.captures, kept), then, otherwise, origin=op.origin).results


def _chosen(values: Sequence[Value], kept: Sequence[bool]) -> tuple[Value, ...]:
    return tuple(value for value, keep in zip(values, kept, strict=True) if keep)


def _loop(op: Loop, used: Sequence[bool]) -> Replacement:
    """A loop without what it does not need, and none where it runs once or never."""
    bounded = _bounded(op)
    if bounded.trips == 0:
        empty = (splat(0, v.type, v.origin) for v in bounded.results[len(op.carried) :])
        return (*op.carried, *empty)
    if bounded.trips == 1 and bounded.is_counted:
        return _once(bounded)
    return _reduced(bounded, used) or (bounded.results if bounded is not op else None)


def _bounded(op: Loop) -> Loop:
    """The loop without a count and a condition that are known."""
    for value in op.count:
        known = constant_of(value)
        if known is not None:
            op = _shortened(replace(op, count=()), max(0, min(op.trips, int(known))))
    for value in op.condition:
        first, (flag, *_) = constant_of(value), op.body.outputs
        later = constant_of(op.body.outputs[flag])
        if first is not None and not first:
            op = _shortened(op, 0)
        elif first is not None and later is not None:
            outputs = {name: v for name, v in op.body.outputs.items() if name != flag}
            body = collect(op.body.name, op.body.inputs, outputs)
            op = _shortened(replace(op, condition=(), body=body), op.trips if later else min(op.trips, 1))
    return op


def _shortened(op: Loop, trips: int) -> Loop:
    """The loop with fewer trips."""
    if trips == op.trips:
        return op

    def start(value: Value) -> Value:
        dims = value.type.dims
        return slice_axes(value, (0,) * len(dims), (trips, *dims[1:]), (1,) * len(dims), op.origin)

    return replace(op, scanned=tuple(map(start, op.scanned)), trips=trips)


def _once(op: Loop) -> tuple[Value, ...]:
    """The body for iteration 0, with results that would be stacked on an axis of their own."""
    number, *_ = op.body.inputs
    slices = (Reshape(v, v.type.dims[1:], origin=op.origin).result for v in op.scanned)
    given = (splat(0, number.type, op.origin), *op.carried, *slices, *op.captures)
    outputs = instantiate(op.body, dict(zip(op.body.inputs, given, strict=True)))
    stacked = (Reshape(v, (1, *v.type.dims), origin=op.origin).result for v in outputs[len(op.carried) :])
    return (*outputs[: len(op.carried)], *stacked)


def _reduced(op: Loop, used: Sequence[bool]) -> Replacement:
    """The loop that passes and computes less; None where there is no less."""
    number, *rest = op.body.inputs
    carries = len(op.carried)
    inner, others = rest[:carries], rest[carries:]
    slices, captured = others[: len(op.scanned)], others[len(op.scanned) :]
    names, outputs = list(op.body.outputs), list(op.body.outputs.values())
    flags = len(op.condition)
    still = [outputs[flags + k] is value for k, value in enumerate(inner)]
    outer = dict(zip((*captured, *_chosen(inner, still)), (*op.captures, *_chosen(op.carried, still)), strict=True))
    constants = {i: o for i, o in outer.items() if _is_constant(o)}
    moved, given = _hoisted(op.body, outer)

    mapping = _rebuilt(op.body, {**constants, **given})
    outputs = [mapping.get(value, value) for value in outputs]
    flag, after, stacked = outputs[:flags], outputs[flags : flags + carries], outputs[flags + carries :]
    live, rows = [u and not s for u, s in zip(used, still, strict=False)], list(used[carries:])
    needed = _needed([*flag, *_chosen(after, live), *_chosen(stacked, rows)])
    while (more := [not s and (k or v in needed) for k, s, v in zip(live, still, inner, strict=True)]) != live:
        live = more
        needed = _needed([*flag, *_chosen(after, live), *_chosen(stacked, rows)])
    passed = {i: o for i, o in {**outer, **moved}.items() if i in needed}
    keep = [value in needed for value in slices]
    if all((*live, *rows, *keep)) and tuple(passed) == tuple(captured):
        return None

    kept_names = [*names[:flags], *(n for n, k in zip(names[flags:], [*live, *rows], strict=True) if k)]
    values = [*flag, *_chosen(after, live), *_chosen(stacked, rows)]
    inputs = (number, *_chosen(inner, live), *_chosen(slices, keep), *passed)
    body = collect(op.body.name, inputs, dict(zip(kept_names, values, strict=True)))
    new = replace(
        op,
        carried=_chosen(op.carried, live),
        scanned=_chosen(op.scanned, keep),
        captures=tuple(passed.values()),
        body=body,
    )
    results = iter(new.results)
    last = [next(results) if k else first for k, first in zip(live, op.carried, strict=True)]
    return (*last, *(next(results) if k else old for k, old in zip(rows, op.results[carries:], strict=True)))


def _hoisted(body: Graph, outer: Mapping[Value, Value]) -> tuple[dict[Value, Value], dict[Value, Value]]:
    """Operators that read nothing but captures (`outer` tells what they are), made anew outside.

    Gives new inputs with what they are outside, and the values of the body whose place they take.
    """
    known = dict(outer)
    for op in body.ops:
        if isinstance(op, Const):
            known[op.result] = op.result
        elif all(value in known for value in op.operands):
            known.update(zip(op.results, op.with_operands(known).results, strict=True))
    staying = [op for op in body.ops if op.results[0] not in known]
    read = chain((v for op in staying for v in op.operands), body.outputs.values())
    frontier = [v for v in dict.fromkeys(read) if v in known and v.producer and not isinstance(v.producer, Const)]
    taken = {value.name for value in body.inputs}
    moved: dict[Value, Value] = {}
    given: dict[Value, Value] = {}
    for value in frontier:
        name = next(n for k in count() if (n := f"{value.name or 'invariant'}{k or ''}") not in taken)
        taken.add(name)
        given[value] = Value(value.type, name, value.origin)
        moved[given[value]] = known[value]
    return moved, given
