"""com.microsoft's products of bytes: i32 sums that are requantized, or made floats of; and its convolution."""

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.integer import as_wide, check_count, qlinear_conv, requantized, whole_product
from embedc.frontends.onnx.ops.qpool import channels_in_front
from embedc.frontends.onnx.ops.quantization import dynamic_quantize
from embedc.frontends.onnx.registry import MICROSOFT, onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import F32, I32
from embedc.quantized.scales import multiplier


@onnx_op("QLinearConv", domain=MICROSOFT)
def conv(node: Node) -> Value:
    """QLinearConv of ONNX; channels of input and result may come last, weights stay [output, input, kernel…]."""
    return channels_in_front(node, qlinear_conv)


@onnx_op("QGemm", domain=MICROSOFT)
def gemm(node: Node) -> Value:
    """Alpha A B + C with C in i32 of scale alpha a_scale b_scale; floats where y_scale is left out."""
    step = node.between()
    a = _matrix(node, 0, "transA")
    b = _matrix(node, 3, "transB")
    check_count(node, node.operand(4), b, -1)
    bias = node.optional(6)
    total = whole_product(node, a, node.optional(2), b, node.optional(5), bias)
    if bias is not None:
        dims = total.type.dims
        total = step.map(lambda t, c: t + c, total, as_wide(step, bias, total))
        if bias.type.element != I32 or total.type.dims != dims:
            raise node.fail(f"C is {bias.type} for a product i32{list(dims)}", "it must be i32 and broadcast to that")
    alpha = node.real("alpha", 1.0)
    if alpha < 0:
        total = step.map(lambda t: -t, total)
    first, second = node.scalar(1, "scale") * abs(alpha), node.constant(4, "scale")
    if node.optional(7) is None and node.optional(8) is None:
        factor = multiplier(node, np.asarray(first), second, 1.0)
        return node.map(lambda t, s: t.cast(F32) * s, total, step.array(factor))
    if node.optional(7) is None or node.optional(8) is None:
        raise node.fail("has one of y_scale and y_zero_point", "give both for integers, or none for floats")
    scale = multiplier(node, np.asarray(first), second, node.scalar(7, "scale"))
    return requantized(node, total, scale, node.operand(8))


@onnx_op("MatMulIntegerToFloat", domain=MICROSOFT)
def matmul_integer_to_float(node: Node) -> Value:
    """A product of integers times a_scale b_scale, plus a bias, as floats; scales may be computed while the model runs."""
    a, b = node.operand(0), node.operand(1)
    total = whole_product(node, a, node.optional(4), b, node.optional(5))
    return _real(node, total, node.operand(2), b, node.operand(3), node.optional(6))


@onnx_op("DynamicQuantizeMatMul", domain=MICROSOFT)
def dynamic_quantize_matmul(node: Node) -> Value:
    """A as DynamicQuantizeLinear makes bytes of it, times integers B, as in MatMulIntegerToFloat."""
    b = node.operand(1)
    a, scale, zero = dynamic_quantize(node.between())
    total = whole_product(node, a, zero, b, node.optional(3))
    return _real(node, total, scale, b, node.operand(2), node.optional(4))


def _matrix(node: Node, index: int, transposed: str) -> Value:
    x = node.operand(index)
    if x.type.rank != 2:
        raise node.fail(f"input {index} is {x.type}", "it must be a matrix: Flatten it first")
    return node.between().transpose(x, (1, 0)) if node.flag(transposed) else x


def _real(node: Node, total: Value, a_scale: Value, b: Value, b_scale: Value, bias: Value | None) -> Value:
    """Total a_scale b_scale + bias, computed in f32, of the type of b_scale."""
    element, step = b_scale.type.element, node.between()
    if a_scale.type.size != 1 or not (element.is_float and a_scale.type.element.is_float):
        raise node.fail(f"scales {a_scale.type} and {b_scale.type}", "expected floats, and one number for A")
    check_count(node, b_scale, b, -1)
    if bias is not None and bias.type.dims != total.type.dims[-1:]:
        raise node.fail(
            f"bias {bias.type} for a product {total.type}", "one number for each column; re-export the model"
        )
    scale = step.map(lambda a, b: a.cast(F32) * b.cast(F32), step.reshape(a_scale, ()), b_scale)
    scale = step.reshape(scale, ()) if scale.type.size == 1 else scale

    def scaled(t: Expr, s: Expr) -> Expr:
        return t.cast(F32) * s

    if bias is None:
        return node.map(lambda t, s: scaled(t, s).cast(element), total, scale)
    return node.map(lambda t, s, c: (scaled(t, s) + c.cast(F32)).cast(element), total, scale, bias)
