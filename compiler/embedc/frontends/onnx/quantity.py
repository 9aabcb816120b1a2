"""What bytes stand for where scale and zero point are known when the model is compiled: real = scale (q - zero)."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from embedc.frontends.onnx.expression import Expr
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.quantization import quantized
from embedc.ir.graph import Value
from embedc.ir.types import I8, I32, U8, Element

FARTHEST = 255
"""How far a byte can be from its zero point."""


@dataclass(frozen=True)
class Quantity:
    """Bytes of one element type with one scale and one zero point."""

    element: Element
    scale: float
    zero: int

    def centred(self, q: Expr) -> Expr:
        """Q minus the zero point in i32, from -255 to 255."""
        return q.cast(I32) - self.zero if self.zero else q.cast(I32)

    def clamped(self, whole: Expr) -> Expr:
        """An i32 number plus the zero point, clamped to the element type."""
        return quantized(whole, whole.const(self.zero), self.element)

    @property
    def reals(self) -> list[Fraction]:
        """What each byte stands for, from the least to the greatest."""
        limits = np.iinfo(self.element.dtype)
        return [Fraction(self.scale) * (q - self.zero) for q in range(int(limits.min), int(limits.max) + 1)]


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
