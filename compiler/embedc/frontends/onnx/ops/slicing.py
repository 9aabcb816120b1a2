"""Slice: bounds known at compile time are a view; windows that move at run time are a gather."""

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.scalar import binary
from embedc.ir.types import I32, I64
from embedc.ops.elementwise import Map, constant_of
from embedc.ops.layout import Gather, Reshape


@onnx_op("Slice")
def slice_(node: Node) -> Value:
    """Slices of some axes; bounds are clamped."""
    x = node.operand(0)
    if node.opset < 10:
        starts, ends = node.integers("starts"), node.integers("ends")
        axes, steps = node.optional_integers("axes"), None
    else:
        axes, steps = node.optional_ints(3, "axes"), node.optional_ints(4, "steps")
        if constant_of(node.operand(1)) is None:
            extents = _distance(node.operand(1), node.operand(2))
            if extents is not None:
                return _moving(node, x, extents, axes, steps)
        starts, ends = node.constant_ints(1, "starts"), node.constant_ints(2, "ends")
    axes = node.axes(tuple(range(len(starts))) if axes is None else axes, x.type.rank)
    steps = (1,) * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or 0 in steps:
        raise node.fail("starts, ends, axes and steps do not fit together", "same lengths, no step of 0")
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        picked = sliced(x.type.dims[axis], start, end, step)
        x = node.part(x, axis, picked.start if len(picked) else 0, len(picked), step)
    return x


def sliced(extent: int, start: int, end: int, step: int) -> range:
    """The positions that bounds mean. Unlike Python, a start in front of the axis is its first element when stepping back."""
    first, last = (start + extent if start < 0 else start), (end + extent if end < 0 else end)
    low, high = (0, extent) if step > 0 else (-1, extent - 1)
    return range(min(max(first, 0), high), min(max(last, low), high), step)


def _distance(starts: Value, ends: Value) -> tuple[int, ...] | None:
    """`ends` - `starts` where the model adds constants to the one to have the other."""
    low, high = _unshaped(starts), _unshaped(ends)
    op = high.producer
    if not isinstance(op, Map) or len(op.inputs) != 2 or op.body != binary("add", high.type.element):
        return None
    for base, more in (op.inputs, op.inputs[::-1]):
        known = constant_of(more)
        if _unshaped(base) is low and known is not None and high.type.size == low.type.size:
            return tuple(int(n) for n in np.broadcast_to(known.reshape(-1), (low.type.size,)))
    return None


def _unshaped(value: Value) -> Value:
    while isinstance(value.producer, Reshape):
        value = value.producer.x
    return value


def _moving(
    node: Node, x: Value, extents: tuple[int, ...], axes: tuple[int, ...] | None, steps: tuple[int, ...] | None
) -> Value:
    """Slices of known extents that begin at indices known at run time; they are kept inside of the input."""
    axes = node.axes(tuple(range(len(extents))) if axes is None else axes, x.type.rank)
    steps = (1,) * len(extents) if steps is None else steps
    if not len(extents) == len(axes) == len(steps):
        raise node.fail("starts, axes and steps do not fit together", "give them the same length")
    starts = node.reshape(node.map(lambda s: s.cast(I64), node.operand(1)), (len(extents),))
    for number, (axis, extent, step) in enumerate(zip(axes, extents, steps, strict=True)):
        n = x.type.dims[axis]
        if step < 1 or not 1 <= extent <= n:
            raise node.fail(f"takes {extent} of axis {axis} of {x.type} in steps of {step}", "fix its starts")

        def place(start: Expr, offset: Expr, n: int = n, last: int = n - extent) -> Expr:
            return ((start < 0).where(start + n, start).max(0).min(last) + offset).cast(I32)

        first, table = node.part(starts, 0, number, 1), node.array(node.count(extent)[::step])
        x = node.emit(Gather(x, node.map(place, first, table), axis, origin=node.origin))
    return x
