"""Operators about positions along an axis: where the extremes are, running sums."""

import math
from collections.abc import Sequence

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.graph import Value
from embedc.ir.types import I64
from embedc.ops.elementwise import Reduction
from embedc.ops.lines import Arg, Cumulate, Extreme, TopK


def _extreme(node: Node, x: Value, axis: int, kind: Extreme, last: bool) -> Value:
    """The position of the extreme of an axis, which stays with extent 1."""
    if x.type.size == 0:
        raise node.fail(f"looks for an extreme of {x.type}, which has no elements", "re-export the model")
    return node.emit(Arg(x, kind, axis, last, origin=node.origin))


@onnx_op("ArgMax", "ArgMin")
def arg_extreme(node: Node) -> Value:
    """The position of the extreme along an axis."""
    x = node.operand(0)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    kind = Extreme.MAX if node.op_type == "ArgMax" else Extreme.MIN
    found = _extreme(node, x, axis, kind, node.flag("select_last_index"))
    keep = node.flag("keepdims", True)
    return found if keep else node.reshape(found, [n for a, n in enumerate(x.type.dims) if a != axis])


@onnx_op("Hardmax")
def hardmax(node: Node) -> Value:
    """1 at the first maximum, 0 elsewhere: along one axis since opset 13, over all axes from `axis` on before."""
    x = node.operand(0)
    modern = node.opset >= 13
    axis = node.axis(node.integer("axis", -1 if modern else 1), x.type.rank)
    whole = x if modern else node.reshape(x, (*x.type.dims[:axis], math.prod(x.type.dims[axis:])))
    found = _extreme(node, whole, axis, Extreme.MAX, False)
    along = [-1 if a == axis else 1 for a in range(whole.type.rank)]
    positions = node.array(node.count(whole.type.dims[axis]).reshape(along))
    ones = node.map(lambda f, p: f.equals(p).cast(I64).cast(x.type.element), found, positions)
    return node.reshape(ones, x.type.dims)


@onnx_op("CumSum", "CumProd")
def running(node: Node) -> Value:
    """Sums or products of all elements up to each position."""
    x = node.operand(0)
    axis = node.axis(node.whole(1, "axis"), x.type.rank)
    kind = Reduction.ADD if node.op_type == "CumSum" else Reduction.MUL
    exclusive, reverse = node.flag("exclusive"), node.flag("reverse")
    return node.emit(Cumulate(x, kind, axis, exclusive, reverse, origin=node.origin))


@onnx_op("TopK")
def top_k(node: Node) -> Sequence[Value]:
    """The largest or smallest elements and their positions. Unless `sorted`, any order is right: that of their size too."""
    x = node.operand(0)
    count = node.integer("k") if node.opset < 10 else node.whole(1, "k")
    axis = node.axis(node.integer("axis", -1), x.type.rank)
    kind = Extreme.MAX if node.flag("largest", True) else Extreme.MIN
    node.ignore("sorted")
    if not 0 <= count <= x.type.dims[axis]:
        raise node.fail(f"k is {count} for axis {axis} of {x.type}", f"give 0 to {x.type.dims[axis]}")
    return node.emit_all(lambda origin: TopK(x, kind, axis, count, origin=origin))
