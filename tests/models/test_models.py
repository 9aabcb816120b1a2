"""Real models, compiled for every target, against outputs of ONNX Runtime. Another share each day; `--all-pairs` runs all of them."""

from pathlib import Path

import numpy as np
import pytest

import embedc
from embedc.execution.board import shortage
from embedc.execution.errors import ExecutionError
from tests.models.catalogue import all_pairs, file_of, samples, todays_pairs, tolerance


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    pairs = all_pairs() if metafunc.config.getoption("--all-pairs") else todays_pairs()
    metafunc.parametrize(("model", "target"), pairs, ids=["-".join(pair) for pair in pairs])


def test_model(model: str, target: str, tmp_path: Path) -> None:
    bundle = embedc.compile(file_of(model), target=target, out_dir=tmp_path / "model")
    try:
        emulators = bundle.emulators
    except (embedc.EmbedcError, ExecutionError) as missing:
        pytest.skip(str(missing))
    for board in (emulator.board for emulator in emulators if emulator.board):
        reason = shortage(bundle.described, board)
        if reason:
            pytest.skip(reason)
        assert bundle.selftest() == (0, -1)
    runs = samples(model)
    ports = bundle.described.inputs
    feeds = [
        {port.name: array.reshape(port.shape) for port, array in zip(ports, run.inputs, strict=True)} for run in runs
    ]
    for emulator in emulators:
        for run, (outputs, _) in zip(runs, bundle.run_samples(feeds, emulator), strict=True):
            for port, expected in zip(bundle.described.outputs, run.outputs, strict=True):
                worst = np.abs(outputs[port.name].reshape(expected.shape) - expected).max()
                assert worst <= tolerance(model) * np.abs(expected).max(), f"{port.name} on {emulator.name}"
    bound = bundle.manifest["scratch_bound"]["lower"]
    assert bundle.described.scratch_bytes <= 1.05 * bound
