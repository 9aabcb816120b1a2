"""Gather and its relatives: all of them become gathers along one axis."""

import math
from collections.abc import Sequence

import numpy as np

from embedc.frontends.onnx.folding import MAX_COMPUTED
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.taking import affine_runs, take
from embedc.ir.graph import Value
from embedc.ir.types import Array
from embedc.ops.elementwise import Reduction, constant_of
from embedc.ops.layout import Gather


@onnx_op("Gather")
def gather(node: Node) -> Value:
    """Elements of one axis by index; negative indices count from its end."""
    x, indices = node.operand(0), node.operand(1)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    known = constant_of(indices)
    if known is not None:
        return _gather_known(node, x, axis, known)
    return node.emit(Gather(x, _wrapped(node, indices, x.type.dims[axis]), axis, origin=node.origin))


def _wrapped(node: Node, indices: Value, extents: int | Sequence[int]) -> Value:
    """Negative indices count from the end; `extents` is one for all, or one for each index of the last axis."""
    if not indices.type.element.is_integer:
        raise node.fail(f"indices are {indices.type}, not integers", "re-export the model")
    known, bound = constant_of(indices), np.asarray(extents, np.int64)
    if known is not None and np.any((known.astype(np.int64) < -bound) | (known.astype(np.int64) >= bound)):
        raise node.fail(f"indices are out of range for {extents}", "re-export the model")
    if indices.type.element.encoding.value == "u":
        return indices
    limit = node.numbers(extents, indices)
    return node.map(lambda i, n: (i < 0).where(i + n, i), indices, limit)


def _gather_known(node: Node, x: Value, axis: int, indices: Array) -> Value:
    """Regular indices are a view, others a table."""
    extent = x.type.dims[axis]
    if indices.dtype.kind not in "iu":
        raise node.fail("indices are not integers", "re-export the model")
    if indices.size and (indices.min() < -extent or indices.max() >= extent):
        raise node.fail(
            f"indices {int(indices.min())}…{int(indices.max())} for axis {axis} of {x.type}", "re-export the model"
        )
    flat = (indices.astype(np.int64) % max(extent, 1)).reshape(-1)
    if flat.size and affine_runs(flat, 1) is not None:
        shape = (*x.type.dims[:axis], *indices.shape, *x.type.dims[axis + 1 :])
        return node.reshape(take(node, x, axis, flat), shape)
    table = node.array(flat.reshape(indices.shape).astype(np.int32))
    return node.emit(Gather(x, table, axis, origin=node.origin))


def _strides(shape: Sequence[int]) -> list[int]:
    """Distance of neighbours along each axis in row-major order."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def _offsets(node: Node, shape: Sequence[int], strides: Sequence[int]) -> Array:
    """Row-major position of every index of `shape` under `strides`."""
    if math.prod(shape) > MAX_COMPUTED:
        raise node.fail(f"needs a table of {math.prod(shape)} indices", f"at most {MAX_COMPUTED} are supported")
    total = np.zeros(tuple(shape), np.int64)
    for axis, (extent, stride) in enumerate(zip(shape, strides, strict=True)):
        total += (np.arange(extent) * stride).reshape([-1 if a == axis else 1 for a in range(len(shape))])
    return total


@onnx_op("GatherElements")
def gather_elements(node: Node) -> Value:
    """One index for each element of the result: a gather from the flattened input."""
    x, indices = node.operand(0), node.operand(1)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    others = [n for a, n in enumerate(x.type.dims) if a != axis]
    if indices.type.rank != x.type.rank or any(
        n > m for a, (n, m) in enumerate(zip(indices.type.dims, x.type.dims, strict=True)) if a != axis
    ):
        raise node.fail(f"indices {indices.type} for {x.type} with other axes {others}", "re-export the model")
    strides = _strides(x.type.dims)
    shape = [1 if a == axis else n for a, n in enumerate(indices.type.dims)]
    offsets = node.numbers(_offsets(node, shape, strides), indices)
    wrapped = _wrapped(node, indices, x.type.dims[axis])
    flat = node.map(lambda i, o: i * strides[axis] + o, wrapped, offsets)
    return node.emit(Gather(node.reshape(x, (x.type.size,)), flat, 0, origin=node.origin))


@onnx_op("GatherND")
def gather_nd(node: Node) -> Value:
    """A tuple of indices for each slice of the result: a gather from the input with its leading axes flattened."""
    x, indices = node.operand(0), node.operand(1)
    batch, (*lead, depth) = node.integer("batch_dims", 0), indices.type.dims or (0,)
    if not 0 <= batch < min(x.type.rank, indices.type.rank) or not 1 <= depth <= x.type.rank - batch:
        raise node.fail(f"indices {indices.type} for {x.type} with {batch} batch axes", "re-export the model")
    whole, rest = x.type.dims[: batch + depth], x.type.dims[batch + depth :]
    strides = _strides(whole)
    scaled = node.map(
        lambda i, s: i * s,
        _wrapped(node, indices, whole[batch:]),
        node.numbers(strides[batch:], indices),
    )
    flat = node.reshape(node.reduce(scaled, Reduction.ADD, (indices.type.rank - 1,)), lead)
    if batch:
        shape = [*lead[:batch], *(1 for _ in lead[batch:])]
        offsets = _offsets(node, shape, [*strides[:batch], *(0 for _ in lead[batch:])])
        flat = node.map(lambda i, o: i + o, flat, node.numbers(offsets, flat))
    return node.emit(Gather(node.reshape(x, (math.prod(whole), *rest)), flat, 0, origin=node.origin))
