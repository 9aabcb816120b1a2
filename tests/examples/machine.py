"""The machine as if nothing were installed but some Debian packages and what they need."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest


@cache
def _installed() -> dict[str, tuple[bool, str]]:
    """Packages of this machine: whether every Debian has them, what they need."""
    if not shutil.which("dpkg-query"):
        return {}
    fields = r"${db:Status-Status}\t${Package}\t${Essential}\t${Priority}\t${Pre-Depends}, ${Depends}\t${Provides}\n"
    text = subprocess.run(["dpkg-query", "-W", "-f", fields], capture_output=True, text=True, check=True).stdout
    found: dict[str, tuple[bool, str]] = {}
    for line in text.splitlines():
        status, name, essential, priority, needs, provides = line.split("\t")
        if status == "installed":
            found[name] = (essential == "yes" or priority == "required", needs)
            for virtual in re.findall(r"[a-z0-9][a-z0-9.+-]+(?= *(?:\(|,|$))", provides):
                found.setdefault(virtual, (False, name))
    return found


def closure(packages: Iterable[str]) -> set[str]:
    """The packages, what every Debian has, and all that these depend on."""
    installed = _installed()
    missing = [package for package in packages if package not in installed]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    waiting = [*packages, *(name for name, (everywhere, _) in installed.items() if everywhere)]
    reached: set[str] = set()
    while waiting:
        package = waiting.pop()
        if package not in reached:
            reached.add(package)
            for group in installed[package][1].split(","):
                names = re.findall(r"(?:^|\|) *([a-z0-9][a-z0-9.+-]+)", group)
                waiting += [name for name in names if name in installed][:1]
    return reached


def programs(packages: Iterable[str], folder: Path) -> Path:
    """A folder for PATH with the programs of these packages alone."""
    names = sorted(closure(packages))
    listed = subprocess.run(["dpkg-query", "-L", *names], capture_output=True, text=True, check=False).stdout
    owned = {os.path.realpath(line) for line in listed.splitlines() if "/bin/" in line or "/sbin/" in line}
    folder.mkdir()
    for place in ("/usr/bin", "/usr/sbin"):
        for program in Path(place).iterdir():
            if os.path.realpath(program) in owned:
                (folder / program.name).symlink_to(program)
    return folder


def command(folder: Path) -> Path:
    """A folder for PATH with the command `embedc` of this checkout."""
    folder.mkdir()
    file = folder / "embedc"
    file.write_text(f'#!/bin/sh\nexec {sys.executable} -m embedc "$@"\n')
    file.chmod(0o755)
    return folder
