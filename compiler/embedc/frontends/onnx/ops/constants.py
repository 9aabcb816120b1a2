"""Operators whose results are known at compile time."""

import math
from fractions import Fraction

import numpy as np

from embedc.frontends.onnx.folding import MAX_COMPUTED, filled
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.tensors import ELEMENTS, type_name
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import I64, Array, Element, TensorType


@onnx_op("Constant")
def constant(node: Node) -> Value:
    """A tensor, a number, or a list of numbers."""
    for name, read, dtype in (
        ("value_float", node.real, np.float32),
        ("value_floats", node.reals, np.float32),
        ("value_int", node.integer, np.int64),
        ("value_ints", node.integers, np.int64),
    ):
        if node.has(name):
            return node.array(np.asarray(read(name), dtype))
    for name in ("sparse_value", "value_string", "value_strings"):
        if node.has(name):
            raise node.fail(f"attribute '{name}' is not supported", "store the constant as a dense tensor of numbers")
    return node.array(*node.tensor("value"))


@onnx_op("ConstantOfShape")
def constant_of_shape(node: Node) -> Value:
    """One value everywhere, float 0 by default."""
    shape = node.constant_ints(0, "shape")
    if min(shape, default=0) < 0:
        raise node.fail(f"shape {list(shape)} is negative", "re-export the model")
    data, type_ = node.tensor("value") if node.has("value") else (np.zeros(1, np.float32), None)
    if data.size != 1:
        raise node.fail(f"value has {data.size} elements", "it must be one number")
    return filled(data, shape, node.origin, type_ and TensorType(type_.element, shape))


@onnx_op("Range")
def range_(node: Node) -> Value:
    """start, start + delta, … below limit."""
    node.ignore("stash_type")
    start, limit, delta = node.constant(0, "start"), node.constant(1, "limit"), node.constant(2, "delta")
    if any(n.size != 1 or not np.isfinite(n).all() for n in (start, limit, delta)) or delta == 0:
        raise node.fail(f"start {start}, limit {limit} and delta {delta} span no range", "re-export the model")
    first, step = start.reshape(-1)[0], delta.reshape(-1)[0]
    span = (Fraction(limit.item()) - Fraction(start.item())) / Fraction(delta.item())
    count = max(math.ceil(span), 0)
    if count > MAX_COMPUTED:
        raise node.fail(f"counts {count} elements", f"at most {MAX_COMPUTED} are supported")
    if start.dtype.kind == "f":
        return node.array((float(first) + np.arange(count) * float(step)).astype(start.dtype))
    return node.array((int(first) + np.arange(count, dtype=np.int64) * int(step)).astype(start.dtype))


def wanted_element(node: Node, attribute: str, default: Element) -> Element:
    """The element type that an attribute names, the default where it says 0."""
    number = node.integer(attribute, 0)
    if number == 0:
        return default
    if number not in ELEMENTS:
        raise node.fail(f"element type {type_name(number)} is not supported", "convert the model to float32")
    return ELEMENTS[number]


def _grid(node: Node, rows: int, columns: int) -> Array:
    """Column minus row for a matrix of that shape."""
    if rows * columns > MAX_COMPUTED:
        raise node.fail(f"computes a {rows}x{columns} mask", f"at most {MAX_COMPUTED} elements are supported")
    return np.arange(columns)[None, :] - np.arange(rows)[:, None]


@onnx_op("EyeLike")
def eye_like(node: Node) -> Value:
    """Ones on a diagonal."""
    x = node.operand(0).type
    if x.rank != 2:
        raise node.fail(f"input {x} is not a matrix", "re-export the model")
    element = wanted_element(node, "dtype", x.element)
    return node.array((_grid(node, *x.dims) == node.integer("k", 0)).astype(element.dtype))


@onnx_op("Trilu")
def trilu(node: Node) -> Value:
    """The upper or lower triangle of matrices, zero elsewhere."""
    x = node.operand(0)
    upper = node.flag("upper", True)
    if x.type.rank < 2:
        raise node.fail(f"input {x.type} is not a matrix", "re-export the model")
    grid = _grid(node, *x.type.dims[-2:])
    k = node.optional(1) or node.array(np.zeros((), np.int64))
    if k.type.size != 1 or not k.type.element.is_integer:
        raise node.fail(f"k is {k.type}", "it must be one integer")
    k = node.reshape(k, ())
    column = node.array(grid)
    mask = node.map(lambda g, k: g >= k.cast(I64) if upper else g <= k.cast(I64), column, k)
    return node.map(lambda m, x: m.where(x, 0), mask, x)


def _wrapped(index: Expr, extent: int) -> Expr:
    """Negative indices count from the end."""
    return (index < 0).where(index + extent, index)


@onnx_op("OneHot")
def one_hot(node: Node) -> Value:
    """values[1] where the index equals the position along a new axis, values[0] elsewhere."""
    indices, values = node.operand(0), node.operand(2)
    depth = node.whole(1, "depth")
    if not 1 <= depth <= MAX_COMPUTED or values.type.size != 2:
        raise node.fail(f"depth {depth} with values {values.type}", "depth must be positive, values [off, on]")
    rank = indices.type.rank + 1
    axis = node.axis(node.integer("axis", -1), rank)
    spread = node.reshape(indices, (*indices.type.dims[:axis], 1, *indices.type.dims[axis:]))
    positions = node.array(node.count(depth).reshape([-1 if a == axis else 1 for a in range(rank)]))
    off, on = (node.reshape(node.part(values, 0, i, 1), ()) for i in range(2))
    return node.map(
        lambda i, p, off, on: _wrapped(i.cast(I64), depth).equals(p).where(on, off),
        spread,
        positions,
        off,
        on,
    )
