"""Poolings: windows over the spatial axes, and reductions of them all."""

from collections.abc import Sequence

from embedc.frontends.onnx.geometry import Sliding, sliding
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.unpooling import max_positions
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import BOOL
from embedc.ops.elementwise import Reduction
from embedc.ops.layout import Pad
from embedc.ops.window import Pads, Window, WindowKind


@onnx_op("MaxPool")
def max_pool(node: Node) -> list[Value]:
    """Maximum of each window, and where in the input it lies."""
    column_major = node.flag("storage_order")
    window, x = sliding_window(node)
    peak = windowed(node, x, WindowKind.MAX, window)
    if not any(node.outputs[1:]):
        return [peak]
    return [peak, max_positions(node.output(1), x, peak, window, column_major)]


@onnx_op("AveragePool")
def average_pool(node: Node) -> Value:
    """Average of each window; what ceil_mode adds at the end is never counted, pads are with count_include_pad."""
    count_pad = node.flag("count_include_pad")
    window, x = sliding_window(node)
    if not count_pad or window.pads == window.declared:
        return windowed(node, x, WindowKind.AVERAGE, window, count_pad)
    inner = tuple((min(p, d), min(q, e)) for (p, q), (d, e) in zip(window.pads, window.declared, strict=True))
    rest = tuple((p - i, q - j) for (p, q), (i, j) in zip(window.pads, inner, strict=True))
    padded = node.emit(Pad(x, *_ends(inner, x.type.rank), 0.0, origin=node.origin))
    return windowed(
        node, padded, WindowKind.AVERAGE, Sliding(window.kernel, window.strides, rest, window.dilations, rest)
    )


@onnx_op("LpPool")
def lp_pool(node: Node) -> Value:
    """The p-norm of each window."""
    p = _norm(node)
    window, x = sliding_window(node)
    powers = node.map(lambda x: _power(x, p), x)
    return node.map(lambda s: _root(s, p), windowed(node, powers, WindowKind.SUM, window))


@onnx_op("GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool")
def global_pool(node: Node) -> Value:
    """One window over all spatial axes."""
    x = node.operand(0)
    if x.type.rank < 3:
        raise node.fail(f"input {x.type} has no spatial axes", "it must be [N, C, spatial…]")
    axes = range(2, x.type.rank)
    if node.op_type == "GlobalMaxPool":
        return node.reduce(x, Reduction.MAX, axes)
    if node.op_type == "GlobalAveragePool":
        return mean(node, x, axes)
    p = _norm(node)
    total = node.reduce(node.map(lambda x: _power(x, p), x), Reduction.ADD, axes)
    return node.map(lambda s: _root(s, p), total)


def mean(node: Node, x: Value, axes: Sequence[int]) -> Value:
    """The average along `axes`, which stay with extent 1."""
    count = 1
    for axis in axes:
        count *= x.type.dims[axis]
    total = node.reduce(x, Reduction.ADD, axes)
    return total if count == 1 else node.map(lambda s: s / count, total)


def _norm(node: Node) -> float:
    p = node.real("p", 2.0) if node.opset < 2 else node.integer("p", 2)
    if p < 1:
        raise node.fail(f"p is {p}", "it must be 1 or more")
    return p


def _power(x: Expr, p: float) -> Expr:
    return {1.0: x.abs(), 2.0: x * x}.get(p) or x.abs().call("pow", float(p))


def _root(x: Expr, p: float) -> Expr:
    return {1.0: x, 2.0: x.sqrt()}.get(p) or x.call("pow", 1.0 / p)


def sliding_window(node: Node) -> tuple[Sliding, Value]:
    """The window that a pooling's attributes describe, and what it slides over."""
    x = node.operand(0)
    if x.type.rank < 3 or x.type.element == BOOL:
        raise node.fail(f"input is {x.type}", "it must be [N, C, spatial…] of numbers")
    return sliding(node, x.type.dims[2:], node.integers("kernel_shape"), node.flag("ceil_mode")), x


def _ends(pads: Pads, rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Pads of the last axes as amounts before and after every axis."""
    lead = (0,) * (rank - len(pads))
    return (*lead, *(low for low, _ in pads)), (*lead, *(high for _, high in pads))


def windowed(node: Node, x: Value, kind: WindowKind, window: Sliding, count_pad: bool = False) -> Value:
    """One number for each position of the window."""
    ones = (1,) * (x.type.rank - len(window.kernel))
    op = Window(
        x,
        kind,
        (*ones, *window.kernel),
        (*ones, *window.strides),
        (*((0, 0) for _ in ones), *window.pads),
        (*ones, *window.dilations),
        count_pad,
        origin=node.origin,
    )
    return node.emit(op)
