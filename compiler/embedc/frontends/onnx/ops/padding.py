"""Pad in all its modes."""

import numpy as np

from embedc.frontends.onnx.folding import MAX_COMPUTED
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.taking import take
from embedc.ir.graph import Value
from embedc.ops.layout import Pad


@onnx_op("Pad")
def pad(node: Node) -> Value:
    """Elements in front of and behind each axis: a constant, or the input's own; negative amounts crop."""
    x = node.operand(0)
    mode = node.choice("mode", "constant", "reflect", "edge", "wrap")
    value = _value(node)
    before, after = _amounts(node, x)
    if not any(before) and not any(after):
        return x
    if mode == "constant":
        return node.emit(Pad(x, before, after, value, origin=node.origin))
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


def _value(node: Node) -> float:
    if node.opset < 11:
        return node.real("value", 0.0)
    return 0.0 if node.optional(2) is None else node.scalar(2, "constant_value")


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
