"""Loop, Scan, If: their subgraphs become regions."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from embedc.frontends.onnx.node import Node, Subgraph
from embedc.frontends.onnx.regions import Control, Open, close, close_loop, open_loop
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.graph import Value
from embedc.ir.types import BOOL, I64
from embedc.ops.control import If
from embedc.ops.elementwise import constant_of
from embedc.ops.layout import Concat

ENDLESS = 2**31 - 1
"""Trips of a loop that its condition alone ends."""

MAX_UNROLLED = 64
"""Most trips of a loop whose carried values change their shape: each trip is then code of its own."""


@onnx_op("Loop")
def loop_of(node: Node) -> Sequence[Value]:
    """A loop; one that stacks results runs a number of times that is known at compile time."""
    body, carried = node.subgraph("body"), tuple(node.operand(k) for k in range(2, len(node.inputs)))
    count, first = (_scalar(node, k) for k in range(2))
    known = constant_of(count) if count else None
    trips = ENDLESS if known is None else max(0, min(ENDLESS, int(known)))
    limit = (count,) if count and known is None else ()
    always = node.array(np.asarray(True))
    begin = first or always

    def run(number: Value, states: Sequence[Value]) -> list[Value]:
        flag, *results = body.run([number, always, *states])
        return [node.reshape(flag, ()), *results]

    trip = open_loop(carried, (), node.origin)
    flag, *results = run(trip.number, trip.carried)
    after, rows = results[: len(carried)], results[len(carried) :]
    goes_on, starts = (constant_of(v) for v in (flag, begin))
    if starts is not None and not starts:
        trips, limit = 0, ()
    if goes_on is not None and not goes_on and not limit:
        trips, goes_on = min(trips, 1), np.asarray(True)  # the body always ends it
    ends_early = trips > 0 and (limit or trips == ENDLESS or starts is None or goes_on is None or not goes_on)
    if any(a.type != b.type for a, b in zip(carried, after, strict=True)):
        return _unrolled(node, run, carried, len(rows), ENDLESS if ends_early else trips)
    if rows and ends_early:
        unknown = next((v for v in (*limit, begin) if constant_of(v) is None), None)
        raise node.fail(
            "how often it runs, and so the shape of what it stacks, is only known while the model runs",
            "make the trip count and the condition constants, or carry a tensor of fixed size",
            unknown,
        )
    control = Control(trips, limit, (begin, flag) if ends_early else None)
    return close_loop(trip, carried, (), after, rows, control, node.origin)


def _scalar(node: Node, index: int) -> Value | None:
    """An optional operand of one element as a scalar."""
    value = node.optional(index)
    if value is None:
        return None
    wanted = (I64, BOOL)[index]
    if value.type.size != 1 or value.type.element != wanted:
        raise node.fail(f"input {index} is {value.type}", f"it must be one {wanted}; re-export the model")
    return node.reshape(value, ())


def _unrolled(
    node: Node, run: Callable[[Value, Sequence[Value]], list[Value]], carried: Sequence[Value], rows: int, trips: int
) -> Sequence[Value]:
    """All trips one after the other, for carried values whose shapes change."""
    if trips > MAX_UNROLLED:
        raise node.fail(
            "a value that it carries changes its shape",
            f"that is possible in loops of a known number of trips, up to {MAX_UNROLLED}; carry a tensor of fixed size",
        )
    states, stacks = list(carried), [list[Value]() for _ in range(rows)]
    for number in range(trips):
        _, *results = run(node.array(np.asarray(number, np.int64)), states)
        states = results[: len(states)]
        for stack, row in zip(stacks, results[len(states) :], strict=True):
            stack.append(node.reshape(row, (1, *row.type.dims)))
    if not all(stacks):
        raise node.fail("it stacks results of no trip", "export the model without it")
    return [*states, *(node.emit(Concat(tuple(stack), 0, origin=node.origin)) for stack in stacks)]


@onnx_op("Scan")
def scan(node: Node) -> Sequence[Value]:
    """A loop over slices of tensors; in opset 8 once for every element of a batch."""
    body, scanned = node.subgraph("body"), node.integer("num_scan_inputs")
    operands = [node.operand(k) for k in range(1 if node.opset < 9 else 0, len(node.inputs))]
    if not 0 < scanned <= len(operands):
        raise node.fail(f"attribute 'num_scan_inputs' is {scanned}", f"it has {len(operands)} inputs")
    states, inputs = operands[: len(operands) - scanned], operands[len(operands) - scanned :]
    rows = len(node.outputs) - len(states)
    if node.opset >= 9:
        ways = [
            node.integers(f"scan_{kind}_directions", (0,) * n) for kind, n in (("input", scanned), ("output", rows))
        ]
        axes = [node.integers(f"scan_{kind}_axes", (0,) * n) for kind, n in (("input", scanned), ("output", rows))]
        return _scan(node, body, states, inputs, ways, axes)
    lengths = node.optional(0)
    known = None if lengths is None else constant_of(lengths)
    if lengths is not None and (known is None or (known != inputs[0].type.dims[1]).any()):
        raise node.fail("sequence_lens is given", "sequences of one length are supported; leave it out", lengths)
    ways = [node.integers("directions", (0,) * scanned), (0,) * rows]

    trip = open_loop((), operands, node.origin)
    parts, axes = trip.slices, [(0,) * scanned, (0,) * rows]
    each = _scan(node, body, parts[: len(states)], parts[len(states) :], ways, axes)
    return close_loop(trip, (), operands, (), each, Control(operands[0].type.dims[0]), node.origin)


def _scan(
    node: Node,
    body: Subgraph,
    states: Sequence[Value],
    inputs: Sequence[Value],
    ways: Sequence[Sequence[int]],
    axes: Sequence[Sequence[int]],
) -> Sequence[Value]:
    """The last states and the stacked results; `ways` and `axes` of the inputs, then of what is stacked."""
    if [len(w) for w in ways] != [len(a) for a in axes] or len(axes[0]) != len(inputs):
        raise node.fail("its axes and directions are not one for each scanned tensor", "re-export the model")
    moved = [
        _backwards(node, _axis_first(node, x, axis), way) for x, axis, way in zip(inputs, axes[0], ways[0], strict=True)
    ]
    trips = {x.type.dims[0] for x in moved}
    if len(trips) != 1:
        raise node.fail(
            f"it scans {sorted(trips)} slices", "all scanned tensors must have as many; re-export the model"
        )

    trip = open_loop(states, moved, node.origin)
    found = body.run([*trip.carried, *trip.slices])
    after, rows = found[: len(states)], found[len(states) :]
    results = close_loop(trip, states, moved, after, rows, Control(trips.pop()), node.origin)
    last, stacked = results[: len(states)], results[len(states) :]
    if len(stacked) != len(axes[1]):
        raise node.fail(f"its body gives {len(stacked)} tensors to stack", f"it has {len(axes[1])} such outputs")
    placed = [
        _axis_at(node, _backwards(node, y, way), axis) for y, axis, way in zip(stacked, axes[1], ways[1], strict=True)
    ]
    return [*last, *placed]


def _backwards(node: Node, x: Value, way: int) -> Value:
    """Axis 0 from its end if `way` is 1."""
    return node.part(x, 0, x.type.dims[0] - 1, x.type.dims[0], -1) if way else x


def _axis_first(node: Node, x: Value, axis: int) -> Value:
    axis = node.axis(axis, x.type.rank)
    return node.transpose(x, (axis, *(a for a in range(x.type.rank) if a != axis)))


def _axis_at(node: Node, x: Value, axis: int) -> Value:
    """Axis 0 moved to `axis`."""
    axis = node.axis(axis, x.type.rank)
    order = list(range(1, x.type.rank))
    return node.transpose(x, (*order[:axis], 0, *order[axis:]))


@onnx_op("If")
def branch(node: Node) -> Sequence[Value]:
    """Two regions, of which one runs; both give tensors of the same types."""
    condition = node.operand(0)
    if condition.type.size != 1 or condition.type.element != BOOL:
        raise node.fail(f"its condition is {condition.type}", "it must be one boolean; re-export the model")
    results = [node.subgraph(name).run([]) for name in ("then_branch", "else_branch")]
    for number, (one, other) in enumerate(zip(*results, strict=True)):
        if one.type != other.type:
            raise node.fail(
                f"output {number} is {one.type} in one branch and {other.type} in the other",
                "they must have one shape; or make the condition a constant",
                condition,
            )
    regions = [Open((), {f"result{k}": v for k, v in enumerate(values)}) for values in results]
    (then, otherwise), captures = close(regions)
    origin = replace(node.origin, others=node.outputs[1:])
    return If(node.reshape(condition, ()), captures, then, otherwise, origin=origin).results
