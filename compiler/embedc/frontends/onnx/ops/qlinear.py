"""com.microsoft's elementwise operators on bytes, in integers."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.quantity import quantities, quantity
from embedc.frontends.onnx.registry import MICROSOFT, onnx_op
from embedc.ir.graph import Value
from embedc.ops.layout import Concat
from embedc.quantized.arithmetic import added, converted, multiplied, power, tabled
from embedc.quantized.quantity import Quantity

ONE = np.ones(())


@onnx_op("QLinearAdd", domain=MICROSOFT)
def add(node: Node) -> Value:
    """A + b with operands and result quantized each by its own scale and zero point."""
    a, b, (qa, qb, qc) = _pair(node)
    return added(node, [(a, qa, ONE), (b, qb, ONE)], np.zeros(()), qc)


@onnx_op("QLinearMul", domain=MICROSOFT)
def multiply(node: Node) -> Value:
    """A b with operands and result quantized each by its own scale and zero point."""
    a, b, (qa, qb, qc) = _pair(node)
    return multiplied(node, (a, qa, ONE), (b, qb, ONE), qc)


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


def _pair(node: Node) -> tuple[Value, Value, list[Quantity]]:
    a, b = node.operand(0), node.operand(3)
    if a.type.element != b.type.element:
        raise node.fail(f"operands {a.type} and {b.type}", "they must be of one element type; quantize the model again")
    return a, b, quantities(node, (a, 1, 2), (b, 4, 5), (a, 6, 7))


def _tabled(node: Node, function: Callable[[Fraction], Fraction]) -> Value:
    """A function of the real number that each byte stands for."""
    x = node.operand(0)
    own, target = quantities(node, (x, 1, 2), (x, 3, 4))
    return tabled(node, x, own, map(function, own.reals), target)
