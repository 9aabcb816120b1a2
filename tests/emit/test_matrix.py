"""Determinants: portable C against numpy."""

import ctypes
from pathlib import Path

import numpy as np

from embedc.ir.graph import Graph, Value, collect
from embedc.ir.types import F32, F64, Array, TensorType
from embedc.ops.layout import transpose
from embedc.ops.matrix import Det
from embedc.targets.load import load_target
from tests.emit.library import build, call


def test_determinants(tmp_path: Path) -> None:
    """Of every side, with zeros on the diagonal, without inverse, with NaN, and of a transposed view."""
    random = np.random.default_rng(1)
    graphs, inputs = list[Graph](), list[dict[str, Array]]()
    for element in (F32, F64):
        for side in (1, 2, 3, 7):
            data = random.integers(-2, 3, (5, 4, side, side)).astype(element.dtype)
            data[0, 0, 0, 0] = np.nan
            x = Value(TensorType(element, data.shape), "x")
            turned = transpose(x, (1, 3, 0, 2), x.origin)
            outputs = {"plain": Det(x).result, "turned": Det(transpose(turned, (2, 0, 1, 3), x.origin)).result}
            graphs.append(collect("det", [x], outputs))
            inputs.append({"x": data})
    scratch = build(graphs, load_target("c"), tmp_path)
    library = ctypes.CDLL(str(tmp_path / "all.so"))
    for number, graph in enumerate(graphs):
        for array in call(library, number, graph, scratch[number], inputs[number]).values():
            expected = np.linalg.det(inputs[number]["x"].astype(np.float64))
            np.testing.assert_allclose(array, expected, 1e-4, 1e-4)
