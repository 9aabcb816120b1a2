"""The workflow for continuous integration as GitHub reads it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parents[2] / "examples" / "ci" / "github-actions.yml"
EXPRESSION = re.compile(r"\$\{\{ *matrix\.(\w+) *\}\}")


@dataclass(frozen=True)
class Step:
    """A step that runs commands."""

    name: str
    folder: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Job:
    """A job for one line of its matrix."""

    matrix: dict[str, str]
    steps: dict[str, Step]

    @property
    def build(self) -> Step:
        """The step that builds and runs."""
        return next(step for name, step in self.steps.items() if name.startswith("Build"))

    @property
    def manifest(self) -> Path:
        """Where the build leaves the bundle's manifest."""
        *_, new, _, _ = self.steps["Compare with the target branch"].lines[-1].split()
        return Path(new)

    def builds(self, commands: list[str]) -> bool:
        """True if a README's commands begin with what the job does."""
        return commands[: len(self.build.lines)] == list(self.build.lines)


def _jobs() -> Iterator[Job]:
    workflow: dict[str, Any] = yaml.safe_load(FILE.read_text())
    for job in workflow["jobs"].values():
        for matrix in job["strategy"]["matrix"]["include"]:
            found = [_step(step, matrix) for step in job["steps"] if "run" in step]
            yield Job(matrix, {step.name: step for step in found})


def _step(step: dict[str, str], matrix: dict[str, str]) -> Step:
    # What a line of the matrix does not have is empty text.
    text = EXPRESSION.sub(lambda found: matrix.get(found[1], ""), step["run"])
    assert "${{" not in text
    return Step(step["name"], step.get("working-directory", "."), tuple(line.strip() for line in text.splitlines()))


JOBS = list(_jobs())  # each with each line of its matrix
