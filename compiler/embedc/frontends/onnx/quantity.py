"""Scales and zero points of a node's operands where they are known when the model is compiled."""

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.ir.graph import Value
from embedc.ir.types import I8, U8, Element
from embedc.quantized.quantity import Quantity


def quantity(node: Node, scale: int, zero: int, element: Element | None = None) -> Quantity:
    """The parameters in operands `scale` and `zero`, of bytes of `element`; of the zero point's type without it."""
    point = node.optional(zero) if element else node.operand(zero)
    element = element or (point.type.element if point else U8)
    if element not in (U8, I8):
        raise node.fail(f"computes with elements of {element}", f"{node.op_type} takes bytes: u8 or i8")
    if point is not None and point.type.element != element:
        raise node.fail(f"its zero point (input {zero}) is {point.type}", f"it must be of {element}, as the data")
    factor = node.scalar(scale, "scale")
    if not (np.isfinite(factor) and factor > 0):
        raise node.fail(f"its scale (input {scale}) is {factor:g}", "it must be positive and finite; quantize again")
    return Quantity(element, factor, 0 if point is None else node.whole(zero, "zero point"))


def quantities(node: Node, *places: tuple[Value, int, int]) -> list[Quantity]:
    """The parameters of several operands of one type, by the numbers of their scales and zero points."""
    return [quantity(node, scale, zero, value.type.element) for value, scale, zero in places]
