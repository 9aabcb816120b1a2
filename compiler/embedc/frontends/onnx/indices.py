"""Index tensors made into positions: checked where they are known, kept in range where they are not."""

import math
from collections.abc import Sequence

import numpy as np

from embedc.frontends.onnx.folding import MAX_COMPUTED
from embedc.frontends.onnx.node import Node
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import I32, I64, Array
from embedc.ops.elementwise import Reduction, constant_of

NOWHERE = -(1 << 40)
"""A position that stays out of range whatever other axes add to it."""


def index_operand(node: Node, number: int, extents: int | Sequence[int], where: str) -> Value:
    """Operand `number` as i32 or i64; `extents` is one for all indices, or one for each along their last axis."""
    indices = node.operand(number)
    if not indices.type.element.is_integer:
        raise node.fail(f"indices are {indices.type}, not integers", "re-export the model")
    known, bound = constant_of(indices), np.asarray(extents, np.int64)
    if (
        known is not None
        and known.size
        and np.any((known.astype(np.int64) < -bound) | (known.astype(np.int64) >= bound))
    ):
        raise node.fail(f"indices {known.min()}…{known.max()} are out of range for {where}", "re-export the model")
    return indices if indices.type.element in (I32, I64) else node.map(lambda i: i.cast(I64), indices)


def strides_of(shape: Sequence[int]) -> list[int]:
    """Distance of neighbours along each axis in row-major order."""
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def offsets(node: Node, shape: Sequence[int], strides: Sequence[int]) -> Array:
    """Row-major position of every index of `shape` under `strides`."""
    if math.prod(shape) > MAX_COMPUTED:
        raise node.fail(f"needs a table of {math.prod(shape)} indices", f"at most {MAX_COMPUTED} are supported")
    total = np.zeros(tuple(shape), np.int64)
    for axis, (extent, stride) in enumerate(zip(shape, strides, strict=True)):
        total += (np.arange(extent) * stride).reshape([-1 if a == axis else 1 for a in range(len(shape))])
    return total


def from_start(index: Expr, extent: Expr) -> Expr:
    """Negative indices count from the end."""
    return (index < 0).where(index + extent, index)


def kept(index: Expr, extent: Expr, stride: Expr) -> Expr:
    """The distance to an element; what is out of range means the first or last one."""
    return from_start(index, extent).max(0).min(extent - 1) * stride


def dropped(index: Expr, extent: Expr, stride: Expr) -> Expr:
    """The distance to an element; what is out of range lies nowhere."""
    place = from_start(index, extent)
    return (place < 0).where(place.const(NOWHERE), (place < extent).where(place * stride, NOWHERE))


def element_positions(node: Node, number: int, x: Value, axis: int, drop: bool) -> Value:
    """Positions in the flattened x of one index along `axis` for each element.

    Gathers and scatters along one axis themselves keep, or drop, what is out of range.
    """
    indices = node.operand(number)
    dims, shape = x.type.dims, indices.type.dims
    if len(shape) != len(dims) or any(n > m for a, (n, m) in enumerate(zip(shape, dims, strict=True)) if a != axis):
        raise node.fail(f"indices {indices.type} along axis {axis} of {x.type}", "one index for each element at most")
    checked = index_operand(node, number, dims[axis], f"axis {axis} of {x.type}")
    if len(dims) == 1:
        return checked
    wide = node.map(lambda i: i.cast(I64), checked)
    strides = strides_of(dims)
    table = offsets(node, [1 if a == axis else n for a, n in enumerate(shape)], strides)
    extent, stride = node.numbers(dims[axis], wide), node.numbers(strides[axis], wide)
    distance = dropped if drop else kept
    flat = node.map(lambda i, n, s, o: distance(i, n, s) + o, wide, extent, stride, node.numbers(table, wide))
    return flat if drop else node.map(lambda i: i.cast(I32), flat)


def tuple_positions(node: Node, number: int, extents: Sequence[int], drop: bool, begin: Array | None = None) -> Value:
    """Positions in axes of `extents`, flattened, of tuples of indices along the last axis; counted from `begin`."""
    checked = index_operand(node, number, extents, f"axes of {list(extents)}")
    if len(extents) == 1 and begin is None:
        return node.reshape(checked, checked.type.dims[:-1])
    wide = node.map(lambda i: i.cast(I64), checked)
    bounds, strides = node.numbers(extents, wide), node.numbers(strides_of(extents), wide)
    scaled = node.map(dropped if drop else kept, wide, bounds, strides)
    total = node.reduce(scaled, Reduction.ADD, (wide.type.rank - 1,))
    flat = node.reshape(total, wide.type.dims[:-1])
    if begin is not None:
        flat = node.map(lambda i, b: i + b, flat, node.numbers(begin, flat))
    return flat if drop else node.map(lambda i: i.cast(I32), flat)
