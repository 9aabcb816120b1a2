"""The workflow for continuous integration says what the READMEs say, which are followed; its comparison is run."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.emit.small_models import convolutional
from tests.examples.machine import command
from tests.examples.readme import sections
from tests.examples.workflow import JOBS, Job

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
TARGETS = [job.matrix["target"] for job in JOBS]


@pytest.mark.parametrize("job", JOBS, ids=TARGETS)
def test_jobs_do_what_the_readmes_say(job: Job) -> None:
    update, packages, environment, embedc, path = job.steps["Install"].lines
    install, *rest = sections(EXAMPLES / job.build.folder / "README.md")
    same = [section for section in rest if job.builds(section.commands)]
    assert len(same) == 1, job.build.lines
    names = [*install.packages, *same[0].packages]
    assert packages.split() == ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    assert update == "apt-get update"
    assert (environment, embedc) == ("python3 -m venv .venv", '.venv/bin/pip install "$EMBEDC"')
    assert path == 'echo "$PWD/.venv/bin" >> "$GITHUB_PATH"'


def test_there_is_a_job_for_what_the_readmes_build() -> None:
    text = "".join((EXAMPLES / name / "README.md").read_text() for name in ("keyword_spotting", "cortex_m"))
    built = set(re.findall(r"/([\w-]+)\.cmake\n", text)) | set(re.findall(r"BOARD=([\w-]+)", text))
    assert built <= {value for job in JOBS for value in [job.matrix["target"], job.matrix.get("board")]}


@pytest.mark.parametrize("target", ["host", "cortex-m4"])
def test_more_memory_fails(target: str, tmp_path: Path) -> None:
    """The comparison runs on bundles that lie where the builds leave them."""
    job = JOBS[TARGETS.index(target)]
    compilation, comparison = job.steps["Compare with the target branch"].lines
    paths = [str(command(tmp_path / "venv")), os.environ["PATH"]]
    environment = {**os.environ, "PATH": os.pathsep.join(paths), "PYTHONPATH": str(ROOT / "compiler")}

    def bash(line: str) -> subprocess.CompletedProcess[str]:
        script = ["bash", "-c", line]
        return subprocess.run(script, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    old = tmp_path / "old" / "keyword_spotting" / "kws.onnx"
    old.parent.mkdir(parents=True)
    old.write_bytes((EXAMPLES / "keyword_spotting" / "kws.onnx").read_bytes())
    assert bash(compilation).returncode == 0
    shutil.copytree(tmp_path / "old-kws", tmp_path / job.manifest.parent)
    assert bash(comparison).returncode == 0
    old.write_bytes(convolutional().SerializeToString())
    assert bash(compilation).returncode == 0
    done = bash(comparison)
    assert done.returncode == 1
    assert "scratch" in done.stderr
