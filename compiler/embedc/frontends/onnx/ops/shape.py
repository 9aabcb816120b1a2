"""Reshape and its relatives, and the operators that compute with shapes."""

import math
from collections.abc import Sequence

import numpy as np

from embedc.frontends.onnx.folding import filled
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.graph import Value


@onnx_op("Reshape")
def reshape(node: Node) -> Value:
    """0 keeps an extent (unless allowzero), -1 is what remains."""
    x = node.operand(0)
    wanted = node.integers("shape") if node.opset < 5 else node.constant_ints(1, "shape")
    allow_zero = node.flag("allowzero")
    shape = [_kept(node, x, axis) if n == 0 and not allow_zero else n for axis, n in enumerate(wanted)]
    if any(n < -1 for n in shape) or shape.count(-1) > 1:
        raise node.fail(f"shape {list(wanted)} is not a shape", "one -1 at most, all others positive")
    if -1 in shape:
        known = math.prod(n for n in shape if n != -1)
        shape[shape.index(-1)] = x.type.size // known if known and x.type.size % known == 0 else 0
    if math.prod(shape) != x.type.size:
        raise node.fail(
            f"cannot reshape {x.type} to {list(wanted)}",
            "the number of elements must stay the same; a model exported for another batch size has it in its shapes",
        )
    return node.reshape(x, shape)


def _kept(node: Node, x: Value, axis: int) -> int:
    if axis >= x.type.rank:
        raise node.fail(f"shape keeps axis {axis} of {x.type}", "0 stands for the extent of the input's own axis")
    return x.type.dims[axis]


@onnx_op("Flatten")
def flatten(node: Node) -> Value:
    """A matrix: the axes before `axis` by the others."""
    x = node.operand(0)
    axis = node.integer("axis", 1)
    axis = axis if axis == x.type.rank else node.axis(axis, x.type.rank)
    return node.reshape(x, (math.prod(x.type.dims[:axis]), math.prod(x.type.dims[axis:])))


def _listed_axes(node: Node) -> tuple[int, ...] | None:
    """The axes of Squeeze and Unsqueeze: an attribute before opset 13, an operand since."""
    return node.optional_integers("axes") if node.opset < 13 else node.optional_ints(1, "axes")


@onnx_op("Squeeze")
def squeeze(node: Node) -> Value:
    """Without some axes of extent 1; without all of them by default."""
    x = node.operand(0)
    listed = _listed_axes(node)
    axes = (
        node.axes(listed, x.type.rank)
        if listed is not None
        else tuple(axis for axis, n in enumerate(x.type.dims) if n == 1)
    )
    if any(x.type.dims[a] != 1 for a in axes):
        raise node.fail(f"axes {list(axes)} of {x.type} are not all 1", "only axes of extent 1 can be squeezed")
    return node.reshape(x, [n for axis, n in enumerate(x.type.dims) if axis not in axes])


@onnx_op("Unsqueeze")
def unsqueeze(node: Node) -> Value:
    """With new axes of extent 1."""
    x = node.operand(0)
    listed = _listed_axes(node)
    if listed is None:
        raise node.fail("axes are missing", "Unsqueeze needs them; re-export the model")
    rank = x.type.rank + len(listed)
    axes = node.axes(listed, rank)
    rest = iter(x.type.dims)
    return node.reshape(x, [1 if axis in axes else next(rest) for axis in range(rank)])


@onnx_op("Shape")
def shape_of(node: Node) -> Value:
    """Extents of the input, from axis `start` up to `end`."""
    dims = node.operand(0).type.dims
    start = node.integer("start", 0)
    end = node.integer("end", len(dims))
    return node.array(np.asarray(dims[_clamped(start, len(dims)) : _clamped(end, len(dims))], np.int64))


def _clamped(index: int, rank: int) -> int:
    return min(max(index + rank if index < 0 else index, 0), rank)


@onnx_op("Size")
def size_of(node: Node) -> Value:
    """Number of elements of the input."""
    return node.array(np.asarray(node.operand(0).type.size, np.int64))


@onnx_op("Identity")
def identity(node: Node) -> Value:
    """The input."""
    return node.operand(0)


@onnx_op("Dropout")
def dropout(node: Node) -> Sequence[Value]:
    """The input; the mask drops nothing."""
    node.ignore("ratio", "seed")
    if node.opset < 7 and not node.flag("is_test"):
        raise node.fail("is_test is 0: it would drop elements", "export the model in inference mode")
    training = node.optional_constant(2, "training_mode")
    if training is not None and training.any() and (node.optional(1) is None or node.scalar(1, "ratio") != 0):
        raise node.fail("training_mode is true: it would drop elements", "export the model in inference mode")
    x = node.operand(0)
    mask = np.ones((), np.bool_ if node.opset >= 10 else x.type.element.dtype)
    return [x, filled(mask, x.type.dims, node.origin)]
