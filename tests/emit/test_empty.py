"""Tensors without elements: as inputs, as outputs, and what reductions make of them."""

from pathlib import Path

import numpy as np
from onnx import helper

from embedc.bundle import Bundle
from embedc.driver import Request, compile_model
from embedc.targets.load import load_target
from tests.emit.compiling import write
from tests.frontends.small import floats, model, tensor


def test_tensors_without_elements(tmp_path: Path) -> None:
    nodes = [
        helper.make_node("Relu", ["x"], ["nothing"]),
        helper.make_node("ReduceSum", ["x"], ["sum"]),
        helper.make_node("ReduceMax", ["x"], ["max"], axes=[1]),
        helper.make_node("ReduceProd", ["x"], ["product"], axes=[1], keepdims=0),
        helper.make_node("Concat", ["x", "z"], ["joined"], axis=1),
    ]
    inputs = [tensor("x", [2, 0, 3]), tensor("z", [2, "n", 3])]
    source = model(nodes, inputs, ["nothing", "sum", "max", "product", "joined"])
    request = Request(source, load_target("c"), "empty", {"x:1": 0, "n": 2})
    bundle = Bundle(write(compile_model(request).files, tmp_path))
    feeds = {"x": np.zeros((2, 0, 3), np.float32), "z": floats(2, 2, 3)}
    for got in (bundle.run(feeds), bundle.run_samples([feeds])[0][0]):
        assert got["nothing"].shape == (2, 0, 3)
        np.testing.assert_array_equal(got["sum"], np.zeros((1, 1, 1), np.float32))
        np.testing.assert_array_equal(got["max"], np.full((2, 1, 3), -np.inf, np.float32))
        np.testing.assert_array_equal(got["product"], np.ones((2, 3), np.float32))
        np.testing.assert_array_equal(got["joined"], feeds["z"])
    assert bundle.selftest() == (0, -1)
