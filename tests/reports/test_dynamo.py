"""What torch.onnx.export(dynamo=True) writes: compiled, run and compared with ONNX Runtime (dynamo/export.py made the files)."""

from pathlib import Path

import numpy as np
import onnx
import pytest

import embedc
from embedc.verify.onnxruntime import Oracle

FOLDER = Path(__file__).parent / "dynamo"
DIMS = {"transformer": {"batch": 1, "time": 9}}
NAMES = sorted(path.stem for path in FOLDER.glob("*.onnx"))
PAIRS = [*((name, "c") for name in NAMES), ("convolutional", "x86-avx2"), ("transformer", "x86-avx2")]


@pytest.mark.parametrize(("name", "target"), PAIRS)
def test_exported_model(name: str, target: str, tmp_path: Path) -> None:
    """onnx2c #46: local functions and what else such exports hold."""
    path = FOLDER / f"{name}.onnx"
    bundle = embedc.compile(path, target, tmp_path / "net", name="net", dims=DIMS.get(name))
    assert bundle.selftest() == (0, -1) if bundle.has_selftest else name == "loop"
    oracle = Oracle(path, {port.name: port.name for port in bundle.described.outputs}, optimized=False)
    generator = np.random.default_rng(0)
    for scale in (1, 0.1, -3):
        inputs = {p.name: (scale * generator.standard_normal(p.shape)).astype(p.dtype) for p in bundle.described.inputs}
        outputs = bundle.run(inputs)
        for port, expected in oracle.run(inputs).items():
            worst = np.abs(outputs[port] - expected).max()
            assert worst <= 1e-5 * max(1.0, np.abs(expected).max()), f"{port} at scale {scale}"


def test_no_file_is_large() -> None:
    assert all(path.stat().st_size < 100_000 for path in FOLDER.glob("*.onnx"))


def test_functions_call_functions() -> None:
    """The exporter must not have inlined what is to be tested."""
    model = onnx.load(str(FOLDER / "functions.onnx"))  # pyright: ignore[reportUnknownMemberType]
    called = {node.op_type for function in model.functions for node in function.node}
    assert called & {function.name for function in model.functions}
