"""Small ONNX models, and small changes to them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

Array = NDArray[Any]
Shape = Sequence[int | str | None]
OPSET = 17


def tensor(name: str, shape: Shape | None, element: int = TensorProto.FLOAT) -> ValueInfoProto:
    """A graph input or output."""
    return helper.make_tensor_value_info(name, element, shape)


def floats(*shape: int, seed: int = 0) -> Array:
    """Random numbers."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def model(
    nodes: Sequence[NodeProto],
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[ValueInfoProto | str],
    constants: Mapping[str, Array] | None = None,
    opset: int = OPSET,
) -> ModelProto:
    """A model; outputs given by name are of unknown type."""
    infos = [ValueInfoProto(name=o) if isinstance(o, str) else o for o in outputs]
    stored = [numpy_helper.from_array(a, n) for n, a in (constants or {}).items()]
    graph = helper.make_graph(list(nodes), "small", list(inputs), infos, stored)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def single(
    op: str,
    inputs: Mapping[str, Array],
    constants: Mapping[str, Array] | None = None,
    outputs: Sequence[str] = ("y",),
    opset: int = OPSET,
    names: Sequence[str] | None = None,
    domain: str = "",
    **attributes: Any,
) -> ModelProto:
    """A model of one node that reads `names`: all inputs, then all constants by default."""
    constants = constants or {}
    operands = [*inputs, *constants] if names is None else list(names)
    node = helper.make_node(op, operands, list(outputs), name=f"the_{op.lower()}", domain=domain, **attributes)
    infos = [tensor(n, a.shape, helper.np_dtype_to_tensor_dtype(a.dtype)) for n, a in inputs.items()]
    result = model([node], infos, list(outputs), constants, opset)
    if domain:
        result.opset_import.append(helper.make_opsetid(domain, 1))
    return result


def network() -> ModelProto:
    """Conv, Relu, Flatten, Gemm on one image of 3x8x8."""
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"], name="relu"),
        helper.make_node("Flatten", ["r"], ["f"], name="flat"),
        helper.make_node("Gemm", ["f", "g", "h"], ["y"], name="gemm"),
    ]
    constants = {"w": floats(4, 3, 3, 3), "b": floats(4), "g": floats(256, 10), "h": floats(10)}
    return model(nodes, [tensor("x", [1, 3, 8, 8])], [tensor("y", [1, 10])], constants)


def changed(change: Callable[[ModelProto], object]) -> ModelProto:
    """The network after `change`."""
    result = network()
    change(result)
    return result


def stored(target: ModelProto, name: str) -> TensorProto:
    """An initializer."""
    return next(t for t in target.graph.initializer if t.name == name)


def node(target: ModelProto, name: str) -> NodeProto:
    """A node by name."""
    return next(n for n in target.graph.node if n.name == name)
