"""Reductions along axes."""

from collections.abc import Callable

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.pool import mean
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import BOOL, U8
from embedc.ops.elementwise import Reduction

Axes = tuple[int, ...]


def _extreme(kind: Reduction) -> Callable[[Node, Value, Axes], Value]:
    def build(node: Node, x: Value, axes: Axes) -> Value:
        if x.type.element != BOOL:
            return node.reduce(x, kind, axes)
        wide = node.reduce(node.map(lambda b: b.cast(U8), x), kind, axes)
        return node.map(lambda b: b.cast(BOOL), wide)

    return build


def _sum_of(term: Callable[[Expr], Expr]) -> Callable[[Node, Value, Axes], Value]:
    return lambda node, x, axes: node.reduce(node.map(term, x), Reduction.ADD, axes)


def _l2(node: Node, x: Value, axes: Axes) -> Value:
    return node.map(Expr.sqrt, _REDUCERS["ReduceSumSquare"](node, x, axes))


def _log_sum(node: Node, x: Value, axes: Axes) -> Value:
    return node.map(Expr.log, node.reduce(x, Reduction.ADD, axes))


def _log_sum_exp(node: Node, x: Value, axes: Axes) -> Value:
    """Shifted by the maximum, so that the exponential does not overflow."""
    peak = node.reduce(x, Reduction.MAX, axes)
    finite = node.map(lambda m: (m.abs() <= _MOST).where(m, 0.0), peak)
    total = node.reduce(node.map(lambda x, m: (x - m).exp(), x, finite), Reduction.ADD, axes)
    return node.map(lambda s, m: s.log() + m, total, finite)


_MOST = 3.0e38
_REAL = ("ReduceL2", "ReduceLogSum", "ReduceLogSumExp")
_REDUCERS: dict[str, Callable[[Node, Value, Axes], Value]] = {
    "ReduceSum": lambda node, x, axes: node.reduce(x, Reduction.ADD, axes),
    "ReduceMean": mean,
    "ReduceMax": _extreme(Reduction.MAX),
    "ReduceMin": _extreme(Reduction.MIN),
    "ReduceProd": lambda node, x, axes: node.reduce(x, Reduction.MUL, axes),
    "ReduceL1": _sum_of(Expr.abs),
    "ReduceL2": _l2,
    "ReduceSumSquare": _sum_of(lambda x: x * x),
    "ReduceLogSum": _log_sum,
    "ReduceLogSumExp": _log_sum_exp,
}


@onnx_op(*_REDUCERS)
def reduce(node: Node) -> Value:
    """Along the given axes, all by default; axes are attributes before opset 18 (13 for ReduceSum), operands since."""
    x = node.real_operand(0) if node.op_type in _REAL else node.operand(0)
    as_operand = node.opset >= (13 if node.op_type == "ReduceSum" else 18)
    listed = node.optional_ints(1, "axes") if as_operand else node.optional_integers("axes")
    keep, noop = node.flag("keepdims", True), node.flag("noop_with_empty_axes")
    axes = node.axes(listed or (), x.type.rank)
    if not axes and not noop:
        axes = tuple(range(x.type.rank))
    reduced = _REDUCERS[node.op_type](node, x, axes)
    return reduced if keep else node.reshape(reduced, [n for a, n in enumerate(x.type.dims) if a not in axes])
