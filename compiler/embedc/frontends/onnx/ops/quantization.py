"""Between floats and quantized integers: real = scale (q - zero point)."""

from dataclasses import replace

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.constants import wanted_element
from embedc.frontends.onnx.registry import MICROSOFT, onnx_op
from embedc.frontends.onnx.taking import repeat
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import F32, I8, I32, U8, Element, TensorType
from embedc.ops.elementwise import Reduction, constant, constant_of
from embedc.ops.quantized import Dequantize, Quantize
from embedc.quantized.quantity import dequantized, quantized


@onnx_op("DequantizeLinear")
@onnx_op("DequantizeLinear", domain=MICROSOFT)
def dequantize(node: Node) -> Value:
    """(q - zero point) scale: one for all, for each index of an axis, or for blocks along it."""
    scale, zero = node.operand(1), node.optional(2)
    check_integers(node, node.operand(0).type.element)
    q, zero = _in_bytes(node, node.operand(0)), zero and _in_bytes(node, zero)
    element = wanted_element(node, "output_dtype", scale.type.element)
    scale, zero = _parameters(node, q, scale, zero)
    if q.type.element in (U8, I8, I32) and element == scale.type.element == F32 and q.type.rank:
        zero = node.array(np.zeros((), q.type.element.dtype)) if zero is None else zero
        return node.emit(Dequantize(q, scale, zero, origin=node.origin))
    if zero is None:
        return node.map(lambda q, s: (q.cast(s.element) * s).cast(element), q, scale)
    return node.map(lambda q, s, z: dequantized(q, s, z).cast(element), q, scale, zero)


@onnx_op("QuantizeLinear")
@onnx_op("QuantizeLinear", domain=MICROSOFT)
def quantize(node: Node) -> Value:
    """round-half-even(x / scale) + zero point, clamped to the type; scales and zero points as in DequantizeLinear."""
    x, scale, zero = node.operand(0), node.operand(1), node.optional(2)
    node.ignore("saturate")  # says something about floats of 8 bits only
    element = wanted_element(node, "output_dtype", zero.type.element if zero else U8)
    if zero is not None and zero.type.element != element:
        raise node.fail(f"output_dtype {element} and a zero point {zero.type}", "they must be the same type")
    check_integers(node, element)
    precision = wanted_element(node, "precision", scale.type.element)
    if not precision.is_float:
        raise node.fail(f"divides in {precision}", "scales and 'precision' must be of a float type")
    scale, zero = _parameters(node, x, scale, zero)
    if element in (U8, I8) and x.type.element == precision == scale.type.element == F32:
        zero = node.array(np.zeros((), element.dtype)) if zero is None else zero
        return node.emit(Quantize(x, scale, zero, origin=node.origin))
    quotient = node.map(lambda x, s: _divided(x, s, precision), x, scale)
    if zero is None:
        return node.map(lambda r: quantized(r, r.const(0).cast(I32), element), quotient)
    return node.map(lambda r, z: quantized(r, z.cast(I32), element), quotient, zero)


@onnx_op("DynamicQuantizeLinear")
def dynamic_quantize(node: Node) -> list[Value]:
    """U8 over the range of the data, which includes 0: (y, scale, zero point). A tensor of zeros has scale 1."""
    x = node.real_operand(0)
    step, axes = node.between(), range(x.type.rank)
    high, low = (step.reshape(step.reduce(x, kind, axes), ()) for kind in (Reduction.MAX, Reduction.MIN))
    scale = node.output(1).map(_range_scale, high, low)
    zero = node.output(2).map(
        lambda low, s: quantized((-low.min(0.0) / s).round(), low.const(0).cast(I32), U8), low, scale
    )
    y = node.output(0).map(lambda x, s, z: quantized((x / s).round(), z.cast(I32), U8), x, scale, zero)
    return [y, scale, zero]


def _range_scale(high: Expr, low: Expr) -> Expr:
    scale = (high.max(0.0) - low.min(0.0)) / 255.0
    return scale.equals(0.0).where(scale.const(1.0), scale)


def check_integers(node: Node, element: Element) -> None:
    """A fault for what is not made of integers."""
    if not element.is_integer:
        raise node.fail(f"computes with elements of {element}", "quantized tensors are of integers")


def _in_bytes(node: Node, value: Value) -> Value:
    """Integers of 2 and 4 bits as those of 8 that they are stored as."""
    wide = replace(value.type.element, bits=8 * value.type.element.bytes)
    data = constant_of(value)
    if wide == value.type.element:
        return value
    if data is not None:
        return constant(data, value.origin, TensorType(wide, value.type.shape))
    return node.between().map(lambda q: q.cast(wide), value)


def _divided(x: Expr, scale: Expr, precision: Element) -> Expr:
    computed = precision.computed
    quotient = x.cast(computed) / scale.cast(computed)
    return (quotient.cast(precision).cast(computed) if precision.is_stored else quotient).round()


def _parameters(node: Node, q: Value, scale: Value, zero: Value | None) -> tuple[Value, Value | None]:
    """Scale and zero point as they broadcast with q."""
    axis, block = node.integer("axis", 1), node.integer("block_size", 0)
    if zero is not None and zero.type.dims != scale.type.dims and zero.type.size * scale.type.size != 1:
        raise node.fail(
            f"scales {scale.type} and zero points {zero.type}", "they must have one shape; re-export the model"
        )
    if scale.type.size == 1 and not block:
        return node.reshape(scale, ()), zero and node.reshape(zero, ())
    axis = node.axis(axis, q.type.rank)
    return _spread(node, q, scale, axis, block), zero and _spread(node, q, zero, axis, block)


def _spread(node: Node, q: Value, numbers: Value, axis: int, block: int) -> Value:
    """Scales or zero points shaped to broadcast with q."""
    if numbers.type.rank == 1 and not block:
        if numbers.type.dims[0] != q.type.dims[axis]:
            raise node.fail(f"{numbers.type} for axis {axis} of {q.type}", "one number for each index of the axis")
        return node.reshape(numbers, [n if a == axis else 1 for a, n in enumerate(q.type.dims)])
    blocks = -(-q.type.dims[axis] // block) if block > 0 else 0
    if numbers.type.dims != (*q.type.dims[:axis], blocks, *q.type.dims[axis + 1 :]):
        raise node.fail(f"{numbers.type} for blocks of {block} along axis {axis} of {q.type}", "re-export the model")
    repeated = repeat(node, numbers, [block if a == axis else 1 for a in range(q.type.rank)])
    return node.part(repeated, axis, 0, q.type.dims[axis])
