"""Real models through the frontend, against the outputs that ONNX Runtime gave for them."""

import os

import numpy as np
import pytest

from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.interpreter import run
from tests.models.catalogue import FOLDER, LARGE, NATIVE_ONLY, SMALL

MODELS = (*SMALL, *(m for m in LARGE if m != "suite_light_squeezenet"))
SUITE = ("squeezenet", *(m.removeprefix("suite_light_") for m in NATIVE_ONLY))


def compare(name: str) -> None:
    folder = FOLDER / name
    if not folder.is_dir():
        pytest.skip(f"no model in {folder}")
    graph = load(folder / "model.onnx", ImportOptions())
    recorded = np.load(folder / "io.npz")
    results = run(graph, {v.name: recorded[f"s0_in{i}"] for i, v in enumerate(graph.inputs)})
    for index, (output, got) in enumerate(results.items()):
        wanted = recorded[f"s0_out{index}"]
        assert got.shape == wanted.shape, output
        assert np.abs(got - wanted).max() <= 2e-6 * max(np.abs(wanted).max(), 1.0), output


@pytest.mark.parametrize("name", MODELS)
def test_small_model(name: str) -> None:
    compare(name)


@pytest.mark.skipif("EMBEDC_LARGE" not in os.environ, reason="set EMBEDC_LARGE=1 for the large models")
@pytest.mark.parametrize("name", SUITE)
def test_large_model(name: str) -> None:
    compare(f"suite_light_{name}")
