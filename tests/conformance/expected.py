"""The cases that are expected to fail, each with a reason: failures.txt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.outcome import Outcome, Verdict

FILE = Path(__file__).with_name("failures.txt")
HEAD = """\
# Cases of ONNX's backend suite that do not pass on target c, by reason. `== VERDICT: REASON` begins a group; a case that
# passes all the same, or fails in another way than its group says, is an error (python -m tests.conformance).
"""


@dataclass(frozen=True)
class Expected:
    """How a case is expected to fail."""

    verdict: Verdict
    reason: str


def read_expected(path: Path = FILE) -> dict[str, Expected]:
    """Every case of the list."""
    found: dict[str, Expected] = {}
    group: Expected | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("== "):
            verdict, reason = line[3:].split(": ", 1)
            group = Expected(Verdict(verdict), reason)
        elif line and not line.startswith("#"):
            if group is None or line in found:
                raise ValueError(f"{path.name}:{number}: '{line}' has no group, or is listed twice")
            found[line] = group
    return found


def contradictions(expected: Mapping[str, Expected], outcomes: Sequence[Outcome], complete: bool) -> Iterator[str]:
    """What did not end as the list says; names that no case has where `complete` says that all were run."""
    for outcome in outcomes:
        wanted = expected.get(outcome.name, Expected(Verdict.PASSED, ""))
        if outcome.verdict is not wanted.verdict:
            said = f"{outcome.verdict} ({outcome.reason})" if outcome.reason else str(outcome.verdict)
            yield f"{outcome.name}: {said}, expected: {wanted.verdict}"
    if complete:
        unknown = sorted(expected.keys() - {outcome.name for outcome in outcomes})
        yield from (f"{name} is no case of the suite" for name in unknown)


def write_expected(expected: Mapping[str, Expected], outcomes: Sequence[Outcome], path: Path = FILE) -> None:
    """The list as it would have to be: reasons stay where the verdict does, new ones are the compiler's own words."""
    changed = dict(expected)
    for outcome in outcomes:
        old = changed.pop(outcome.name, None)
        if outcome.verdict is not Verdict.PASSED:
            same = old is not None and old.verdict is outcome.verdict
            changed[outcome.name] = old if old and same else Expected(outcome.verdict, outcome.reason)
    groups: dict[Expected, list[str]] = {}
    for name in sorted(changed):
        groups.setdefault(changed[name], []).append(name)
    text = HEAD
    for group in sorted(groups, key=lambda g: (g.verdict, g.reason)):
        text += f"\n== {group.verdict}: {group.reason}\n" + "".join(f"{name}\n" for name in groups[group])
    path.write_text(text, encoding="utf-8")
