"""sink-transposes: transposes move behind maps, pads, concats, reductions and windows until they meet their inverses.

    transpose -> relu -> transpose back     becomes   relu

Nothing moves them up again, so this ends. A map's operands must all be transposed alike, be constants, or be small.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from embedc.ir.graph import Value
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, Reduce, constant_of
from embedc.ops.layout import Concat, Pad, transpose
from embedc.ops.window import Window
from embedc.passes.base import Pass
from embedc.passes.uses import Uses
from embedc.passes.views import permutation, unit_view

Order = tuple[int, ...]
T = TypeVar("T")


class SinkTransposes(Pass, name="sink-transposes"):
    """Moves transposes towards the outputs."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        del uses
        match op:
            case Map():
                return _map(op)
            case Concat():
                return _concat(op)
            case Pad() | Reduce() | Window():
                found = permutation(op.x)
                return None if found is None else _unary(op, *found)
            case _:
                return None


def _inverse(order: Order) -> Order:
    return tuple(order.index(a) for a in range(len(order)))


def _unary(op: Pad | Reduce | Window, x: Value, order: Order) -> Value:
    """`op` on the axes as they were before the transpose."""
    back = _inverse(order)
    origin = op.origin.without_tensor()
    match op:
        case Pad():
            before, after = _permuted(op.before, back), _permuted(op.after, back)
            moved = replace(op, x=x, before=before, after=after, origin=origin)
        case Reduce():
            moved = replace(op, x=x, axes=tuple(sorted(order[a] for a in op.axes)), origin=origin)
        case Window():
            moved = replace(
                op,
                x=x,
                kernel=_permuted(op.kernel, back),
                strides=_permuted(op.strides, back),
                pads=_permuted(op.pads, back),
                dilations=_permuted(op.dilations, back),
                origin=origin,
            )
    return transpose(moved.result, order, op.origin)


def _permuted(items: Sequence[T], order: Order) -> tuple[T, ...]:
    return tuple(items[a] for a in order)


def _map(op: Map) -> Value | None:
    shape = op.result.type.dims
    full = [v for v in op.inputs if v.type.dims == shape and constant_of(v) is None]
    orders = {found[1] if (found := permutation(v)) else None for v in full}
    order = orders.pop() if len(orders) == 1 else None
    if order is None:
        return None
    inputs = tuple(_before(v, order, v in full, op) for v in op.inputs)
    moved = Map(inputs, op.body, origin=op.origin.without_tensor()).result
    return transpose(moved, order, op.origin)


def _before(value: Value, order: Order, full: bool, op: Op) -> Value:
    """The operand with its axes as they are before the transpose."""
    found = permutation(value)
    if full and found:
        return found[0]
    origin = value.origin.without_tensor() if value.producer is None else op.origin.without_tensor()
    padded = unit_view(value, (1,) * (len(order) - value.type.rank) + value.type.dims, origin)
    return transpose(padded, _inverse(order), origin)


def _concat(op: Concat) -> Value | None:
    orders = {found[1] if (found := permutation(v)) else None for v in op.inputs if constant_of(v) is None}
    order = orders.pop() if len(orders) == 1 else None
    if order is None:
        return None
    inputs = tuple(_before(v, order, constant_of(v) is None, op) for v in op.inputs)
    moved = Concat(inputs, order[op.axis], origin=op.origin.without_tensor()).result
    return transpose(moved, order, op.origin)
