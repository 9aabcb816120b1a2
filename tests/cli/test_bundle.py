"""Bundle: building and running, in this process and under the emulators, with every kind of misbehaviour caught."""

from pathlib import Path

import numpy as np
import pytest
from tests.cli.mini_bundle import write_mini_bundle

from embedc.bundle import Bundle
from embedc.diagnostics import EmbedcError
from embedc.execution.errors import ExecutionError
from embedc.targets.load import load_target
from embedc.targets.toolchain import WARNINGS, emulators

X = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
MID, Y = "mid\x1b[31m", "[bold]y"


def usable(target: str) -> bool:
    return bool(emulators(load_target(target))[0])


@pytest.fixture
def mini(tmp_path: Path) -> Bundle:
    return Bundle(write_mini_bundle(tmp_path / "mini"))


def test_runs_in_this_process_and_leaves_the_bundle_alone(mini: Bundle) -> None:
    files = sorted(mini.path.iterdir())
    for k in range(3):
        np.testing.assert_array_equal(mini.run({"[bold]x": X * k})[Y], X * k * 2 + 1)
    assert sorted(mini.path.iterdir()) == files


def test_accepts_arrays_that_are_not_contiguous(mini: Bundle) -> None:
    transposed = np.ascontiguousarray(X.transpose(2, 1, 0)).transpose(2, 1, 0)
    np.testing.assert_array_equal(mini.run({"[bold]x": transposed})[Y], X * 2 + 1)


@pytest.mark.parametrize(
    "target", ["c", "x86-avx2", "arm-neon", "arm-neon-v7", "riscv-rvv", "riscv", "cortex-m4", "cortex-m55"]
)
def test_traces_under_every_emulator(tmp_path: Path, target: str) -> None:
    if not usable(target):
        pytest.skip(f"no way to run {target} here")
    bundle = Bundle(write_mini_bundle(tmp_path / "mini", target), cflags=WARNINGS)
    for emulator in bundle.emulators:
        results = bundle.run_samples([{"[bold]x": X}, {"[bold]x": -X}], emulator, trace=True)
        for (outputs, traced), x in zip(results, (X, -X), strict=True):
            np.testing.assert_array_equal(outputs[Y], x * 2 + 1)
            np.testing.assert_array_equal(traced[MID], x * 2)
            np.testing.assert_array_equal(traced[Y], x * 2 + 1)
    np.testing.assert_array_equal(bundle.run({"[bold]x": X})[Y], X * 2 + 1)


def test_selftest(mini: Bundle, tmp_path: Path) -> None:
    assert mini.selftest() == (0, -1)
    assert Bundle(write_mini_bundle(tmp_path / "wrong", factor="3.0f")).selftest() == (4, 0)


@pytest.mark.parametrize(
    ("after", "message"),
    [
        ("middle[16] = 0;", "wrote behind scratch"),
        ("middle[-1] = 0;", "wrote in front of scratch"),
        ("io->y[6] = 0;", "wrote behind y"),
        ("((float *)(uintptr_t)io->x)[0] = 9;", "changed its input x"),
        ("*(volatile int *)0 = 0;", "SIGSEGV"),
        ("return MINI_SCRATCH_TOO_SMALL;", "status 2"),
        ("this is not C", "failed on the generated code"),
    ],
)
def test_misbehaviour_is_named(tmp_path: Path, after: str, message: str) -> None:
    bundle = Bundle(write_mini_bundle(tmp_path / "mini", after=after))
    with pytest.raises(ExecutionError, match=message):
        bundle.run_samples([{"[bold]x": X}])


def test_a_write_behind_the_scratch_is_seen_in_this_process_too(tmp_path: Path) -> None:
    bundle = Bundle(write_mini_bundle(tmp_path / "mini", after="middle[16] = 0;"))
    with pytest.raises(ExecutionError, match="behind scratch"):
        bundle.run({"[bold]x": X})


def test_all_faults_of_the_inputs_come_at_once(mini: Bundle) -> None:
    with pytest.raises(EmbedcError) as caught:
        mini.run({"[bold]x": np.zeros((2, 3)), "z": X})
    text = str(caught.value)
    assert "no input 'z'" in text
    assert "float64, the model wants float32" in text
    assert "shape [2, 3], the model wants [1, 2, 3]" in text


def test_a_folder_that_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(EmbedcError, match=r"not an embedc bundle"):
        Bundle(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": 7}')
    with pytest.raises(EmbedcError, match="format must be 1, not 7"):
        Bundle(tmp_path)
