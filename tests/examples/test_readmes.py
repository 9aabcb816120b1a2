"""Each example's README is followed, with the programs of the packages that it lists alone."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.examples import faces
from tests.examples.machine import command, programs
from tests.examples.readme import SETS_UP, Section, sections
from tests.examples.workflow import JOBS

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
READMES = sorted(EXAMPLES.glob("*/README.md"))
IDS = [path.parent.name for path in READMES]
FURTHER = {"face_detection-This machine": faces.check}  # what is asked of the example behind a section
SECTIONS = [(path, section) for path in READMES for section in sections(path) if section.commands]


@pytest.mark.parametrize("path", READMES, ids=IDS)
def test_setting_up_is_what_the_project_does(path: Path) -> None:
    first, *rest = sections(path)
    assert first.title == "Install"
    assert not first.commands
    assert all(any(form.match(line) for line in first.lines) for form in SETS_UP), "each is said"
    known = set(re.findall(r"[\w.+-]+", (ROOT / "tools" / "install.sh").read_text()))
    assert {package for section in (first, *rest) for package in section.packages} <= known


@pytest.mark.parametrize(("path", "section"), SECTIONS, ids=[f"{p.parent.name}-{s.title}" for p, s in SECTIONS])
def test_following_it_works(path: Path, section: Section, tmp_path: Path) -> None:
    install = sections(path)[0]
    paths = [command(tmp_path / "venv"), programs([*install.packages, *section.packages], tmp_path / "bin")]
    ignore = shutil.ignore_patterns("build", ".venv")
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=ignore)
    environment = {"PATH": os.pathsep.join(map(str, paths)), "PYTHONPATH": str(ROOT / "compiler")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(section.commands)],
        cwd=tmp_path / "examples" / path.parent.name,
        env=environment | {"LC_ALL": "C.UTF-8", "MAKEFLAGS": "-j2"},  # rules that forget what they need fail then
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stderr, done.stderr
    printed = _without_numbers(done.stdout)
    place = 0
    for line in section.prints:
        place = printed.find(_without_numbers(line), place)
        assert place >= 0, f"{line}\n{done.stdout}"
    for job in JOBS:
        if job.build.folder == path.parent.name and job.builds(section.commands):
            assert (tmp_path / "examples" / job.manifest).is_file()
    further = FURTHER.get(f"{path.parent.name}-{section.title}")
    if further:
        further(tmp_path / "examples" / path.parent.name)


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "#", text)
