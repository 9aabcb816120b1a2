"""Pad in all its modes."""

import numpy as np

from embedc.frontends.onnx.folding import MAX_COMPUTED
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.taking import take
from embedc.ir.graph import Value
from embedc.ops.elementwise import constant_of
from embedc.ops.layout import Concat, Pad

MOST_EXACT = 2**53
"""Up to here integers are floats too."""


@onnx_op("Pad")
def pad(node: Node) -> Value:
    """Elements in front of and behind each axis: a constant, or the input's own; negative amounts crop."""
    x = node.operand(0)
    mode = node.choice("mode", "constant", "reflect", "edge", "wrap")
    before, after = _amounts(node, x)
    if not any(before) and not any(after):
        return x
    if mode == "constant":
        return _constant(node, x, before, after)
    if node.optional(2) is not None:
        _fill_value(node, x)  # checked, and not needed
    for axis, (low, high) in enumerate(zip(before, after, strict=True)):
        if low or high:
            x = _extended(node, x, axis, low, high, mode)
    return x


def _amounts(node: Node, x: Value) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What goes in front of and behind every axis."""
    if node.opset < 11:
        amounts = node.integers("pads" if node.opset > 1 else "paddings")
    else:
        amounts = node.constant_ints(1, "pads")
    axes = node.optional_ints(3, "axes")
    axes = node.axes(range(x.type.rank) if axes is None else axes, x.type.rank)
    if len(amounts) != 2 * len(axes):
        raise node.fail(f"pads {list(amounts)} for {len(axes)} axes", f"give {2 * len(axes)} pads")
    before, after = dict(zip(axes, amounts, strict=False)), dict(zip(axes, amounts[len(axes) :], strict=True))
    return tuple(before.get(a, 0) for a in range(x.type.rank)), tuple(after.get(a, 0) for a in range(x.type.rank))


def _constant(node: Node, x: Value, before: tuple[int, ...], after: tuple[int, ...]) -> Value:
    """A border of one number, which may be computed while the model runs."""
    if node.opset < 11:
        return node.emit(Pad(x, before, after, node.real("value", 0.0), origin=node.origin))
    if node.optional(2) is None:
        return node.emit(Pad(x, before, after, 0.0, origin=node.origin))
    value = _fill_value(node, x)
    known = constant_of(value)
    if known is not None and (known.dtype.kind == "f" or abs(int(known)) <= MOST_EXACT):
        return node.emit(Pad(x, before, after, float(known), origin=node.origin))
    for axis, (low, high) in enumerate(zip(before, after, strict=True)):
        if low < 0 or high < 0:
            start, end = max(-low, 0), x.type.dims[axis] - max(-high, 0)
            x = node.part(x, axis, start, end - start)
        shape = x.type.dims
        sides = [node.expand(value, (*shape[:axis], n, *shape[axis + 1 :])) for n in (low, high) if n > 0]
        parts = (*sides[: int(low > 0)], x, *sides[int(low > 0) :])
        x = node.emit(Concat(parts, axis, origin=node.origin)) if sides else x
    return x


def _fill_value(node: Node, x: Value) -> Value:
    """The operand constant_value as a scalar."""
    value = node.operand(2)
    if value.type.size != 1 or value.type.element != x.type.element:
        raise node.fail(f"constant_value is {value.type}", f"give one {x.type.element}")
    return node.reshape(value, ())


def _extended(node: Node, x: Value, axis: int, low: int, high: int, mode: str) -> Value:
    """One axis continued by its own elements."""
    extent = x.type.dims[axis]
    if extent + low + high > MAX_COMPUTED:
        raise node.fail(f"pads axis {axis} by {low} and {high}", f"at most {MAX_COMPUTED} elements along one axis")
    cropped = np.arange(extent)[max(-low, 0) : extent - max(-high, 0)]
    if len(cropped) == 0:
        raise node.fail(f"pads crop axis {axis} of {x.type} to nothing", "re-export the model")
    widths = (max(low, 0), max(high, 0))
    if mode == "edge":
        return take(node, x, axis, np.pad(cropped, widths, "edge"))
    return take(node, x, axis, np.pad(cropped, widths, "wrap" if mode == "wrap" else "reflect"))
