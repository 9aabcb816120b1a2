"""Gather, Scatter and their relatives: all of them become gathers or scatters along one axis."""

import math

import numpy as np

from embedc.frontends.onnx.indices import (
    NOWHERE,
    element_positions,
    index_operand,
    offsets,
    strides_of,
    tuple_positions,
)
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.taking import affine_runs, take
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import I32, I64
from embedc.ops.elementwise import constant_of
from embedc.ops.layout import Gather, Scatter, Update

_REDUCTIONS = {u.value: u for u in Update} | {"none": Update.REPLACE}


@onnx_op("Gather")
def gather(node: Node) -> Value:
    """Elements of one axis by index; negative indices count from its end. Regular ones that are known are a view."""
    x = node.operand(0)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    extent = x.type.dims[axis]
    indices = index_operand(node, 1, extent, f"axis {axis} of {x.type}")
    known = constant_of(indices)
    if known is None:
        return node.emit(Gather(x, indices, axis, origin=node.origin))
    flat = (known.astype(np.int64) % max(extent, 1)).reshape(-1)
    if flat.size and affine_runs(flat, 1) is not None:
        shape = (*x.type.dims[:axis], *known.shape, *x.type.dims[axis + 1 :])
        return node.reshape(take(node, x, axis, flat), shape)
    table = node.array(flat.reshape(known.shape).astype(np.int32))
    return node.emit(Gather(x, table, axis, origin=node.origin))


@onnx_op("GatherElements")
def gather_elements(node: Node) -> Value:
    """One index for each element of the result: a gather from the flattened input."""
    x = node.operand(0)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    positions = element_positions(node, 1, x, axis, drop=False)
    return node.emit(Gather(node.reshape(x, (x.type.size,)), positions, 0, origin=node.origin))


@onnx_op("GatherND")
def gather_nd(node: Node) -> Value:
    """A tuple of indices for each slice of the result: a gather from the input with its leading axes flattened."""
    x, indices = node.operand(0), node.operand(1)
    batch, (*lead, depth) = node.integer("batch_dims", 0), indices.type.dims or (0,)
    if not 0 <= batch < min(x.type.rank, indices.type.rank) or not 1 <= depth <= x.type.rank - batch:
        raise node.fail(f"indices {indices.type} for {x.type} with {batch} batch axes", "re-export the model")
    if indices.type.dims[:batch] != x.type.dims[:batch]:
        raise node.fail(f"indices {indices.type} and {x.type} differ in {batch} batch axes", "re-export the model")
    whole, rest = x.type.dims[: batch + depth], x.type.dims[batch + depth :]
    shape = [*lead[:batch], *(1 for _ in lead[batch:])]
    begin = offsets(node, shape, [*strides_of(whole)[:batch], *(0 for _ in lead[batch:])]) if batch else None
    flat = tuple_positions(node, 1, whole[batch:], drop=False, begin=begin)
    return node.emit(Gather(node.reshape(x, (math.prod(whole), *rest)), flat, 0, origin=node.origin))


@onnx_op("ScatterElements", "Scatter")
def scatter_elements(node: Node) -> Value:
    """One index for each update: a scatter into the flattened input. Indices out of range do nothing."""
    x, updates = node.operand(0), node.operand(2)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    kind = _REDUCTIONS[node.choice("reduction", "none", "add", "mul", "max", "min")]
    if node.operand(1).type.dims != updates.type.dims:
        raise node.fail(f"indices {node.operand(1).type} for updates {updates.type}", "one index for each update")
    positions = element_positions(node, 1, x, axis, drop=True)
    flat = node.reshape(x, (x.type.size,))
    return node.reshape(node.emit(Scatter(flat, positions, updates, 0, kind, origin=node.origin)), x.type.dims)


@onnx_op("ScatterND")
def scatter_nd(node: Node) -> Value:
    """A tuple of indices for each slice of updates: a scatter into the input with its leading axes flattened."""
    x, indices, updates = (node.operand(i) for i in range(3))
    kind = _REDUCTIONS[node.choice("reduction", "none", "add", "mul", "max", "min")]
    *lead, depth = indices.type.dims or (0,)
    if not 1 <= depth <= x.type.rank:
        raise node.fail(f"indices {indices.type} for {x.type}", f"tuples of 1 to {x.type.rank} indices")
    whole, rest = x.type.dims[:depth], x.type.dims[depth:]
    if updates.type.dims != (*lead, *rest):
        raise node.fail(f"updates are {updates.type}, expected {[*lead, *rest]}", "re-export the model")
    positions = tuple_positions(node, 1, whole, drop=True)
    flat = node.reshape(x, (math.prod(whole), *rest))
    return node.reshape(node.emit(Scatter(flat, positions, updates, 0, kind, origin=node.origin)), x.type.dims)


@onnx_op("TensorScatter")
def tensor_scatter(node: Node) -> Value:
    """A piece of a sequence written into a cache, from an index for each batch on; circular beyond its end, or dropped."""
    cache, update, begin = node.operand(0), node.operand(1), node.optional(2)
    rank = cache.type.rank
    axis = node.axis(node.integer("axis", -2), rank)
    circular = node.choice("mode", "linear", "circular") == "circular"
    lead, rest, extent = cache.type.dims[:axis], cache.type.dims[axis + 1 :], cache.type.dims[axis]
    count = update.type.dims[axis] if update.type.rank == rank else 0
    if axis == 0 or update.type.dims != (*lead, count, *rest) or count > extent:
        raise node.fail(f"update {update.type} for {cache.type} along axis {axis}", "re-export the model")
    steps = node.array(node.count(count).reshape(*(1 for _ in lead), count))
    if begin is None:
        begin = node.array(np.zeros(lead[:1], np.int64))
    elif begin.type.dims != lead[:1] or not begin.type.element.is_integer:
        raise node.fail(f"write_indices are {begin.type}", f"give {lead[0]} integers")
    first = node.reshape(node.map(lambda b: b.cast(I64), begin), (*lead[:1], *(1 for _ in lead)))
    shape = (*lead, 1)
    table = node.array(offsets(node, shape, strides_of((*lead, extent))))

    def position(begin: Expr, step: Expr, offset: Expr) -> Expr:
        place = begin.min(-NOWHERE) + step
        if circular:
            place = place - place / extent * extent
        return (begin < 0).where(place.const(NOWHERE), (place < extent).where(place + offset, NOWHERE))

    flat = node.reshape(cache, (math.prod(lead) * extent, *rest))
    scattered = Scatter(flat, node.map(position, first, steps, table), update, 0, Update.REPLACE, origin=node.origin)
    return node.reshape(node.emit(scattered), cache.type.dims)


@onnx_op("ReverseSequence")
def reverse_sequence(node: Node) -> Value:
    """The first elements of each sequence back to front, as many as the sequence is long."""
    x, lengths = node.operand(0), node.operand(1)
    time, batch = (node.axis(node.integer(n, d), x.type.rank) for n, d in (("time_axis", 0), ("batch_axis", 1)))
    extent = x.type.dims[time]
    if time == batch or lengths.type.dims != (x.type.dims[batch],):
        raise node.fail(f"sequence_lens {lengths.type} for axes {time}, {batch} of {x.type}", "re-export the model")
    others = [a for a in range(x.type.rank) if a not in (batch, time)]
    order = [batch, time, *others]
    rows = node.transpose(x, order)
    flat = node.reshape(rows, (rows.type.dims[0] * extent, *rows.type.dims[2:]))
    table = node.array(offsets(node, (lengths.type.size, 1), (extent, 1)))
    steps = node.array(node.count(extent).reshape(1, extent))

    def position(length: Expr, step: Expr, offset: Expr) -> Expr:
        end = length.max(0).min(extent)
        return ((step < end).where(end - step - 1, step) + offset).cast(I32)

    wide = node.reshape(node.map(lambda n: n.cast(I64), lengths), (lengths.type.size, 1))
    picked = node.emit(Gather(flat, node.map(position, wide, steps, table), 0, origin=node.origin))
    return node.transpose(picked, [order.index(a) for a in range(x.type.rank)])
