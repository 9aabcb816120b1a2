"""ONNX model → Graph."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import onnx
from embedc.frontends.onnx import ops as _ops  # noqa: F401 - fills the registry
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import BUILDERS
from embedc.frontends.onnx.tensors import decode
from embedc.ir.graph import Graph, Origin, Value, collect
from embedc.ir.types import TensorType
from embedc.frontends.onnx.tensors import ELEMENTS
from embedc.ops.elementwise import constant


@dataclass(frozen=True)
class ImportOptions:
    """What a user may say about a model: extents of open dimensions, tensors to stop at, the network's name."""

    dims: Mapping[str, int] = field(default_factory=dict[str, int])
    outputs: tuple[str, ...] = ()
    name: str = ""


def load(source: Path | onnx.ModelProto, options: ImportOptions) -> Graph:
    model = source if isinstance(source, onnx.ModelProto) else onnx.load(source)
    opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
    values = {}
    for t in model.graph.initializer:
        a, ty = decode(t, None)
        values[t.name] = constant(a, Origin(tensor=t.name), ty)
    inputs = []
    for i in model.graph.input:
        if i.name in values:
            continue
        tt = i.type.tensor_type
        v = Value(TensorType(ELEMENTS[tt.elem_type], tuple(d.dim_value for d in tt.shape.dim)), i.name, Origin(tensor=i.name))
        values[i.name] = v
        inputs.append(v)
    for n in model.graph.node:
        node = Node(n, opset, [values[x] if x else None for x in n.input], Origin(n.name, n.op_type, n.output[0]))
        r = BUILDERS[n.op_type](node)
        for o, v in zip(n.output, (r,) if isinstance(r, Value) else r, strict=False):
            values[o] = v
        assert not node.unconsumed(), node.unconsumed()
    return collect(model.graph.name, inputs, {o.name: values[o.name] for o in model.graph.output})
