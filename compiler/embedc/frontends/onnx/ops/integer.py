"""Convolutions and products of quantized integers, in integers throughout."""

import math
from collections.abc import Callable
from functools import reduce

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.linear import biased, convolution, product
from embedc.frontends.onnx.ops.quantization import check_integers
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import I8, I32, I64, U8, Array
from embedc.ops.elementwise import constant_of
from embedc.quantized.quantity import quantized
from embedc.quantized.scales import multiplier, narrowest


@onnx_op("ConvInteger")
def conv_integer(node: Node) -> Value:
    """Convolution of (x - zero point) with (w - zero point) in i32; padding holds the zero point."""
    return _centred_convolution(node, (node.operand(0), node.optional(2)), (node.operand(1), node.optional(3)))


@onnx_op("MatMulInteger")
def matmul_integer(node: Node) -> Value:
    """(a - zero point) @ (b - zero point) in i32; a has one zero point or one for each row, b one for each column."""
    return centred_product(node, node.operand(0), node.optional(2), node.operand(1), node.optional(3))


@onnx_op("QLinearConv")
def qlinear_conv(node: Node) -> Value:
    """A convolution of integers with an i32 bias of scale x_scale w_scale, requantized."""
    x, w, bias = node.operand(0), node.operand(3), node.optional(8)
    scales = node.constant(1, "scale"), node.constant(4, "scale").reshape(-1)
    scale, step = multiplier(node, *scales, node.scalar(6, "scale")), node.between()
    total = _whole_convolution(node, (x, node.optional(2)), (w, node.optional(5)), bias)
    total = biased(step, total, bias and as_wide(step, bias, total))
    channels = total.type.dims[1]
    if scale.size not in (1, channels):
        raise node.fail(f"{scale.size} weight scales for {channels} output channels", "re-export the model")
    column = scale.reshape(-1, *(1 for _ in total.type.dims[2:])) if scale.size > 1 else scale.reshape(())
    return requantized(node, total, column, node.operand(7))


@onnx_op("QLinearMatMul")
def qlinear_matmul(node: Node) -> Value:
    """A product of integers, requantized; scales and zero points as in MatMulInteger."""
    a, b = node.operand(0), node.operand(3)
    for scale, matrix, axis in ((node.operand(1), a, -2), (node.operand(4), b, -1)):
        check_count(node, scale, matrix, axis)
    total = whole_product(node, a, node.optional(2), b, node.optional(5))
    scales = _as_rows(node.constant(1, "scale")), node.constant(4, "scale")
    scale = multiplier(node, *scales, node.scalar(6, "scale"))
    return requantized(node, total, scale, node.operand(7))


def centred_product(node: Node, a: Value, a_zero: Value | None, b: Value, b_zero: Value | None) -> Value:
    """(a - zero point) @ (b - zero point) in i32, which wraps around.

    Where zero points of a are computed while the model runs, it is a @ b less as many sums of columns of b.
    """
    step = node.between()
    if a_zero is not None:
        check_count(node, a_zero, a, -2)
        rows = a_zero.type.dims[0] if a_zero.type.rank == 1 and a_zero.type.size > 1 else 0
        a_zero = step.reshape(a_zero, (rows, 1)) if rows else a_zero
    if b_zero is not None:
        check_count(node, b_zero, b, -1)
    a_zero, b_zero = _flat_if_one(step, a_zero), _flat_if_one(step, b_zero)
    rows_known = a_zero is None or constant_of(a_zero) is not None
    narrow = None if rows_known else _narrow(step, (a, None), (b, b_zero))
    if a_zero is None or narrow is None:
        return product(node, *_factors(step, (a, a_zero), (b, b_zero)))
    total, weights = product(step, *narrow), constant_of(narrow[1])
    assert weights is not None
    columns = weights.astype(np.int64).sum(-2 if weights.ndim > 1 else 0, keepdims=weights.ndim > 1 and a.type.rank > 1)
    return node.map(lambda t, z, c: t - z.cast(I32) * c, total, a_zero, step.array(columns.astype(np.int32)))


def whole_product(
    node: Node, a: Value, a_zero: Value | None, b: Value, b_zero: Value | None, bias: Value | None = None
) -> Value:
    """`centred_product` in i32, or in i64 where a sum could be beyond that, with what is added to it counted in."""
    step, inner = node.between(), a.type.dims[-1:]
    if not inner or inner != b.type.dims[-2:][:1]:
        return centred_product(step, a, a_zero, b, b_zero)  # which says so

    def summed(first: int, count: int) -> Value:
        parts = _part(step, a, a.type.rank - 1, first, count), _part(step, b, max(b.type.rank - 2, 0), first, count)
        return centred_product(step, parts[0], a_zero, parts[1], b_zero)

    return _whole(node, (inner[0], 1), ((a, a_zero), (b, b_zero)), bias, summed)


Quantized = tuple[Value, Value | None]
"""Integers and their zero points."""


def _whole_convolution(node: Node, x: Quantized, w: Quantized, bias: Value | None) -> Value:
    """`_centred_convolution` in i32, or in i64 as in `whole_product`."""
    step, groups = node.between(), node.integer("group", 1)
    channels, *kernel = w[0].type.dims[1:] or (0,)

    def summed(first: int, count: int) -> Value:
        if count == channels:
            return _centred_convolution(step, x, w)
        batch, _, *size = x[0].type.dims
        grouped = step.reshape(x[0], (batch, groups, channels, *size))
        taken = step.reshape(_part(step, grouped, 2, first, count), (batch, groups * count, *size))
        return _centred_convolution(step, (taken, x[1]), (_part(step, w[0], 1, first, count), w[1]))

    return _whole(node, (channels, math.prod(kernel)), (x, w), bias, summed)


WIDEST = 2**38
"""Sums from here on are beyond what is requantized (ec_rescale_i64)."""


def _whole(
    node: Node,
    terms: tuple[int, int],
    factors: tuple[Quantized, Quantized],
    bias: Value | None,
    summed: Callable[[int, int], Value],
) -> Value:
    """Sums of so many times so many products, of which `summed` gives those of some of the former.

    They are of i64 where one, with its bias, could be beyond i32: parts for which that cannot be are added.
    """
    extent, inner = terms
    each = max(_reach(*factors[0]) * _reach(*factors[1]) * inner, 1)
    reach = extent * each + (_reach(bias, None) if bias else 0)
    if reach < 2**31:
        return summed(0, extent)
    most = (2**31 - 1) // each
    if not most or reach >= WIDEST:
        (x, _), (w, _) = factors
        raise node.fail(
            f"sums {extent * inner} products of {x.type.element} and {w.type.element}, which could be {reach}",
            f"sums below {WIDEST} are supported, of {2**31} for each input channel of a convolution: split the layer",
        )
    size = -(-extent // -(-extent // most))
    parts = [summed(first, min(size, extent - first)) for first in range(0, extent, size)]
    return node.between().map(_added, *parts)


def _added(*parts: Expr) -> Expr:
    return reduce(lambda a, b: a + b, [part.cast(I64) for part in parts])


def as_wide(step: Node, bias: Value, total: Value) -> Value:
    """A bias of i32 in i64 if it is added to that."""
    wide = total.type.element == I64 and bias.type.element == I32
    return step.map(lambda c: c.cast(I64), bias) if wide else bias


def _part(step: Node, value: Value, axis: int, first: int, count: int) -> Value:
    """Some indices of an axis; constants stay constants."""
    data = constant_of(value)
    if data is None or count == value.type.dims[axis]:
        return step.part(value, axis, first, count)
    return step.array(np.take(data, range(first, first + count), axis))


def _centred_convolution(node: Node, x: Quantized, w: Quantized) -> Value:
    """(x - zero point) slid over by (w - zero point) in i32."""
    step = node.between()
    x, w = (x[0], _number(node, x[1])), (w[0], _along(step, w[1], w[0], 0))
    return convolution(node, *_factors(step, x, w))


def _factors(step: Node, x: Quantized, w: Quantized) -> tuple[Value, Value, int]:
    """What is multiplied, and the zero point that x still has: none where both are centred in i32."""
    return _narrow(step, x, w) or (centred(step, *x), centred(step, *w), 0)


def _narrow(step: Node, x: Quantized, w: Quantized) -> tuple[Value, Value, int] | None:
    """Bytes x, constant weights without their zero point, and the zero point of x, if all that is known."""
    zeros = [None if zero is None else constant_of(zero) for _, zero in (x, w)]
    weights = constant_of(w[0])
    known = weights is not None and all(
        data is not None or zero is None for data, (_, zero) in zip(zeros, (x, w), strict=True)
    )
    if not known or x[0].type.element not in (I8, U8) or w[0].type.element not in (I8, U8):
        return None
    x_zero, w_zero = (np.zeros((), np.int64) if zero is None else zero.astype(np.int64) for zero in zeros)
    if x_zero.size != 1:
        return None
    assert weights is not None
    return x[0], step.array(narrowest(weights - w_zero)), int(x_zero.reshape(-1)[0])


def _reach(q: Value, zero: Value | None) -> int:
    """How far numbers can be from their zero point."""
    (low, high), (least, most) = _ends(q), (_ends(zero) if zero else (0, 0))
    return max(high - least, most - low)


def _ends(q: Value) -> tuple[int, int]:
    """The least and the greatest that a tensor can hold."""
    data = constant_of(q)
    if data is not None and data.size:
        return int(data.min()), int(data.max())
    return q.type.element.limits


def _flat_if_one(node: Node, zero: Value | None) -> Value | None:
    return zero if zero is None or zero.type.size > 1 else node.reshape(zero, ())


def check_count(node: Node, numbers: Value, matrix: Value, axis: int) -> None:
    """One number, one for each row or column, or a tensor with those along `axis` alone."""
    rank = matrix.type.rank
    count = matrix.type.dims[axis] if rank >= -axis else 1
    dims = numbers.type.dims
    alone = len(dims) == rank and all(d in (1, n) for d, n in zip(dims, matrix.type.dims, strict=True))
    if numbers.type.size != 1 and not (dims == (count,) or (alone and dims[axis % rank] in (1, count))):
        raise node.fail(
            f"scales or zero points {numbers.type} for {matrix.type}",
            f"expected one, or {count}, one along axis {axis}",
        )


def centred(node: Node, q: Value, zero: Value | None) -> Value:
    """Q minus its zero point in i32."""
    check_integers(node, q.type.element)
    if zero is None:
        return node.map(lambda q: q.cast(I32), q)
    return node.map(lambda q, z: q.cast(I32) - z.cast(I32), q, zero)


def _number(node: Node, zero: Value | None) -> Value | None:
    if zero is not None and zero.type.size != 1:
        raise node.fail(f"zero point {zero.type} of the input", "it must be one number; re-export the model")
    return zero and node.reshape(zero, ())


def _along(node: Node, zero: Value | None, w: Value, axis: int) -> Value | None:
    """One zero point, or one for each index of an axis of w."""
    if zero is None or zero.type.size == 1:
        return zero and node.reshape(zero, ())
    if zero.type.dims != (w.type.dims[axis],):
        raise node.fail(f"zero points {zero.type} of weights {w.type}", "one, or one for each output channel")
    return node.reshape(zero, [n if a == axis else 1 for a, n in enumerate(w.type.dims)])


def _as_rows(numbers: Array) -> Array:
    return numbers.reshape(-1, 1) if numbers.ndim == 1 and numbers.size > 1 else numbers


def requantized(node: Node, total: Value, scale: Array, zero: Value) -> Value:
    """round-half-even(total scale) + zero point, clamped to the zero point's type."""
    element = zero.type.element
    check_integers(node, element)

    def body(total: Expr, scale: Expr, zero: Expr) -> Expr:
        return quantized(total.rescale(scale), zero.cast(I32), element)

    return node.map(body, total, node.array(scale), node.reshape(zero, ()) if zero.type.size == 1 else zero)
