"""Coefficients that printers lose: tiny, subnormal, negative zero, huge, infinite, NaN, wherever a number of the model can land."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embedc.bundle import Bundle
from embedc.verify.onnxruntime import Oracle
from tests.emit.compiling import bundle_of
from tests.frontends.small import Array, tensor

TINY = (1e-8, 1e-38, 1e-40, 1.4e-45, -0.0, 0.1, 1e-5)
HUGE = (3.4e38, float("inf"), float("-inf"), float("nan"), 16777217.0, 1e20)
DOUBLES = (1e-300, 5e-324, -0.0, 1e308, 0.1, float("nan"), float("-inf"), 1 / 3)
HALVES = (6e-8, 1e-5, 65504.0, -0.0, float("inf"), float("nan"), 0.1)
SIGNED = ("Mul", "Add", "Sub", "Where", "Pad", "PRelu", "LeakyRelu")  # a maximum of both zeros may be either
SHAPE = (1, 4, 2, 8)
NUMBERS = [0.0, -0.0, 1.0, -1.0, 0.3, -2.5, 1e-8, -1e-8, 1e-38, -1e-40, 1e-45, 3e38, -3e38, 1e8, -7e-3, 6.0]


@dataclass
class Collected:
    """Nodes of one model; each gets its own output. `near` are those that may differ by rounding."""

    nodes: list[onnx.NodeProto] = field(default_factory=list[onnx.NodeProto])
    stored: list[TensorProto] = field(default_factory=list[TensorProto])
    near: set[str] = field(default_factory=set[str])

    def add(self, op: str, *operands: str | Array, near: bool = False, **attributes: Any) -> None:
        """A node that reads inputs by name and constants by value."""
        output = f"{op.lower()} {len(self.nodes)}"
        names: list[str] = []
        for operand in operands:
            if isinstance(operand, str):
                names.append(operand)
                continue
            names.append(f"k{len(self.stored)}")
            self.stored.append(numpy_helper.from_array(operand, names[-1]))
        self.nodes.append(helper.make_node(op, names, [output], name=output, **attributes))
        self.near |= {output} if near else set()

    def model(self, inputs: Sequence[onnx.ValueInfoProto]) -> onnx.ModelProto:
        outputs = [onnx.ValueInfoProto(name=n.output[0]) for n in self.nodes]
        graph = helper.make_graph(self.nodes, "numbers", list(inputs), outputs, self.stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


def f32(*values: float, shape: tuple[int, ...] = ()) -> Array:
    return np.asarray(values, np.float32).reshape(shape)


def elementwise() -> Collected:
    """Operands and attributes of elementwise operators."""
    found = Collected()
    for value in (*TINY, *HUGE):
        found.add("Mul", "x", f32(value))
        found.add("Add", "x", f32(value))
        found.add("Div", "x", f32(value), near=True)
        found.add("Max", "x", f32(value))
        found.add("Sub", f32(value), "x")
        found.add("Where", np.asarray([True, False] * 4), "x", f32(value))
        found.add("PRelu", "x", f32(value))
        found.add("Less", "x", f32(value))
        found.add("LeakyRelu", "x", alpha=value)
        found.add("ThresholdedRelu", "x", alpha=value)
        found.add("Pad", "x", np.asarray([0, 0, 0, 1] * 2), f32(value))
    for low, high in ((-1e-38, 1e-8), (1e-45, 3e38), (-0.0, 6.0), (-np.inf, np.inf), (1e-40, 1e-39)):
        found.add("Clip", "x", f32(low), f32(high))
    for value in TINY:
        found.add("HardSigmoid", "x", alpha=value, beta=0.5)
        found.add("HardSigmoid", "x", alpha=0.2, beta=value)
        found.add("Shrink", "x", lambd=value, bias=1e-8)
        found.add("Elu", "x", near=True, alpha=value)
        found.add("Selu", "x", near=True, alpha=1.0, gamma=value)
        if value > 1e-30:
            found.add("Celu", "x", near=True, alpha=value)
    return found


def reducing() -> Collected:
    """Weights, epsilons and factors of operators that sum."""
    found = Collected()
    zeros, ones = np.zeros(4, np.float32), np.ones(4, np.float32)
    for value in (1e-8, 1e-30, 1e-38, 1e-12):
        scale = f32(value, value, 1, 0, shape=(4,))
        found.add("BatchNormalization", "y", ones, zeros, zeros, scale, near=True, epsilon=value)
        found.add("BatchNormalization", "y", scale, scale, zeros, ones, near=True, epsilon=1e-5)
        found.add("LayerNormalization", "y", np.full(8, value, np.float32), near=True, epsilon=value)
        found.add("InstanceNormalization", "y", ones, scale, near=True, epsilon=value)
        found.add("Gemm", "m", np.ones((8, 3), np.float32), f32(1, 2, 3, shape=(3,)), near=True, alpha=value, beta=1.0)
        found.add("Gemm", "m", np.ones((8, 3), np.float32), f32(1, 2, 3, shape=(3,)), near=True, alpha=1.0, beta=value)
        found.add("LRN", "y", near=True, size=3, alpha=value, beta=0.75, bias=1.0)
        found.add("Conv", "y", np.full((4, 4, 1, 1), value, np.float32), scale, near=True)
        found.add("MatMul", "m", np.full((8, 5), value, np.float32), near=True)
    return found


def others() -> Collected:
    """f64 and f16."""
    found = Collected()
    for value in DOUBLES:
        for op in ("Mul", "Add"):
            found.add(op, "d", np.asarray(value, np.float64))
    for value in HALVES:
        for op in ("Mul", "Add"):
            found.add(op, "h", np.asarray(value, np.float16))
    return found


def inputs() -> dict[str, Array]:
    numbers = np.resize(np.asarray(NUMBERS, np.float32), SHAPE)
    x, y = numbers, np.random.default_rng(0).standard_normal(SHAPE).astype(np.float32)
    return {"x": x, "y": y, "m": y.reshape(8, 8), "d": np.resize(NUMBERS, 16), "h": y.reshape(-1).astype(np.float16)}


def compared(found: Collected, bundle: Bundle, source: onnx.ModelProto, given: dict[str, Array]) -> list[str]:
    """Outputs that are not those of ONNX Runtime: to the bit, or nearly where rounding may differ."""
    used = {name: array for name, array in given.items() if any(name in n.input for n in found.nodes)}
    expected = Oracle(source, {n.output[0]: n.output[0] for n in found.nodes}, optimized=False).run(used)
    got = bundle.run(used)
    wrong: list[str] = []
    for node in found.nodes:
        name = node.output[0]
        a, b = got[name], expected[name].reshape(got[name].shape)
        if name in found.near:
            same = np.allclose(a, b, rtol=2e-6, atol=1e-44, equal_nan=True) or nearly(a, b)
        else:
            same = np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
            if node.op_type in SIGNED:
                same = same and np.array_equal(np.signbit(a[~np.isnan(a)]), np.signbit(b[~np.isnan(b)]))
        if not same:
            wrong.append(f"{name}: {a.reshape(-1)[:16]} instead of {b.reshape(-1)[:16]}")
    return wrong


def nearly(a: Array, b: Array) -> bool:
    """Sums of terms that cancel: within rounding of the largest."""
    finite = np.isfinite(b)
    return np.array_equal(a[~finite], b[~finite], equal_nan=True) and bool(
        np.all(np.abs(a[finite] - b[finite]) <= 2e-6 * np.abs(b[finite]).max(initial=0))
    )


@pytest.mark.parametrize("target", ["c", "x86-avx2"])
@pytest.mark.parametrize("make", [elementwise, reducing, others], ids=lambda make: make.__name__)
def test_numbers_arrive(make: Any, target: str, tmp_path: Path) -> None:
    """onnx2c's elementwise.h: coefficients printed with six decimals."""
    found, given = make(), inputs()
    infos = [
        tensor(n, a.shape, helper.np_dtype_to_tensor_dtype(a.dtype))
        for n, a in given.items()
        if any(n in node.input for node in found.nodes)
    ]
    source = found.model(infos)
    wrong = compared(found, bundle_of(source, tmp_path / "net", "net", target), source, given)
    assert not wrong, "\n".join(wrong)
