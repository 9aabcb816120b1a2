"""--runner: the code on another machine, behind a command that starts a shell there."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Command
from tests.cli.mini_bundle import write_mini_bundle

from embedc.bundle import Bundle
from embedc.execution.errors import ExecutionError

ELSEWHERE = """#!/bin/sh
# A machine that prints a banner, begins in a folder of its own, and knows no variable of this one.
echo "Welcome to board $1"; echo "last login: never" >&2
shift
cd '{folder}' && exec env -i PATH="$PATH" TMPDIR='{folder}' "$@"
"""
FOREIGN = """#!/bin/sh
# A machine of another kind: its processor is an emulator.
sed 's|^\\./program|qemu-aarch64 ./program|' | sh
"""
X = np.arange(6, dtype=np.float32).reshape(1, 2, 3)


def script(tmp_path: Path, text: str) -> str:
    folder = tmp_path / "another machine"
    folder.mkdir()
    path = tmp_path / "ssh to it"
    path.write_text(text.format(folder=folder))
    path.chmod(0o755)
    return f"'{path}' board"


def test_runs_and_times_elsewhere(embedc: Command, model: Path, tmp_path: Path) -> None:
    runner = script(tmp_path, ELSEWHERE)
    common = (model, "--dim", "batch=1", "--target", "c", "--runner", runner, "--json")
    verified = embedc("verify", *common)
    assert verified.code == 0, verified.err
    assert all(row["emulator"] == runner for row in json.loads(verified.out)["comparisons"])
    timed = embedc("bench", *common, "--runs", 3)
    assert json.loads(timed.out)["total"]["median_us"] > 0
    assert list((tmp_path / "another machine").iterdir()) == []


def test_a_machine_of_another_kind(tmp_path: Path) -> None:
    if not (shutil.which("qemu-aarch64") and shutil.which("aarch64-linux-gnu-gcc")):
        pytest.skip("no AArch64 here")
    folder = write_mini_bundle(tmp_path / "mini", "arm-neon")
    bundle = Bundle(folder, runner=script(tmp_path, FOREIGN))
    np.testing.assert_array_equal(bundle.run({"[bold]x": X})["[bold]y"], X * 2 + 1)
    assert bundle.selftest() == (0, -1)


@pytest.mark.parametrize(
    ("after", "message"),
    [("io->y[6] = 0;", "failed: wrote behind y"), ("*(volatile int *)0 = 0;", "died of SIGSEGV")],
)
def test_misbehaviour_elsewhere_is_named(tmp_path: Path, after: str, message: str) -> None:
    bundle = Bundle(write_mini_bundle(tmp_path / "mini", after=after), runner=script(tmp_path, ELSEWHERE))
    with pytest.raises(ExecutionError, match=message):
        bundle.run({"[bold]x": X})


def test_runners_that_do_not_work(embedc: Command, model: Path) -> None:
    def error(runner: str, target: str = "c") -> str:
        result = embedc("verify", model, "--dim", "batch=1", "--target", target, "--runner", runner)
        assert result.code != 0
        return result.err

    assert "there is no 'no-such-ssh'" in error("no-such-ssh board")
    assert "must start a shell" in error("false")
    assert "is no command: No closing quotation" in error("ssh 'board")
    assert "needs a board" in error("ssh board", "cortex-m4")
