"""Floats of 16 bits and integers from the model to the generated code, through the Python API."""

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

import embedc
from embedc.ir.types import ELEMENTS, Array
from tests.frontends.small import floats, model, single, tensor

HALVES = {"f16": TensorProto.FLOAT16, "bf16": TensorProto.BFLOAT16}


def half_network(name: str) -> ModelProto:
    """Conv, Relu, mean, MatMul, Softmax in 16 bits; the means are of sums beyond what f16 holds."""
    element, dtype = HALVES[name], ELEMENTS[name].dtype
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["m"]),
        helper.make_node("Transpose", ["m"], ["t"], perm=[0, 2, 3, 1]),
        helper.make_node("MatMul", ["t", "g"], ["p"]),
        helper.make_node("Mul", ["p", "s"], ["q"]),
        helper.make_node("Softmax", ["q"], ["y"]),
    ]
    constants = {
        "w": floats(4, 3, 3, 3) * 100,
        "b": floats(4) + 1000,
        "g": floats(4, 5),
        "s": np.asarray(1 / 512, np.float32),
    }
    halves = {k: v.astype(dtype) for k, v in constants.items()}
    outputs = [tensor("m", [1, 4, 1, 1], element), tensor("y", [1, 1, 1, 5], element)]
    return model(nodes, [tensor("x", [1, 3, 16, 16], element)], outputs, halves, opset=22)


def half_numpy(x: Array, source: ModelProto) -> dict[str, Array]:
    """The network in f64, rounded behind each node."""
    dtype = x.dtype
    w, b, g, s = (np.asarray(numpy_helper.to_array(t), np.float64) for t in source.graph.initializer)
    wide = np.pad(x.astype(np.float64), ((0, 0), (0, 0), (1, 1), (1, 1)))
    taps = np.lib.stride_tricks.sliding_window_view(wide, (3, 3), axis=(2, 3))
    c = (np.einsum("nchwij,ocij->nohw", taps, w) + b[None, :, None, None]).astype(dtype)
    m = np.maximum(c, 0).astype(np.float64).mean((2, 3), keepdims=True).astype(dtype)
    p = (m.astype(np.float64).transpose(0, 2, 3, 1) @ g).astype(dtype)
    q = (p.astype(np.float64) * s).astype(dtype).astype(np.float64)
    e = np.exp(q - q.max(-1, keepdims=True))
    return {"m": m, "y": (e / e.sum(-1, keepdims=True)).astype(dtype)}


@pytest.mark.parametrize("target", ["c", "host"])
@pytest.mark.parametrize("name", HALVES)
def test_a_network_of_16_bit_floats(name: str, target: str) -> None:
    source = half_network(name)
    bundle = embedc.compile(source, target)
    x = floats(1, 3, 16, 16, seed=3).astype(ELEMENTS[name].dtype)
    got = bundle.run({"x": x})
    assert (bundle.path / f"{bundle.manifest['name']}.h").read_text().count("uint16_t *") >= 3
    for output, expected in half_numpy(x, source).items():
        assert got[output].dtype == expected.dtype
        unit = 2.0 ** (1 - ELEMENTS[name].precision)
        error = np.abs(got[output].astype(np.float64) - expected.astype(np.float64))
        assert (error <= 2 * unit * np.abs(expected.astype(np.float64)).max()).all(), output


def test_each_node_rounds_as_it_does_alone() -> None:
    """1 + 1/4096 - 1 is 0 in f16; the sum of maxima overflows."""
    nodes = [helper.make_node("Add", ["x", "e"], ["s"]), helper.make_node("Sub", ["s", "o"], ["y"])]
    nodes += [helper.make_node("Add", ["x", "h"], ["t"]), helper.make_node("Sub", ["t", "h"], ["z"])]
    constants = {"e": np.float16(1 / 4096), "o": np.float16(1), "h": np.float16(65504)}
    element = TensorProto.FLOAT16
    source = model(
        nodes,
        [tensor("x", [2], element)],
        [tensor("y", [2], element), tensor("z", [2], element)],
        {k: np.asarray(v) for k, v in constants.items()},
    )
    got = embedc.compile(source, "c").run({"x": np.asarray([1, 65504], np.float16)})
    np.testing.assert_array_equal(got["y"], np.asarray([0, 65504], np.float16))
    np.testing.assert_array_equal(got["z"], np.asarray([0, np.inf], np.float16))


def test_results_of_a_widened_node_keep_their_names_and_types() -> None:
    x = floats(3, 5).astype(np.float16)
    source = single("TopK", {"x": x}, {"k": np.asarray([2])}, outputs=("v", "i"))
    bundle = embedc.compile(source, "c")
    got = bundle.run({"x": x})
    np.testing.assert_array_equal(got["v"], -np.sort(-x, axis=1)[:, :2])
    assert got["v"].dtype == np.float16
    assert got["i"].dtype == np.int64
    assert {(t["tensor"], t["element"]) for t in bundle.manifest["trace"]} <= {("v", "f16"), ("i", "i64")}
