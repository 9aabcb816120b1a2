"""Small ONNX models that together use every kind of generated code."""

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from embedc.ir.types import Array


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[int]],
    outputs: Mapping[str, Sequence[int]],
    weights: Mapping[str, Array] | None = None,
) -> onnx.ModelProto:
    """A model of float inputs and outputs."""
    graph = helper.make_graph(
        list(nodes),
        "small",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in inputs.items()],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in outputs.items()],
        [numpy_helper.from_array(a, n) for n, a in (weights or {}).items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def random_weights(**shapes: tuple[int, ...]) -> dict[str, Array]:
    generator = np.random.Generator(np.random.PCG64(7))
    return {
        name: (generator.standard_normal(shape) / max(1, np.prod(shape[1:])) ** 0.5).astype(np.float32)
        for name, shape in shapes.items()
    }


def convolutional() -> onnx.ModelProto:
    """Convolution, depthwise, residual, pooling, product, softmax."""
    nodes = [
        helper.make_node("Conv", ["image", "w0", "b0"], ["c0"], name="first", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c0"], ["r0"], name="first relu"),
        helper.make_node("Conv", ["r0", "w1"], ["c1"], name="depthwise", group=8, pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["c1", "w2", "b2"], ["c2"], name="pointwise"),
        helper.make_node("Add", ["c2", "r0"], ["a2"], name="residual"),
        helper.make_node("MaxPool", ["a2"], ["p2"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["p2"], ["f"]),
        helper.make_node("Gemm", ["f", "w3", "b3"], ["logits"], name="dense"),
        helper.make_node("Softmax", ["logits"], ["probability"], name="softmax"),
    ]
    weights = random_weights(
        w0=(8, 3, 3, 3), b0=(8,), w1=(8, 1, 3, 3), w2=(8, 8, 1, 1), b2=(8,), w3=(128, 10), b3=(10,)
    )
    return model(nodes, {"image": (1, 3, 8, 8)}, {"probability": (1, 10)}, weights)


def indexing() -> onnx.ModelProto:
    """Rows looked up and written at run time, the best few, positions of extremes, running sums."""
    nodes = [
        helper.make_node("TopK", ["scores", "three"], ["best", "which"], name="best", axis=1),
        helper.make_node("Gather", ["table", "which"], ["rows"], name="rows"),
        helper.make_node("Unsqueeze", ["which", "last"], ["places"]),
        helper.make_node("Mul", ["rows", "rows"], ["updates"], name="squares"),
        helper.make_node("ScatterND", ["table", "places", "updates"], ["written"], name="write", reduction="add"),
        helper.make_node("CumSum", ["written", "one"], ["running"], name="sums", reverse=1),
        helper.make_node("ArgMin", ["running"], ["least"], name="least", axis=0),
        helper.make_node("Cast", ["least"], ["position"], to=TensorProto.FLOAT),
    ]
    integers = {"three": np.array([3]), "one": np.array(1), "last": np.array([2])}
    outputs = {"best": (2, 3), "position": (1, 8), "rows": (2, 3, 8)}
    return model(nodes, {"scores": (2, 7), "table": (7, 8)}, outputs, integers)


def counting() -> onnx.ModelProto:
    """Integers alone, greater than a double holds exactly."""
    nodes = [
        helper.make_node("Add", ["x", "far"], ["moved"], name="moved"),
        helper.make_node("ReduceSum", ["moved", "first"], ["total"], name="total", keepdims=0),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.INT64, (3, 5))
    outputs = [helper.make_tensor_value_info(n, TensorProto.INT64, s) for n, s in (("moved", (3, 5)), ("total", (5,)))]
    constants = {"far": np.array(2**60 + 1), "first": np.array([0])}
    initializers = [numpy_helper.from_array(array, name) for name, array in constants.items()]
    graph = helper.make_graph(nodes, "counting", [x], outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def elementwise() -> onnx.ModelProto:
    """Two inputs and two outputs, broadcasts, transposes, reductions, no kernel call."""
    nodes = [
        helper.make_node("Transpose", ["b"], ["t"], perm=[1, 0]),
        helper.make_node("Mul", ["a", "t"], ["m"], name="product"),
        helper.make_node("Abs", ["m"], ["sum"], name="absolute"),
        helper.make_node("ReduceMax", ["m"], ["largest"], name="largest", axes=[1], keepdims=0),
    ]
    return model(nodes, {"a": (5, 7), "b": (7, 5)}, {"sum": (5, 7), "largest": (5,)})


def long_lived() -> onnx.ModelProto:
    """An input that is read first and last, an output that is read again, one input that is handed through, one unread."""
    nodes = [
        helper.make_node("MatMul", ["a", "w"], ["m"], name="product"),
        helper.make_node("Relu", ["m"], ["early"], name="early"),
        helper.make_node("MatMul", ["early", "w"], ["n"], name="again"),
        helper.make_node("Add", ["n", "a"], ["late"], name="late"),
        helper.make_node("Identity", ["b"], ["through"], name="through"),
    ]
    outputs = {"early": (3, 16), "late": (3, 16), "through": (4,)}
    return model(nodes, {"a": (3, 16), "b": (4,), "unread": (5,)}, outputs, random_weights(w=(16, 16)))
