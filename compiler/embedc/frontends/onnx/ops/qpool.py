"""com.microsoft's poolings of bytes; averages are an i32 sum of each window, rescaled once."""

import math
from collections.abc import Callable
from functools import reduce

import numpy as np

from embedc.frontends.onnx.geometry import Sliding
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.pool import sliding_window, windowed
from embedc.frontends.onnx.quantity import quantities
from embedc.frontends.onnx.registry import MICROSOFT, onnx_op
from embedc.ir.graph import Value
from embedc.ir.types import I8, U8, Array
from embedc.ops.elementwise import Reduction
from embedc.ops.window import WindowKind
from embedc.quantized.quantity import FARTHEST
from embedc.quantized.scales import multiplier


@onnx_op("QLinearAveragePool", domain=MICROSOFT)
def average_pool(node: Node) -> Value:
    """Average of each window, with pads as AveragePool has them; channels may come last."""
    return channels_in_front(node, _average_pool)


@onnx_op("QLinearGlobalAveragePool", domain=MICROSOFT)
def global_average_pool(node: Node) -> Value:
    """Average over all spatial axes; channels may come last."""
    return channels_in_front(node, _global_average_pool)


@onnx_op("NhwcMaxPool", domain=MICROSOFT)
def max_pool(node: Node) -> Value:
    """Maximum of each window; channels come last."""
    if node.operand(0).type.element not in (U8, I8):
        raise node.fail(f"input is {node.operand(0).type}", "it must be of u8 or i8")
    return _moved_to_front(node, _max_pool)


def channels_in_front(node: Node, build: Callable[[Node], Value]) -> Value:
    """What `build` makes of the node whose first operand has its channels in axis 1; the result as the node wants it."""
    return _moved_to_front(node, build) if node.flag("channels_last") else build(node)


def _moved_to_front(node: Node, build: Callable[[Node], Value]) -> Value:
    """`channels_in_front` of an operand whose channels come last."""
    x, step = node.operand(0), node.between()
    rank = x.type.rank
    if rank < 3:
        raise node.fail(f"input {x.type} has no spatial axes", "it must be [N, spatial…, C]")
    moved = step.transpose(x, (0, rank - 1, *range(1, rank - 1)))
    return node.transpose(build(step.over([moved, *node.inputs[1:]])), (0, *range(2, rank), 1))


def _max_pool(node: Node) -> Value:
    window, x = sliding_window(node)
    return windowed(node, x, WindowKind.MAX, window)


def _average_pool(node: Node) -> Value:
    count_pad = node.flag("count_include_pad")
    window, x = sliding_window(node)
    counts = _counts(window, x.type.dims[2:], count_pad)
    return _averaged(node, counts, lambda step, x: windowed(step, x, WindowKind.SUM, window))


def _global_average_pool(node: Node) -> Value:
    x = node.operand(0)
    if x.type.rank < 3:
        raise node.fail(f"input {x.type} has no spatial axes", "it must be [N, C, spatial…]")
    axes = range(2, x.type.rank)
    count = np.asarray(math.prod(x.type.dims[2:]))
    return _averaged(node, count, lambda step, x: step.reduce(x, Reduction.ADD, axes))


def _averaged(node: Node, counts: Array, total: Callable[[Node, Value], Value]) -> Value:
    """Sums of bytes over how many they are, which may vary from place to place."""
    x = node.operand(0)
    own, target = quantities(node, (x, 1, 2), (x, 3, 4))
    most = int(counts.max(initial=1))
    if most * FARTHEST >= 2**31:
        raise node.fail(f"averages {most} bytes", f"an i32 sum holds {(2**31 - 1) // FARTHEST}: pool in two steps")
    step = node.between()
    sums = total(step, step.map(own.centred, x))
    if np.all(counts == most):
        scale = float(multiplier(node, np.asarray(own.scale), np.asarray(1.0 / most), target.scale))
        return node.map(lambda s: target.clamped(s.rescale(scale)), sums)
    scales = multiplier(node, np.asarray(own.scale), 1.0 / counts, target.scale)
    return node.map(lambda s, r: target.clamped(s.rescale(r)), sums, step.array(scales))


def _counts(window: Sliding, size: tuple[int, ...], count_pad: bool) -> Array:
    """How many elements each window averages: those inside the input, or inside the pads that the model declares."""
    axes: list[Array] = []
    for axis, n in enumerate(size):
        reach, (low, high) = window.dilations[axis] * (window.kernel[axis] - 1) + 1, window.pads[axis]
        outputs = max((n + low + high - reach) // window.strides[axis] + 1, 0)
        first = np.arange(outputs)[:, None] * window.strides[axis] - low
        tap = first + np.arange(window.kernel[axis]) * window.dilations[axis]
        before, behind = window.declared[axis] if count_pad else (0, 0)
        axes.append(np.sum((tap >= -before) & (tap < n + behind), 1))
    return np.maximum(reduce(np.multiply.outer, axes), 1)
