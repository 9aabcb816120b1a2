"""views: chains of reshape and index become one operator in a normal form.

Normal forms: what only inserts or drops axes of extent 1 is an index, since that is a view in any layout. In an index, result axes of
extent 1 take, in order, the source axes that no longer axis reads, so that moving axes of extent 1 is no transpose.
"""

from collections.abc import Sequence

from embedc.ir.graph import Origin, Value
from embedc.ops.base import Op
from embedc.ops.elementwise import Const, Map, broadcast
from embedc.ops.layout import Index, Reshape
from embedc.passes.base import Pass
from embedc.passes.uses import Uses


class Views(Pass, name="views"):
    """Composes views and removes those that change nothing."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        del uses
        match op:
            case Reshape() | Index():
                return composed(op)
            case Map():
                return _unexpanded(op)
            case _:
                return None


def composed(op: Reshape | Index) -> Value | None:
    """A view and the one that it reads as one, in the normal form; None where that is `op` itself."""
    return _reshape(op) if isinstance(op, Reshape) else _index(op)


def permutation(value: Value) -> tuple[Value, tuple[int, ...]] | None:
    """(x, order) if `value` is x with its axes in that order and nothing else."""
    op = value.producer
    if not isinstance(op, Index) or sorted(op.source) != list(range(op.x.type.rank)) or any(op.start):
        return None
    whole = all(
        op.x.type.dims[o] == n and (s == 1 or n == 1) for n, o, s in zip(op.shape, op.source, op.step, strict=True)
    )
    return (op.x, op.source) if whole else None


def is_unit_view(op: Op | None) -> bool:
    """True for an index or reshape that only inserts and drops axes of extent 1."""
    if isinstance(op, Reshape):
        return _long(op.x.type.dims) == _long(op.shape)
    if not isinstance(op, Index) or any(op.start):
        return False
    axes = [(o, s) for n, o, s in zip(op.shape, op.source, op.step, strict=True) if n > 1]
    read = [a for a, n in enumerate(op.x.type.dims) if n > 1]
    return [o for o, _ in axes] == read and all(s == 1 for _, s in axes) and _long(op.x.type.dims) == _long(op.shape)


def _long(shape: Sequence[int]) -> list[int]:
    return [n for n in shape if n != 1]


def _reshape(op: Reshape) -> Value | None:
    inner = op.x.producer
    if op.shape == op.x.type.dims:
        return op.x
    if isinstance(inner, Reshape) or (isinstance(inner, Index) and is_unit_view(inner)):
        return Reshape(inner.x, op.shape, origin=op.origin).result
    if is_unit_view(op) and 0 not in op.shape:
        return unit_view(op.x, op.shape, op.origin)
    return None


def unit_view(x: Value, shape: Sequence[int], origin: Origin) -> Value:
    """`x` with axes of extent 1 inserted or dropped."""
    read = iter(a for a, n in enumerate(x.type.dims) if n > 1)
    source = tuple(next(read) if n > 1 else -1 for n in shape)
    return normal(x, tuple(shape), source, (0,) * x.type.rank, (1,) * len(source), origin)


def _index(op: Index) -> Value | None:
    inner = op.x.producer
    if isinstance(inner, Index):
        return _composed(op, inner)
    if isinstance(inner, Reshape) and is_unit_view(op):
        return Reshape(inner.x, op.shape, origin=op.origin).result
    if 0 in op.shape:
        return None
    better = normal(op.x, op.shape, op.source, op.start, op.step, op.origin)
    same = (
        isinstance(better.producer, Index) and better.producer.x is op.x and better.producer.attributes == op.attributes
    )
    return None if same else better


def _composed(outer: Index, inner: Index) -> Value:
    start = list(inner.start)
    for axis, offset in enumerate(outer.start):
        if inner.source[axis] >= 0:
            start[inner.source[axis]] += inner.step[axis] * offset
    source = tuple(inner.source[o] if o >= 0 else -1 for o in outer.source)
    step = tuple(s * inner.step[o] if o >= 0 else 1 for o, s in zip(outer.source, outer.step, strict=True))
    return normal(inner.x, outer.shape, source, tuple(start), step, outer.origin)


def normal(
    x: Value, shape: tuple[int, ...], source: Sequence[int], start: tuple[int, ...], step: Sequence[int], origin: Origin
) -> Value:
    """The index in its normal form, `x` itself if it changes nothing."""
    moves = [n > 1 and o >= 0 and s != 0 for n, o, s in zip(shape, source, step, strict=True)]
    taken = {o for o, m in zip(source, moves, strict=True) if m}
    free = iter(a for a in range(x.type.rank) if a not in taken)
    sources = tuple(
        o if m else (next(free, -1) if n == 1 else -1) for n, o, m in zip(shape, source, moves, strict=True)
    )
    steps = tuple(s if m else 1 for s, m in zip(step, moves, strict=True))
    op = Index(x, shape, sources, start, steps, origin=origin)
    return x if op.is_identity else op.result


def _unexpanded(op: Map) -> Value | None:
    """A map broadcasts by itself what an index repeats along axes or puts behind new axes."""
    changes: dict[Value, Value] = {}
    for value in op.inputs:
        inner = value.producer
        if not isinstance(inner, Index) or isinstance(inner.x.producer, Const):
            continue
        shape = tuple(1 if o < 0 else n for n, o in zip(inner.shape, inner.source, strict=True))
        lead = next((a for a, o in enumerate(inner.source) if o >= 0), len(shape))
        if shape != inner.shape or lead:
            origin = inner.origin.without_tensor()
            changes[value] = normal(inner.x, shape[lead:], inner.source[lead:], inner.start, inner.step[lead:], origin)
    if not changes:
        return None
    shapes = [changes.get(v, v).type.shape for v in op.inputs]
    return op.with_operands(changes).result if broadcast(shapes) == op.result.type.shape else None
