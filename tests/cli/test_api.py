"""embedc.compile."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import tiny_model

import embedc
from embedc.verify.onnxruntime import Oracle


def test_compiles_a_model_in_memory_and_runs_it() -> None:
    model = tiny_model()
    bundle = embedc.compile(model, "c", dims={"batch": 1})
    x = np.ones((1, 3, 8, 8), np.float32)
    y = Oracle(model, {"y": "y"}, optimized=False).run({"x": x})["y"]
    np.testing.assert_allclose(bundle.run({"x": x})["y"], y, rtol=1e-4)
    assert bundle.trace({"x": x})["y"].shape == (1, 10)
    folder = bundle.path
    assert folder.is_dir()
    del bundle
    assert not folder.exists()


def test_compiles_a_file_into_a_folder(model: Path, tmp_path: Path) -> None:
    bundle = embedc.compile(model, "c", tmp_path / "out", dims={"batch": 2}, name="twice", outputs=["c"])
    assert bundle.manifest["name"] == "twice"
    assert bundle.manifest == json.loads((bundle.path / "manifest.json").read_text())
    assert bundle.run({"x": np.zeros((2, 3, 8, 8), np.float32)})["c"].shape == (2, 8, 8, 8)


def test_errors_are_embedc_errors(tmp_path: Path) -> None:
    with pytest.raises(embedc.EmbedcError):
        embedc.compile(tmp_path / "absent.onnx", "c")
    with pytest.raises(AttributeError, match="no attribute 'compiel'"):
        embedc.compiel  # pyright: ignore[reportAttributeAccessIssue] # noqa: B018
