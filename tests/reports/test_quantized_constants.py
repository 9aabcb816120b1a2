"""DequantizeLinear of constants in every form; scalars above all."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

import embedc
from embedc.verify.onnxruntime import Oracle
from tests.frontends.small import Array, floats, model, tensor

KINDS = (np.int8, np.uint8, np.int16, np.uint16, np.int32)


@dataclass
class Quantized:
    """Nodes that read constants, one output each."""

    nodes: list[onnx.NodeProto] = field(default_factory=list[onnx.NodeProto])
    stored: dict[str, Array] = field(default_factory=dict[str, Array])

    def add(self, q: Array, scale: Array, zero: Array | None = None, **attributes: Any) -> str:
        """A node; the name of its result."""
        number = len(self.nodes)
        arrays = {f"q{number}": q, f"s{number}": scale} | ({} if zero is None else {f"z{number}": zero})
        self.stored |= arrays
        self.nodes.append(
            helper.make_node("DequantizeLinear", [*arrays], [f"d{number}"], name=f"d{number}", **attributes)
        )
        return f"d{number}"


def f32(*values: float) -> Array:
    """A scalar of one value, a vector of several."""
    return np.asarray(values[0] if len(values) == 1 else values, np.float32)


def every_form() -> Quantized:
    found = Quantized()
    for kind in KINDS:
        limits = np.iinfo(kind)
        q = np.linspace(limits.min, limits.max, 24).astype(kind).reshape(2, 3, 4)
        zero = None if kind == np.int32 else np.asarray(limits.max // 3, kind)
        found.add(q, f32(0.1))
        found.add(q, f32(1e-8), zero)
        found.add(q, np.asarray([0.25], np.float32), None if zero is None else zero.reshape(1))
        found.add(q, f32(0.5, 1e-20, 3), None if zero is None else np.asarray([1, 0, 7], kind), axis=1)
        found.add(q, f32(0.5, 2), axis=-3)
        found.add(q, f32(1, 2, 3, 4), axis=2)
        found.add(np.asarray(limits.max, kind), f32(0.5), zero)
        found.add(np.asarray([limits.min], kind), f32(0.5))
    found.add(np.zeros((0, 3), np.int8), f32(0.5))
    q = np.arange(24, dtype=np.int8).reshape(2, 6, 2)
    found.add(q, floats(2, 3, 2), np.ones((2, 3, 2), np.int8), axis=1, block_size=2)
    found.add(q, np.asarray(0.125, np.float16))
    return found


def test_every_form(tmp_path: Path) -> None:
    """onnx2c #86: tensors of no dimensions as scale and zero point."""
    found = every_form()
    names = [n.output[0] for n in found.nodes]
    source = model(found.nodes, [], names, found.stored, opset=21)
    source.ir_version = 10
    expected = Oracle(source, {n: n for n in names}, optimized=False).run({})
    got = embedc.compile(source, "c", tmp_path / "net", name="net").run({})
    for name in names:
        assert got[name].dtype == expected[name].dtype
        np.testing.assert_array_equal(got[name], expected[name], err_msg=name)


@pytest.mark.parametrize("shared", [False, True], ids=["own", "shared"])
def test_weights_of_layers(shared: bool, tmp_path: Path) -> None:
    """onnx2c #86: weights and biases as integers with scalar scales, which layers may share."""
    found = Quantized()
    generator = np.random.default_rng(0)

    def drawn(*shape: int) -> Array:
        return generator.integers(-127, 128, shape).astype(np.int8)

    w = found.add(drawn(4, 4, 3, 3), f32(0.01), np.asarray(3, np.int8))
    v = w if shared else found.add(drawn(4, 4, 3, 3), f32(0.01, 0.02, 0.03, 0.04), axis=0)
    b = found.add(np.asarray([100, -2000, 3, 70000], np.int32), f32(1e-4))
    g = found.add(drawn(4, 5), f32(0.05), np.asarray([0], np.int8))
    nodes = [
        helper.make_node("Conv", ["x", w, b], ["c"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("Conv", ["r", v, b], ["e"], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["e"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", g], ["y"]),
    ]
    source = model([*found.nodes, *nodes], [tensor("x", [1, 4, 7, 7])], ["y"], found.stored)
    inputs = {"x": floats(1, 4, 7, 7)}
    bundle = embedc.compile(source, "c", tmp_path / "net", name="net")
    expected = Oracle(source, {"y": "y"}, optimized=False).run(inputs)["y"]
    assert np.abs(bundle.run(inputs)["y"] - expected).max() <= 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("zero", [None, np.asarray(-3, np.int8)])
def test_scalars_around_a_layer(tmp_path: Path, zero: Array | None) -> None:
    """onnx2c #86: scale and zero point of QDQ are scalars."""
    stored = {"s": f32(0.02)} | ({} if zero is None else {"z": zero})
    kind = TensorProto.UINT8 if zero is None else TensorProto.INT8
    nodes = [
        helper.make_node("QuantizeLinear", ["x", *stored], ["q"]),
        helper.make_node("DequantizeLinear", ["q", *stored], ["d"]),
        helper.make_node("Relu", ["d"], ["r"]),
        helper.make_node("QuantizeLinear", ["r", *stored], ["y"]),
    ]
    source = model(nodes, [tensor("x", [20, 30])], [tensor("d", [20, 30]), tensor("y", [20, 30], kind)], stored)
    inputs = {"x": floats(20, 30)}
    expected = Oracle(source, {"d": "d", "y": "y"}, optimized=False).run(inputs)
    given = embedc.compile(source, target="c", out_dir=tmp_path / "net").run(inputs)
    for name, wanted in expected.items():
        np.testing.assert_array_equal(given[name], wanted)
