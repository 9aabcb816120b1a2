"""x[..., indices, ...] for indices known at compile time, as affine views wherever they are regular."""

from collections.abc import Sequence

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.ir.graph import Value
from embedc.ir.types import Array
from embedc.ops.layout import Concat, Gather

MAX_VIEWS = 4
"""Indices that fall into up to this many regular runs become a concat of views, others a gather."""


def take(node: Node, x: Value, axis: int, indices: Array) -> Value:
    """Elements `indices` (one-dimensional, in range) of one axis."""
    factor = repetition(indices)
    if factor > 1:
        picked = take(node, x, axis, indices[::factor])
        return repeat(node, picked, [factor if a == axis else 1 for a in range(x.type.rank)])
    runs = affine_runs(indices, MAX_VIEWS)
    if runs is None:
        table = node.array(indices.astype(np.int32 if x.type.dims[axis] < 2**31 else np.int64))
        return node.emit(Gather(x, table, axis, origin=node.origin))
    parts = tuple(_run(node, x, axis, *run) for run in runs)
    return parts[0] if len(parts) == 1 else node.emit(Concat(parts, axis, origin=node.origin))


def repetition(indices: Array) -> int:
    """The largest f such that every index comes f times in a row; 1 for constant lists."""
    changes = np.flatnonzero(np.diff(indices)) + 1
    if len(changes) == 0:
        return 1
    return int(np.gcd.reduce(np.append(changes, len(indices))))


def affine_runs(indices: Array, limit: int) -> list[tuple[int, int, int]] | None:
    """The list as (start, step, extent) runs, None if that takes more than `limit` of them."""
    runs: list[tuple[int, int, int]] = []
    begin = 0
    while begin < len(indices):
        if len(runs) == limit:
            return None
        steps = np.diff(indices[begin:])
        step = int(steps[0]) if len(steps) else 1
        breaks = np.flatnonzero(steps != step)
        extent = int(breaks[0]) + 1 if len(breaks) else len(steps) + 1
        runs.append((int(indices[begin]), step, extent))
        begin += extent
    return runs


def _run(node: Node, x: Value, axis: int, start: int, step: int, extent: int) -> Value:
    rank = x.type.rank
    shape = tuple(extent if a == axis else d for a, d in enumerate(x.type.dims))
    source = [-1 if a == axis and step == 0 else a for a in range(rank)]
    starts = [start if a == axis else 0 for a in range(rank)]
    return node.index(x, shape, source, starts, [step if a == axis and step else 1 for a in range(rank)])


def repeat(node: Node, x: Value, inner: Sequence[int]) -> Value:
    """Every element of each axis `inner` times in a row."""
    return _blocks(node, x, [1] * x.type.rank, inner)


def tile(node: Node, x: Value, outer: Sequence[int]) -> Value:
    """Each axis `outer` times behind itself."""
    return _blocks(node, x, outer, [1] * x.type.rank)


def _blocks(node: Node, x: Value, outer: Sequence[int], inner: Sequence[int]) -> Value:
    shape: list[int] = []
    source: list[int] = []
    for axis, (before, n, behind) in enumerate(zip(outer, x.type.dims, inner, strict=True)):
        for extent, origin in ((before, -1), (n, axis), (behind, -1)):
            if origin >= 0 or extent > 1:
                shape.append(extent)
                source.append(origin)
    view = node.index(x, shape, source, (0,) * x.type.rank, (1,) * len(shape))
    return node.reshape(view, [b * n * i for b, n, i in zip(outer, x.type.dims, inner, strict=True)])
