"""com.microsoft's elementwise operators on bytes, in integers: each result is rounded once, to the nearest or even.

Two scales that meet in a sum share one grid: sa / sc and sb / sc are rounded to multiples of one power of two, the finest
for which the sum of both terms fits i32 for all bytes. That is 22 bits where they are near 1; the sum is then rounded once.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.integer import multiplier
from embedc.frontends.onnx.quantity import quantities, quantity
from embedc.frontends.onnx.registry import MICROSOFT, onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import I32
from embedc.ops.layout import Concat, Gather
from embedc.quantized.quantity import FARTHEST, Quantity

FINEST = 100  # bits behind the point of which 2^-bits is far from the least f32
SUM_BITS = 24  # one more than a grid has where both terms are equal
FAR = 200  # exp of less rounds to 0 in every table


@onnx_op("QLinearAdd", domain=MICROSOFT)
def add(node: Node) -> Value:
    """A + b with operands and result quantized each by its own scale and zero point."""
    a, b, (qa, qb, qc) = _pair(node)
    first, second, bits = _grid(node, qa, qb, qc)

    def body(a: Expr, b: Expr) -> Expr:
        return qc.clamped((qa.centred(a) * first + qb.centred(b) * second).rescale(2.0**-bits))

    return node.map(body, a, b)


@onnx_op("QLinearMul", domain=MICROSOFT)
def multiply(node: Node) -> Value:
    """A b with operands and result quantized each by its own scale and zero point."""
    a, b, (qa, qb, qc) = _pair(node)
    scale = ratio(node, qa.scale, qb.scale, qc.scale)
    return node.map(lambda a, b: qc.clamped((qa.centred(a) * qb.centred(b)).rescale(scale)), a, b)


@onnx_op("QLinearConcat", domain=MICROSOFT)
def concat(node: Node) -> Value:
    """Operands one behind the other, requantized to one scale and zero point; untouched where they have those."""
    target = quantity(node, 0, 1)
    count = len(node.inputs)
    if count < 5 or count % 3 != 2:
        raise node.fail(f"{count} inputs", "expected scale and zero point, then each operand with its own; re-export")
    step = node.between()
    parts: list[Value] = []
    for place in range(2, count, 3):
        x = node.operand(place)
        own = quantity(node, place + 1, place + 2, x.type.element)
        parts.append(converted(step, x, own, target))
    axis = node.axis(node.integer("axis"), parts[0].type.rank)
    if len(parts) == 1:
        return converted(node, node.operand(2), quantity(node, 3, 4), target)
    return node.emit(Concat(tuple(parts), axis, origin=node.origin))


@onnx_op("QLinearSigmoid", domain=MICROSOFT)
def sigmoid(node: Node) -> Value:
    """1 / (1 + exp(-x)), from a table of all bytes."""
    return _tabled(node, lambda x: 1 / (1 + power(-x)))


@onnx_op("QLinearLeakyRelu", domain=MICROSOFT)
def leaky_relu(node: Node) -> Value:
    """X, or alpha x below zero, from a table of all bytes."""
    alpha = node.real("alpha", 0.01)
    if not np.isfinite(alpha):
        raise node.fail(f"alpha is {alpha}", "it must be finite; re-export the model")
    return _tabled(node, lambda x: x * Fraction(alpha) if x < 0 else x)


def converted(node: Node, x: Value, own: Quantity, target: Quantity) -> Value:
    """Bytes of one quantity as those of another; `x` itself if they are the same."""
    if own == target:
        return x
    scale = ratio(node, own.scale, 1.0, target.scale)
    return node.map(lambda q: target.clamped(own.centred(q).rescale(scale)), x)


def ratio(node: Node, first: float, second: float, divisor: float) -> float:
    """First second / divisor as f32."""
    return float(multiplier(node, np.asarray(first), np.asarray(second), divisor))


def _pair(node: Node) -> tuple[Value, Value, list[Quantity]]:
    a, b = node.operand(0), node.operand(3)
    if a.type.element != b.type.element:
        raise node.fail(f"operands {a.type} and {b.type}", "they must be of one element type; quantize the model again")
    return a, b, quantities(node, (a, 1, 2), (b, 4, 5), (a, 6, 7))


def _grid(node: Node, a: Quantity, b: Quantity, c: Quantity) -> tuple[int, int, int]:
    """The scales of a and b over that of c as multiples of 2^-bits."""
    largest = max(ratio(node, q.scale, 1.0, c.scale) for q in (a, b))
    exact = [Fraction(q.scale) / Fraction(c.scale) for q in (a, b)]
    bits = min(FINEST, SUM_BITS - int(np.frexp(largest)[1]))
    while True:
        first, second = (round(r * Fraction(2) ** bits) for r in exact)
        if FARTHEST * (first + second) < 2**31:
            return first, second, bits
        bits -= 1


def power(x: Fraction) -> Fraction:
    """exp(x) with 28 digits, the same ones on every host; 0 or huge where bytes cannot tell."""
    near = min(max(x, Fraction(-FAR)), Fraction(FAR))
    return Fraction((Decimal(near.numerator) / near.denominator).exp())


def _tabled(node: Node, function: Callable[[Fraction], Fraction]) -> Value:
    """A function of the real number that each byte stands for."""
    x = node.operand(0)
    own, target = quantities(node, (x, 1, 2), (x, 3, 4))
    limits = np.iinfo(target.element.dtype)
    rounded = (round(function(x) / Fraction(target.scale)) + target.zero for x in own.reals)
    table = np.asarray([min(max(y, limits.min), limits.max) for y in rounded], target.element.dtype)
    step = node.between()
    least = int(np.iinfo(own.element.dtype).min)
    place = step.map(lambda q: q.cast(I32) - least if least else q.cast(I32), x)
    return node.emit(Gather(step.array(table), place, 0, origin=node.origin))
