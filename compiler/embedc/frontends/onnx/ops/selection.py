"""Operators whose results have as many elements as the data says: computed at compile time, or not at all."""

from collections.abc import Sequence

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.taking import take
from embedc.ir.graph import Value


@onnx_op("Compress")
def compress(node: Node) -> Value:
    """Those elements of an axis, or of the flattened input, whose condition holds."""
    x = node.operand(0)
    condition = node.deciding(1, "the condition")
    axis = node.axis(node.integer("axis"), x.type.rank) if node.has("axis") else None
    if axis is None:
        x, axis = node.reshape(x, (x.type.size,)), 0
    if condition.ndim != 1 or condition.size > x.type.dims[axis]:
        raise node.fail(f"condition {list(condition.shape)} for axis {axis} of {x.type}", "re-export the model")
    chosen = np.flatnonzero(condition)
    return take(node, x, axis, chosen) if len(chosen) else node.part(x, axis, 0, 0)


@onnx_op("NonZero")
def non_zero(node: Node) -> Value:
    """The positions of all elements that are not zero."""
    data = node.deciding(0, "its data")
    found = np.argwhere(data) if data.ndim else np.zeros((int(bool(data)), 0), np.int64)
    return node.array(np.ascontiguousarray(found.T, np.int64))


@onnx_op("Unique")
def unique(node: Node) -> Sequence[Value]:
    """The different elements, or slices along an axis, where each comes first, which one each is, and how often."""
    data = node.deciding(0, "its data")
    axis = node.axis(node.integer("axis"), data.ndim) if node.has("axis") else None
    in_order = node.flag("sorted", True)
    kept, first, inverse, count = np.unique(
        data, return_index=True, return_inverse=True, return_counts=True, axis=axis, equal_nan=False
    )
    inverse = inverse.reshape(-1)
    if not in_order:
        order = np.argsort(first)
        places = np.argsort(order)
        kept, first, count = np.take(kept, order, axis or 0), first[order], count[order]
        inverse = places[inverse]
    return [
        node.output(0).array(kept),
        *(node.output(i).array(a.astype(np.int64)) for i, a in ((1, first), (2, inverse), (3, count))),
    ]
