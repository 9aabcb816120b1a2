"""A README as its reader takes it: commands to type, what they print, packages to install."""

import re
from dataclasses import dataclass
from pathlib import Path

INSTALLS = re.compile(r"sudo apt-get install --yes --no-install-recommends (?P<packages>[a-z0-9.+ -]+)$")
SETS_UP = (
    INSTALLS,
    re.compile(r"python3 -m venv \.venv$"),
    re.compile(r"\.venv/bin/pip install \.\./\.\.( +#.*)?$"),
    re.compile(r"\. \.venv/bin/activate$"),
)


@dataclass(frozen=True)
class Section:
    """What stands under one heading."""

    title: str
    lines: tuple[str, ...]  # of shell
    prints: tuple[str, ...]  # what they print, among other lines

    @property
    def packages(self) -> list[str]:
        """What apt installs."""
        found = (INSTALLS.match(line) for line in self.lines)
        return [package for match in found if match for package in match["packages"].split()]

    @property
    def commands(self) -> list[str]:
        """What does the work: lines of shell that do not only set the machine up."""
        return [line for line in self.lines if not any(form.match(line) for form in SETS_UP)]


def sections(path: Path) -> list[Section]:
    """The sections of a README that have commands."""
    parts = re.split(r"^## +(.*)\n", path.read_text(), flags=re.MULTILINE)
    titled = zip(parts[1::2], parts[2::2], strict=True)
    found = (Section(title, _blocks(body, "sh"), _blocks(body, "text")) for title, body in titled)
    return [section for section in found if section.lines]


def _blocks(text: str, language: str) -> tuple[str, ...]:
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return tuple(line for block in blocks for line in block.splitlines() if line)
