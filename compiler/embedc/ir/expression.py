"""Scalar programs written as Python expressions: `program([F32], lambda x: x / (1.0 + x.abs()))`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Union, cast

from embedc.ir.scalar import ScalarBuilder, ScalarProgram
from embedc.ir.types import BOOL, F32, I64, Element

Operand = Union["Expr", float, int]


@dataclass(frozen=True, eq=False)
class Expr:
    """A value of a ScalarProgram under construction; numbers beside it become literals of its element type."""

    builder: ScalarBuilder
    index: int

    @property
    def element(self) -> Element:
        k = len(self.builder.inputs)
        return self.builder.inputs[self.index] if self.index < k else self.builder.nodes[self.index - k].element

    def const(self, value: float | int) -> "Expr":
        """A literal of the same element type; TypeError where that does not hold it."""
        if self.element.is_integer:
            least, most = self.element.limits
            if not least <= value <= most:
                raise TypeError(f"{value} is no {self.element}")
        return Expr(self.builder, self.builder.const(value, self.element))

    def call(self, op: str, *others: Operand) -> "Expr":
        """The scalar operator `op` with this value as its first operand."""
        lifted = [self] + [o if isinstance(o, Expr) else self.const(o) for o in others]
        return Expr(self.builder, self.builder.call(op, *(e.index for e in lifted)))

    def __add__(self, other: Operand) -> "Expr":
        return self.call("add", other)

    def __radd__(self, other: float | int) -> "Expr":
        return self.const(other) + self

    def __sub__(self, other: Operand) -> "Expr":
        return self.call("sub", other)

    def __rsub__(self, other: float | int) -> "Expr":
        return self.const(other) - self

    def __mul__(self, other: Operand) -> "Expr":
        return self.call("mul", other)

    def __rmul__(self, other: float | int) -> "Expr":
        return self.const(other) * self

    def __truediv__(self, other: Operand) -> "Expr":
        return self.call("div", other)

    def __rtruediv__(self, other: float | int) -> "Expr":
        return self.const(other) / self

    def __neg__(self) -> "Expr":
        return self.call("neg")

    def __lt__(self, other: Operand) -> "Expr":
        return self.call("lt", other)

    def __le__(self, other: Operand) -> "Expr":
        return self.call("le", other)

    def __gt__(self, other: Operand) -> "Expr":
        return (other if isinstance(other, Expr) else self.const(other)) < self

    def __ge__(self, other: Operand) -> "Expr":
        return (other if isinstance(other, Expr) else self.const(other)) <= self

    def equals(self, other: Operand) -> "Expr":
        return self.call("eq", other)

    def negate(self) -> "Expr":
        """Logical not."""
        return self.call("not")

    def where(self, yes: "Expr", no: Operand) -> "Expr":
        """`yes` where this condition holds, `no` elsewhere."""
        other = no if isinstance(no, Expr) else yes.const(no)
        return self.call("select", yes, other)

    def max(self, other: Operand) -> "Expr":
        return self.call("max", other)

    def min(self, other: Operand) -> "Expr":
        return self.call("min", other)

    def abs(self) -> "Expr":
        return self.call("abs")

    def exp(self) -> "Expr":
        return self.call("exp")

    def log(self) -> "Expr":
        return self.call("log")

    def sqrt(self) -> "Expr":
        return self.call("sqrt")

    def tanh(self) -> "Expr":
        return self.call("tanh")

    def rescale(self, scale: Union["Expr", float]) -> "Expr":
        """The nearest integer to this one times a positive f32 number, the even one of two; of i32, or of i64 below 2^38."""
        return self.call(
            "rescale_wide" if self.element == I64 else "rescale",
            scale if isinstance(scale, Expr) else Expr(self.builder, self.builder.const(scale, F32)),
        )

    def round(self) -> "Expr":
        return self.call("round")

    def cast(self, element: Element) -> "Expr":
        """Converted to `element`; to bool by comparing with zero."""
        if element == BOOL and self.element != BOOL:
            return self.equals(0).negate()
        return Expr(self.builder, self.builder.cast(self.index, element))


Body = (
    Callable[[Expr], Expr]
    | Callable[[Expr, Expr], Expr]
    | Callable[[Expr, Expr, Expr], Expr]
    | Callable[[Expr, Expr, Expr, Expr], Expr]
)
"""What writes a program down, one parameter for each input; functions of `*terms` fit too."""


def program(elements: Sequence[Element], body: Body) -> ScalarProgram:
    """The ScalarProgram that `body` writes down over inputs of the given element types."""
    builder = ScalarBuilder(*elements)
    write = cast(Callable[..., Expr], body)
    return builder.build(write(*(Expr(builder, i) for i in range(len(elements)))).index)
