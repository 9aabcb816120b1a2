"""Normalizations and softmax: maps and reductions that fuse later."""

from collections.abc import Callable, Sequence

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.pool import mean
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ops.elementwise import Reduction
from embedc.ops.window import Window, WindowKind


@onnx_op("BatchNormalization")
def batch_normalization(node: Node) -> list[Value]:
    """X a + b with a = scale / sqrt(variance + epsilon) and b = bias - mean a for each channel; training by its own batch."""
    momentum, epsilon = node.real("momentum", 0.9), node.real("epsilon", 1e-5)
    training = node.flag("training_mode")
    if node.opset < 7 and not node.flag("is_test"):
        raise node.fail("is_test is 0: it would normalize by its own batch", "export the model in inference mode")
    if not node.flag("spatial", True):
        raise node.fail("spatial is 0", "re-export the model with a newer opset")
    x = node.operand(0)
    scale, bias, average, variance = (_column(node, x, node.operand(i)) for i in range(1, 5))
    running = (average, variance)
    if training:
        axes = [a for a in range(x.type.rank) if a != 1]
        batch = mean(node, x, axes)
        spread = mean(node, node.map(lambda x, m: (x - m) * (x - m), x, batch), axes)
        average, variance = (node.reshape(v, r.type.dims) for v, r in zip((batch, spread), running, strict=True))
    factor = node.map(lambda s, v: s / (v + epsilon).sqrt(), scale, variance)
    offset = node.map(lambda b, m, f: b - m * f, bias, average, factor)
    y = node.map(lambda x, f, o: x * f + o, x, factor, offset)
    if not training:
        return [y]
    return [y, *(_blended(node.output(1 + i), running[i], (average, variance)[i], momentum) for i in range(2))]


def _blended(node: Node, old: Value, new: Value, momentum: float) -> Value:
    """What a running statistic becomes, one number for each channel."""
    moved = node.map(lambda a, b: a * momentum + b * (1.0 - momentum), old, new)
    return node.reshape(moved, (moved.type.size,))


def _column(node: Node, x: Value, vector: Value) -> Value:
    """One number for each channel of `x`, shaped to broadcast."""
    channels = x.type.dims[1] if x.type.rank > 1 else 1
    if vector.type.dims != (channels,):
        raise node.fail(f"an operand is {vector.type}, expected {channels} numbers", "re-export the model")
    return node.reshape(vector, (channels, *(1 for _ in x.type.dims[2:])))


@onnx_op("InstanceNormalization")
def instance_normalization(node: Node) -> Value:
    """Each channel of each sample to mean 0 and variance 1, then scaled and moved."""
    x = node.operand(0)
    scale, bias = (_column(node, x, node.operand(i)) for i in (1, 2))
    centered, factor = standardized(node, x, range(2, x.type.rank), node.real("epsilon", 1e-5))
    factor = node.map(lambda f, s: f * s, factor, scale)
    return node.map(lambda c, f, b: c * f + b, centered, factor, bias)


def standardized(node: Node, x: Value, axes: Sequence[int], epsilon: float) -> tuple[Value, Value]:
    """X minus its mean along `axes`, and 1 / its standard deviation."""
    centered = node.map(lambda x, m: x - m, x, mean(node, x, axes))
    variance = mean(node, node.map(lambda c: c * c, centered), axes)
    return centered, node.map(lambda v: 1.0 / (v + epsilon).sqrt(), variance)


@onnx_op("Softmax", "LogSoftmax")
def softmax(node: Node) -> Value:
    """exp(x - max) / sum: along one axis since opset 13, over all axes from `axis` on before."""
    x = node.operand(0)
    modern = node.opset >= 13
    axes = softmax_axes(node, x, node.integer("axis", -1 if modern else 1), modern)
    shifted = node.map(lambda x, m: x - m, x, node.reduce(x, Reduction.MAX, axes))
    powers = node.map(Expr.exp, shifted)
    total = node.reduce(powers, Reduction.ADD, axes)
    if node.op_type == "Softmax":
        return node.map(lambda p, s: p / s, powers, total)
    return node.map(lambda x, s: x - s.log(), shifted, total)


def softmax_axes(node: Node, x: Value, axis: int, modern: bool) -> Sequence[int]:
    """The axes that sum to one: `axis` alone, or all from it on."""
    if not modern and axis == x.type.rank:
        return ()
    axis = node.axis(axis, x.type.rank)
    return (axis,) if modern else range(axis, x.type.rank)


def _moved(node: Node, value: Value, weight: Value | None, bias: Value | None, factor: Value) -> Value:
    """Value * factor * weight + bias."""
    scaled = node.map(lambda v, f: v * f, value, factor)
    if weight is not None:
        scaled = node.map(lambda v, w: v * w, scaled, weight)
    return scaled if bias is None else node.map(lambda v, b: v + b, scaled, bias)


@onnx_op("LayerNormalization")
def layer_normalization(node: Node) -> list[Value]:
    """The axes from `axis` on to mean 0 and variance 1, then scaled and moved; also the mean and 1 / deviation."""
    node.ignore("stash_type")
    x = node.operand(0)
    axes = range(node.axis(node.integer("axis", -1), x.type.rank), x.type.rank)
    epsilon = node.real("epsilon", 1e-5)
    centered, factor = standardized(node, x, axes, epsilon)
    y = _moved(node, centered, node.optional(1), node.optional(2), factor)
    return [y, mean(node.output(1), x, axes), factor]


@onnx_op("RMSNormalization")
def rms_normalization(node: Node) -> Value:
    """Divided by the root of the mean square along the axes from `axis` on, then scaled."""
    node.ignore("stash_type")
    x = node.operand(0)
    axes = range(node.axis(node.integer("axis", -1), x.type.rank), x.type.rank)
    epsilon = node.real("epsilon", 1e-5)
    power = mean(node, node.map(lambda x: x * x, x), axes)
    factor = node.map(lambda p: 1.0 / (p + epsilon).sqrt(), power)
    return _moved(node, x, node.operand(1), None, factor)


@onnx_op("GroupNormalization")
def group_normalization(node: Node) -> Value:
    """Groups of channels to mean 0 and variance 1, then scaled and moved for each group (opset 18) or channel (21)."""
    node.ignore("stash_type")
    x, groups = node.operand(0), node.integer("num_groups")
    if x.type.rank < 2 or groups < 1 or x.type.dims[1] % groups:
        raise node.fail(f"{x.type} does not divide into {groups} groups", "the input must be [N, C, …]")
    batch, channels, *spatial = x.type.dims
    shape = (batch, groups, channels // groups, *spatial)
    columns = (groups, 1 if node.opset < 21 else channels // groups, *(1 for _ in spatial))
    scale, bias = (node.reshape(node.operand(i), columns) for i in (1, 2))
    centered, factor = standardized(node, node.reshape(x, shape), range(2, len(shape)), node.real("epsilon", 1e-5))
    return node.reshape(_moved(node, centered, scale, bias, factor), x.type.dims)


@onnx_op("MeanVarianceNormalization")
def mean_variance_normalization(node: Node) -> Value:
    """(x - mean) / (deviation + 1e-9)."""
    x = node.operand(0)
    axes = node.axes(node.integers("axes", (0, 2, 3)), x.type.rank)
    centered = node.map(lambda x, m: x - m, x, mean(node, x, axes))
    variance = mean(node, node.map(lambda c: c * c, centered), axes)
    return node.map(lambda c, v: c / (v.sqrt() + 1e-9), centered, variance)


@onnx_op("LpNormalization")
def lp_normalization(node: Node) -> Value:
    """Divided by the p-norm along an axis; zero where that is zero."""
    x = node.operand(0)
    axis, p = node.axis(node.integer("axis", -1), x.type.rank), node.integer("p", 2)
    if p not in (1, 2):
        raise node.fail(f"p is {p}", "embedc knows p = 1 and p = 2")
    terms = node.map(lambda x: x.abs() if p == 1 else x * x, x)
    total = node.reduce(terms, Reduction.ADD, (axis,))
    norm = total if p == 1 else node.map(Expr.sqrt, total)
    return node.map(lambda x, n: n.equals(0.0).where(n, x / n), x, norm)


@onnx_op("LRN")
def local_response_normalization(node: Node) -> Value:
    """X / (bias + alpha / size * sum of squares over neighbouring channels) ^ beta."""
    x, size = node.operand(0), node.integer("size")
    alpha, beta, bias = node.real("alpha", float(np.float32(1e-4))), node.real("beta", 0.75), node.real("bias", 1.0)
    if x.type.rank < 2 or size < 1:
        raise node.fail(f"size {size} for {x.type}", "the input must be [N, C, …] and size positive")
    ones = [1] * x.type.rank
    kernel, pads = list(ones), [(0, 0)] * x.type.rank
    kernel[1], pads[1] = size, ((size - 1) // 2, size // 2)
    squares = node.map(lambda x: x * x, x)
    window = Window(
        squares, WindowKind.SUM, tuple(kernel), tuple(ones), tuple(pads), tuple(ones), False, origin=node.origin
    )
    return node.map(lambda x, s: x / _raised(s * (alpha / size) + bias, beta), x, node.emit(window))


_ROOTS: dict[float, Callable[[Expr], Expr]] = {
    0.5: Expr.sqrt,
    0.75: lambda x: x.sqrt() * x.sqrt().sqrt(),
    1.0: lambda x: x,
}


def _raised(x: Expr, exponent: float) -> Expr:
    """X ^ exponent, by roots where that is possible."""
    return _ROOTS[exponent](x) if exponent in _ROOTS else x.call("pow", exponent)
