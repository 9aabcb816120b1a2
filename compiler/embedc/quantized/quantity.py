"""What bytes stand for where scale and zero point are known when the model is compiled: real = scale (q - zero)."""

from dataclasses import dataclass
from fractions import Fraction

from embedc.ir.expression import Expr
from embedc.ir.types import I32, Element

FARTHEST = 255
"""How far a byte can be from its zero point."""

FAR = 2.0**20  # beyond every quantized type, zero point included, and exact in floats


@dataclass(frozen=True)
class Quantity:
    """Bytes of one element type with one scale and one zero point."""

    element: Element
    scale: float
    zero: int
    ends: tuple[int, int] | None = None
    """Bytes that results are clamped to, where that is less than all."""

    def stands_for(self, other: "Quantity") -> bool:
        """True if bytes of this quantity mean the same numbers in the other one."""
        return (self.element, self.scale, self.zero) == (other.element, other.scale, other.zero)

    def centred(self, q: Expr) -> Expr:
        """Q minus the zero point in i32, from -255 to 255."""
        return q.cast(I32) - self.zero if self.zero else q.cast(I32)

    def clamped(self, whole: Expr) -> Expr:
        """An i32 number plus the zero point, clamped to the element type."""
        low, high = self.ends or self.limits
        return (whole.max(low - self.zero).min(high - self.zero) + self.zero).cast(self.element)

    def within(self, q: Expr) -> Expr:
        """A byte clamped to `ends`."""
        low, high = self.ends or self.limits
        return q.max(low).min(high)

    @property
    def limits(self) -> tuple[int, int]:
        """The least and the greatest byte."""
        return self.element.limits

    @property
    def reals(self) -> list[Fraction]:
        """What each byte stands for, from the least to the greatest."""
        least, most = self.limits
        return [Fraction(self.scale) * (q - self.zero) for q in range(least, most + 1)]


def quantized(real: Expr, zero: Expr, element: Element) -> Expr:
    """A whole number, of floats or i32, plus the zero point, clamped to `element`."""
    whole = real.max(-FAR).min(FAR).cast(I32) if real.element.is_float else real
    least, most = (zero.const(end) - zero for end in element.limits)  # the sum could be beyond i32
    return (whole.max(least).min(most) + zero).cast(element)


def dequantized(q: Expr, scale: Expr, zero: Expr) -> Expr:
    """(q - zero) scale in the type of the scale."""
    return (q.cast(I32) - zero.cast(I32)).cast(scale.element) * scale
