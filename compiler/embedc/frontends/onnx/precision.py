"""Floats of 16 bits are stored, not computed: a node's operands are widened to f32 and its results rounded back."""

from collections.abc import Sequence

import numpy as np
from onnx import defs

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import Build
from embedc.ir.graph import Value
from embedc.ir.types import F32, Array, Element, TensorType
from embedc.ops.elementwise import Const, constant, splat

MOVES = frozenset(
    [
        "Identity",
        "Dropout",
        "Reshape",
        "Flatten",
        "Squeeze",
        "Unsqueeze",
        "Transpose",
        "Slice",
        "Split",
        "Concat",
        "Gather",
        "GatherElements",
        "GatherND",
        "Expand",
        "Tile",
        "Pad",
        "DepthToSpace",
        "SpaceToDepth",
        "Shape",
        "Size",
        "Constant",
        "ConstantOfShape",
        "EyeLike",
        "Trilu",
        "ReverseSequence",
        "Compress",
        "Where",
        "OneHot",
    ]
)
"""Operators that only move elements: what they are makes no difference."""

BY_TYPE = frozenset(
    ["Cast", "CastLike", "BitCast", "DequantizeLinear", "QuantizeLinear", "QLinearMatMul", "If", "Loop", "Scan"]
)
"""Operators to which the element type itself says something, or that hand values on to others."""


def built(node: Node, build: Build) -> Sequence[Value]:
    """The results of a node's builder, which never sees a float of 16 bits that it would have to compute with."""
    stored = any(v is not None and v.type.element.is_stored for v in node.inputs)
    if not stored or node.domain or node.op_type in MOVES | BY_TYPE or not defs.has(node.op_type, node.opset, ""):
        return _listed(build(node))
    schema = defs.get_schema(node.op_type, node.opset, "")
    narrow: dict[str, Element] = {}
    for number, value in enumerate(node.inputs):
        if value is not None and value.type.element.is_stored:
            narrow[schema.inputs[min(number, len(schema.inputs) - 1)].type_str] = value.type.element
    results = _listed(build(node.between().over([v and _widened(node, v) for v in node.inputs])))
    kinds = [schema.outputs[min(i, len(schema.outputs) - 1)].type_str for i in range(len(results))]
    return [_narrowed(node.output(i), v, narrow.get(kinds[i], F32)) for i, v in enumerate(results)]


def _listed(results: Value | Sequence[Value]) -> Sequence[Value]:
    return [results] if isinstance(results, Value) else list(results)


def _widened(node: Node, value: Value) -> Value:
    if not value.type.element.is_stored:
        return value
    type_ = TensorType(F32, value.type.shape)
    if not isinstance(value.producer, Const):
        return node.between().map(lambda x: x.cast(F32), value)
    if value.producer.is_splat:
        return splat(value.producer.first, type_, value.origin)
    data: Array = value.producer.data
    return constant(data.astype(np.float32), value.origin)


def _narrowed(node: Node, value: Value, element: Element) -> Value:
    return node.map(lambda x: x.cast(element), value) if value.type.element == F32 != element else value
