"""A small model, and the command line run in this process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embedc.cli import main

EVIL = "\x1b[31mevil[bold]\n\u202eerror: "  # colours, markup, a new line, text from right to left


def tiny_model(operator: str = "Relu") -> onnx.ModelProto:
    """A convolution, an activation, a pooling, a product; names that would like to break a terminal."""
    generator = np.random.Generator(np.random.PCG64(0))

    def weights(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(generator.standard_normal(shape).astype(np.float32), name)

    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], name="convolution", pads=[1, 1, 1, 1]),
        helper.make_node(operator, ["c"], [EVIL], name=EVIL),
        helper.make_node("MaxPool", [EVIL], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "m"], ["y"], name="product"),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 10])],
        [weights("w", 8, 3, 3, 3), weights("b", 8), weights("m", 128, 10)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The model's file."""
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_model().SerializeToString())
    return path


@dataclass
class Result:
    """What a command left."""

    code: int
    out: str
    err: str


Command = Callable[..., Result]


@pytest.fixture
def embedc(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command line in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def run(*arguments: object) -> Result:
        capfd.readouterr()
        code = main([str(a) for a in arguments])
        printed = capfd.readouterr()
        return Result(code, printed.out, printed.err)

    return run
