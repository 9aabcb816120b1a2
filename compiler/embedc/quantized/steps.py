"""Who writes operators down: a node of a model, or a pass."""

from typing import Protocol

from embedc.ir.expression import Body
from embedc.ir.graph import Origin, Value
from embedc.ir.scalar import ScalarProgram
from embedc.ir.types import Array
from embedc.ops.base import Op


class Steps(Protocol):
    """Ways to emit operators of one origin, and to say why that cannot be done."""

    @property
    def origin(self) -> Origin:
        """What results are attributed to."""
        ...

    def fail(self, message: str, hint: str = "") -> Exception:
        """What to raise."""
        ...

    def between(self) -> "Steps":
        """The same for steps on the way, which have no names in the model."""
        ...

    def emit(self, op: Op) -> Value:
        """The only result of an operator."""
        ...

    def map(self, body: Body | ScalarProgram, *values: Value) -> Value:
        """`body` for every element of the broadcast values."""
        ...

    def array(self, data: Array) -> Value:
        """A constant."""
        ...
