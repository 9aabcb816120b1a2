"""Errors that a user sees: what was expected, what was found, where in the model, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from embedc.ir.graph import NOWHERE, Origin


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with the model or the call.

    `needs` names the model's inputs whose values would have to be known at compile time.
    """

    message: str
    origin: Origin = NOWHERE
    hint: str = ""
    needs: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = "" if self.origin == NOWHERE else f"{self.origin}: "
        return f"{where}{self.message}" + (f"\n    {self.hint}" if self.hint else "")


class EmbedcError(Exception):
    """A compilation that cannot go on; holds every fault found, the command line exits with 2."""

    def __init__(self, *faults: Fault) -> None:
        self.faults: Sequence[Fault] = faults
        super().__init__("\n".join(str(f) for f in faults))


def fail(message: str, origin: Origin = NOWHERE, hint: str = "", needs: tuple[str, ...] = ()) -> EmbedcError:
    """An error with one fault, to be raised."""
    return EmbedcError(Fault(message, origin, hint, needs))
