"""sink-views: transposes and reshapes move behind maps, transposes also behind pads, concats, reductions and windows.

    transpose -> relu -> transpose back     becomes   relu
    conv -> reshape -> sigmoid              becomes   conv -> sigmoid -> reshape

There they meet their inverses, and maps meet the kernels that take them as epilogue. Nothing moves views up again, so this ends. A map's
operands of full size must all be views of one kind; the others are constants or small.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from embedc.ir.graph import Origin, Value
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, Reduce, constant_of
from embedc.ops.layout import Concat, Index, Pad, Reshape, transpose
from embedc.ops.window import Window
from embedc.passes.base import Pass
from embedc.passes.uses import Uses
from embedc.passes.views import composed, is_unit_view, permutation, unit_view

Order = tuple[int, ...]
T = TypeVar("T")


class SinkViews(Pass, name="sink-views"):
    """Moves transposes and reshapes towards the outputs."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        del uses
        match op:
            case Map():
                return _transposed_map(op) or _reshaped_map(op)
            case Concat():
                return _concat(op)
            case Pad() | Reduce() | Window():
                found = permutation(op.x)
                return None if found is None else _unary(op, *found)
            case Reshape() | Index():  # so that a chain of views and maps is done in one sweep
                return composed(op)
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


def _full(op: Map) -> list[Value]:
    """Operands of the result's shape that are not constant."""
    return [v for v in op.inputs if v.type.dims == op.result.type.dims and constant_of(v) is None]


def _transposed_map(op: Map) -> Value | None:
    full = _full(op)
    orders = {found[1] if (found := permutation(v)) else None for v in full}
    order = orders.pop() if len(orders) == 1 else None
    if order is None:
        return None
    inputs = tuple(_before(v, order, v in full, op) for v in op.inputs)
    moved = Map(inputs, op.body, origin=op.origin.without_tensor()).result
    return transpose(moved, order, op.origin)


def _reshaped_map(op: Map) -> Value | None:
    target = op.result.type.dims
    sources = {v: _reshaped(v) for v in _full(op)}
    shapes = {x.type.dims if x else None for x in sources.values()}
    source = shapes.pop() if len(shapes) == 1 else None
    if source is None:
        return None
    inputs: list[Value] = []
    for value in op.inputs:
        before = sources.get(value) or _small_before(value, source, target, op.origin.without_tensor())
        if before is None:
            return None
        inputs.append(before)
    moved = Map(tuple(inputs), op.body, origin=op.origin.without_tensor()).result
    return Reshape(moved, target, origin=op.origin).result if moved.type.dims == source else None


def _reshaped(value: Value) -> Value | None:
    """X if `value` is a reshape of x or x with axes of extent 1 inserted or dropped."""
    op = value.producer
    return op.x if isinstance(op, Reshape) or (isinstance(op, Index) and is_unit_view(op)) else None


def _small_before(value: Value, source: Sequence[int], target: Sequence[int], origin: Origin) -> Value | None:
    """A broadcast operand as it was before the reshape, if it varies only along axes that the reshape keeps."""
    if value.type.dims == target:
        return Reshape(value, tuple(source), origin=origin).result
    kept = _kept_axes(source, target)
    lead = len(target) - value.type.rank
    shape = [1] * len(source)
    for axis, n in enumerate(value.type.dims):
        if n != 1:
            if axis + lead not in kept:
                return None
            shape[kept[axis + lead]] = n
    return unit_view(value, shape, origin)


def _kept_axes(source: Sequence[int], target: Sequence[int]) -> dict[int, int]:
    """Target axis -> the source axis that it is."""
    places = {(math.prod(source[:a]), n): a for a, n in enumerate(source) if n != 1}
    found = {a: places.get((math.prod(target[:a]), n)) for a, n in enumerate(target) if n != 1}
    return {a: place for a, place in found.items() if place is not None}


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
