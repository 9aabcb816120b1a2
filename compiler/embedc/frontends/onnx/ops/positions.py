"""Operators about positions along an axis: where the extreme is, running sums."""

import math

import numpy as np

from embedc.frontends.onnx.expression import Expr
from embedc.frontends.onnx.folding import MAX_COMPUTED
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.linear import LETTERS
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.graph import Value
from embedc.ir.types import I32, I64
from embedc.ops.elementwise import Reduction
from embedc.ops.window import Contract


def _positions(node: Node, x: Value, axis: int) -> Value:
    """0, 1, 2, … along one axis."""
    return node.array(np.arange(x.type.dims[axis], dtype=np.int32).reshape(_along(x, axis)))


def _along(x: Value, axis: int) -> list[int]:
    return [-1 if a == axis else 1 for a in range(x.type.rank)]


def _first_extreme(node: Node, x: Value, axis: int, kind: Reduction, last: bool) -> Value:
    """The first (or last) position at which the extreme of an axis is found, the axis kept with extent 1."""
    if x.type.size == 0:
        raise node.fail(f"looks for an extreme of {x.type}, which has no elements", "re-export the model")
    extreme = node.reduce(x, kind, (axis,))
    nowhere = -1 if last else x.type.dims[axis]

    def body(x: Expr, extreme: Expr, position: Expr) -> Expr:
        return x.equals(extreme).where(position, nowhere)

    found = node.map(body, x, extreme, _positions(node, x, axis))
    return node.reduce(found, Reduction.MAX if last else Reduction.MIN, (axis,))


@onnx_op("ArgMax", "ArgMin")
def arg_extreme(node: Node) -> Value:
    """The position of the extreme along an axis."""
    x = node.operand(0)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    kind = Reduction.MAX if node.op_type == "ArgMax" else Reduction.MIN
    found = _first_extreme(node, x, axis, kind, node.flag("select_last_index"))
    wide = node.map(lambda p: p.cast(I64), found)
    keep = node.flag("keepdims", True)
    return wide if keep else node.reshape(wide, [n for a, n in enumerate(x.type.dims) if a != axis])


@onnx_op("Hardmax")
def hardmax(node: Node) -> Value:
    """1 at the first maximum, 0 elsewhere: along one axis since opset 13, over all axes from `axis` on before."""
    x = node.operand(0)
    modern = node.opset >= 13
    axis = node.axis(node.integer("axis", -1 if modern else 1), x.type.rank)
    whole = x if modern else node.reshape(x, (*x.type.dims[:axis], math.prod(x.type.dims[axis:])))
    found = _first_extreme(node, whole, axis, Reduction.MAX, False)
    element = x.type.element
    ones = node.map(lambda f, p: f.equals(p).cast(I32).cast(element), found, _positions(node, whole, axis))
    return node.reshape(ones, x.type.dims)


@onnx_op("CumSum")
def running_sum(node: Node) -> Value:
    """Sums of all elements up to each position, as a product with a triangular matrix."""
    x = node.operand(0)
    axis = node.axis(node.whole(1, "axis"), x.type.rank)
    extent = x.type.dims[axis]
    if extent * extent > MAX_COMPUTED:
        raise node.fail(f"sums along {extent} elements", f"at most {int(MAX_COMPUTED**0.5)} are supported")
    before, reverse = int(node.flag("exclusive")), node.flag("reverse")
    table = np.triu(np.ones((extent, extent)), before)  # [from, to]
    letters = LETTERS[: x.type.rank]
    equation = f"{letters},{letters[axis]}z->{letters.replace(letters[axis], 'z')}"
    matrix = node.numbers(table.T if reverse else table, x)
    return node.emit(Contract(x, matrix, equation, origin=node.origin))
