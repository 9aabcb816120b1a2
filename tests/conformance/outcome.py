"""What came of a case."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a case ended, from good to bad."""

    PASSED = "passed"
    REFUSED = "refused"
    WRONG = "wrong"
    CRASHED = "crashed"
    BROKEN = "broken"


@dataclass(frozen=True)
class Outcome:
    """`reason` says why it did not pass; `inputs` counts those that were left open for the run."""

    name: str
    verdict: Verdict
    reason: str = ""
    inputs: int = 0


class Failed(Exception):  # noqa: N818 - reads as what it says
    """Raised where a case cannot go on."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason
