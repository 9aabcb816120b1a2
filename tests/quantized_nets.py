"""Small quantized networks as ONNX models: dequantize, an operator, quantize."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper

from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.graph import Graph
from embedc.ir.interpreter import run
from embedc.ir.types import Array
from embedc.ops.elementwise import Const
from embedc.passes.pipeline import default_pipeline, run_pipeline

OPSET = 20

Kind = type[np.integer[Any]]


@dataclass
class Net:
    """A model under construction: nodes, and tensors that are stored in it."""

    rng: np.random.Generator
    nodes: list[onnx.NodeProto] = field(default_factory=list[onnx.NodeProto])
    stored: list[onnx.TensorProto] = field(default_factory=list[onnx.TensorProto])
    given: dict[str, Array] = field(default_factory=dict[str, Array])

    def constant(self, data: Any) -> str:
        name = f"c{len(self.stored)}"
        self.stored.append(numpy_helper.from_array(np.asarray(data), name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=f"n{len(self.nodes)}", **attributes))
        return name

    def dequantized(self, q: str, scale: Any, zero: Any, **attributes: Any) -> str:
        parameters = self.constant(np.asarray(scale, np.float32)), self.constant(zero)
        return self.node("DequantizeLinear", q, *parameters, **attributes)

    def input(self, kind: Kind, shape: tuple[int, ...], scale: float, zero: int) -> str:
        """Bytes that are given, dequantized."""
        name = f"x{len(self.given)}"
        limits = np.iinfo(kind)
        self.given[name] = self.rng.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
        return self.dequantized(name, scale, np.asarray(zero, kind))

    def model(self, output: str) -> onnx.ModelProto:
        inputs = [
            helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape)
            for n, a in self.given.items()
        ]
        result = helper.make_empty_tensor_value_info(output)
        graph = helper.make_graph(self.nodes, "net", inputs, [result], self.stored)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)

    def quantized(self, value: str, scale: float, zero: int, kind: Kind) -> "Results":
        """The results of the model that ends in a quantize of `value`."""
        parameters = self.constant(np.float32(scale)), self.constant(np.asarray(zero, kind))
        return results(self, self.node("QuantizeLinear", value, *parameters))


@dataclass(frozen=True)
class Results:
    """What embedc's integers are, and what ONNX Runtime computes."""

    graph: Graph
    given: dict[str, Array]
    ours: Array
    theirs: Array

    def within_a_unit(self) -> "Results":
        difference = np.abs(self.ours.astype(int) - self.theirs.astype(int))
        assert self.ours.dtype == self.theirs.dtype and difference.max() <= 1
        return self

    def without_floats(self) -> "Results":
        computed = [v for op in self.graph.ops if not isinstance(op, Const) for v in op.results]
        assert not [v for v in computed if v.type.element.is_float]
        return self


def results(net: Net, output: str) -> Results:
    model = net.model(output)
    options: Any = onnxruntime.SessionOptions()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL  # pyright: ignore[reportUnknownMemberType]
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    theirs: list[Any] = list(session.run(None, dict(net.given)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    graph = run_pipeline(load(model, ImportOptions()), default_pipeline())
    (ours,) = run(graph, net.given).values()
    return Results(graph, net.given, ours, theirs[0])


KINDS: tuple[Kind, ...] = (np.uint8, np.int8)
Make = Callable[[Net, str], str]


SHAPE = (1, 4, 6, 8)
MOVES: dict[str, Make] = {
    "Reshape": lambda n, x: n.node("Reshape", x, n.constant(np.asarray([4, 48]))),
    "Transpose": lambda n, x: n.node("Transpose", x, perm=[0, 2, 3, 1]),
    "Slice": lambda n, x: n.node("Slice", x, *(n.constant(np.asarray([v])) for v in (1, 6, 2, 2))),
    "Expand": lambda n, x: n.node("Expand", x, n.constant(np.asarray([3, 4, 6, 8]))),
    "Pad": lambda n, x: n.node("Pad", x, n.constant(np.asarray([0, 0, 1, 2, 0, 0, 0, 1]))),
    "Pad with another number": lambda n, x: n.node(
        "Pad", x, n.constant(np.asarray([0, 0, 1, 2, 0, 0, 0, 1])), n.constant(np.float32(0.77))
    ),
    "MaxPool": lambda n, x: n.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 1], pads=[1, 1, 1, 1]),
    "ReduceMax": lambda n, x: n.node("ReduceMax", x, n.constant(np.asarray([2])), keepdims=1),
    "ReduceMin": lambda n, x: n.node("ReduceMin", x, n.constant(np.asarray([1, 3])), keepdims=0),
    "Gather": lambda n, x: n.node("Gather", x, n.constant(np.asarray([3, 0, 0, 2])), axis=2),
    "Resize": lambda n, x: n.node(
        "Resize", x, "", n.constant(np.asarray([1, 1, 2, 2], np.float32)), mode="nearest",
        coordinate_transformation_mode="asymmetric", nearest_mode="floor",
    ),
    "Relu": lambda n, x: n.node("Relu", x),
    "Relu6": lambda n, x: n.node("Clip", x, n.constant(np.float32(0)), n.constant(np.float32(6))),
    "nothing": lambda n, x: n.node("Identity", x),
}  # fmt: skip


POOLS: dict[str, Make] = {
    "AveragePool": lambda n, x: n.node("AveragePool", x, kernel_shape=[2, 3], strides=[2, 2]),
    "borders": lambda n, x: n.node("AveragePool", x, kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    "borders counted": lambda n, x: n.node(
        "AveragePool", x, kernel_shape=[3, 3], pads=[1, 0, 1, 1], count_include_pad=1
    ),
    "GlobalAveragePool": lambda n, x: n.node("GlobalAveragePool", x),
    "ReduceMean": lambda n, x: n.node("ReduceMean", x, n.constant(np.asarray([1, 2])), keepdims=0),
    "Resize": lambda n, x: n.node(
        "Resize",
        x,
        "",
        n.constant(np.asarray([1, 1, 2, 2], np.float32)),
        mode="linear",
    ),
    "ReduceSum": lambda n, x: n.node("ReduceSum", x, n.constant(np.asarray([3])), keepdims=1),
}


FUNCTIONS: dict[str, Mapping[str, Any]] = {
    "Sigmoid": {}, "Tanh": {}, "HardSwish": {}, "LeakyRelu": {"alpha": 0.1}, "Gelu": {}, "Elu": {}, "Selu": {},
    "Softplus": {}, "Softsign": {}, "Exp": {}, "Abs": {}, "Neg": {}, "HardSigmoid": {}, "Mish": {}, "Erf": {}, "Celu": {},
    "ThresholdedRelu": {"alpha": 0.5}, "Floor": {},
}  # fmt: skip


PAIRS = ("Add", "Sub", "Mul")


def pair(name: str, seed: int) -> Results:
    """An operator on two tensors of one shape, or of which one is broadcast; a clamp behind."""
    net = Net(np.random.default_rng(seed))
    kind, rng = KINDS[seed % 2], net.rng
    shapes = [SHAPE, (SHAPE, (1, 4, 1, 1))[seed % 2]]
    a, b = (net.input(kind, s, float(rng.uniform(0.01, 0.2)), int(rng.integers(0, 120))) for s in shapes)
    y = net.node(name, a, b)
    y = net.node("Relu", y) if seed % 3 == 0 else y
    return net.quantized(y, float(rng.uniform(0.1, 0.3)), 50, kind)


def moved(name: str, same: bool) -> Results:
    """An operator that moves or compares elements, between two scales or in one."""
    net = Net(np.random.default_rng(3))
    y = MOVES[name](net, net.input(np.int8, SHAPE, 0.07, -20))
    return net.quantized(y, *((0.07, -20) if same else (0.05, 13)), np.int8)


def pooled(name: str, kind: Kind) -> Results:
    """Sums of bytes."""
    net = Net(np.random.default_rng(4))
    y = POOLS[name](net, net.input(kind, SHAPE, 0.09, 40))
    return net.quantized(y, 0.11, 21, kind)


def function(name: str, kind: Kind) -> Results:
    """A function of one tensor."""
    net = Net(np.random.default_rng(6))
    zero = 117 if kind is np.uint8 else -11
    y = net.node(name, net.input(kind, SHAPE, 0.031, zero), **FUNCTIONS[name])
    return net.quantized(y, 0.02, 3, kind)


def sloped(kind: Kind, slope: float) -> Results:
    """Another slope below zero for each channel."""
    net = Net(np.random.default_rng(6))
    slopes = net.constant((slope * net.rng.uniform(0.5, 1.0, (4, 1, 1))).astype(np.float32))
    y = net.node("PRelu", net.input(kind, SHAPE, 0.031, 70), slopes)
    return net.quantized(y, 0.02, 30, kind)


def softmax(axis: int) -> Results:
    """Over rows or columns."""
    net = Net(np.random.default_rng(7))
    y = net.node("Softmax", net.input(np.int8, (3, 12), 0.08, 9), axis=axis)
    return net.quantized(y, 1 / 256, -128, np.int8)


def product_of_two(kind: Kind) -> Results:
    """A product of two tensors of bytes."""
    net = Net(np.random.default_rng(1))
    a, b = net.input(kind, (2, 5, 12), 0.02, 7), net.input(kind, (2, 12, 6), 0.03, 90)
    return net.quantized(net.node("MatMul", a, b), 0.04, 3, kind)
