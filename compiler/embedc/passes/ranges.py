"""What is known of values and expressions without running them: lower bounds (NaN aside), absence of -0.0."""

import math

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.types import Encoding
from embedc.ops.elementwise import Map, Reduce, Reduction, constant_of
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape
from embedc.ops.window import Contract, Conv, Window, WindowKind
from embedc.passes.expression import Term, expression

DEPTH = 4


def lower_bound(value: Value, depth: int = DEPTH) -> float:
    """A number that no element of `value` is less than, -inf if nothing is known."""
    op = value.producer
    data = constant_of(value)
    if data is not None:
        return float(data.min()) if data.size and not np.isnan(data).any() else -math.inf
    if op is None or depth == 0:
        return 0.0 if value.type.element.encoding in (Encoding.UNSIGNED, Encoding.BOOL) else -math.inf
    match op:
        case Map():
            return lower_bound_of(expression(op), depth - 1)
        case Reshape() | Index() | Gather():
            return lower_bound(op.operands[0], depth - 1)
        case Concat():
            return min(lower_bound(v, depth - 1) for v in op.inputs)
        case Pad():
            return min(lower_bound(op.x, depth - 1), op.value)
        case Reduce(kind=Reduction.MAX | Reduction.MIN) | Window(kind=WindowKind.MAX):
            seen = isinstance(op, Reduce) or op.always_inside
            return lower_bound(op.x, depth - 1) if seen else -math.inf
        case Reduce() | Window() if op.x.type.element.is_float:
            return 0.0 if lower_bound(op.x, depth - 1) >= 0 else -math.inf
        case _:
            return -math.inf


def never_minus_zero(term: Term) -> bool:
    """True if no element is -0.0: adding 0.0 then changes nothing. Sums start at +0.0 and stay clear of it."""
    match term.op:
        case "read":
            return term.source is not None and _is_sum(term.source)
        case "add":
            return any(never_minus_zero(arg) for arg in term.args)
        case "mul":
            return term.args[0] is term.args[1]
        case "abs" | "exp" | "sigmoid":
            return True
        case "cast":
            return not term.args[0].element.is_float
        case _:
            return False


def _is_sum(value: Value) -> bool:
    op = value.producer
    while isinstance(op, Reshape | Index):
        op = op.x.producer
    if isinstance(op, Window):
        return op.kind is not WindowKind.MAX
    return isinstance(op, Conv | Contract) or (isinstance(op, Reduce) and op.kind is Reduction.ADD)


def lower_bound_of(term: Term, depth: int = DEPTH) -> float:
    """A number that the expression is never less than, -inf if nothing is known."""
    lows: dict[Term, float] = {}
    for t in term:
        lows[t] = _step(t, [lows[arg] for arg in t.args], depth)
    return lows[term]


def _step(term: Term, lows: list[float], depth: int) -> float:
    unsigned = term.element.encoding in (Encoding.UNSIGNED, Encoding.BOOL)
    return max(_least(term, lows, depth), 0.0 if unsigned else -math.inf)


def _least(term: Term, lows: list[float], depth: int) -> float:
    match term.op:
        case "read":
            assert term.source is not None
            return lower_bound(term.source, depth)
        case "const":
            return -math.inf if term.value is None or math.isnan(term.value) else float(term.value)
        case "max":
            return max(lows)
        case "min":
            return min(lows)
        case "select":
            return min(lows[1:])
        case "abs" | "exp" | "sigmoid" if term.element.is_float:
            return 0.0
        case "mul" if term.element.is_float and term.args[0] is term.args[1]:
            return 0.0
        case "add" | "mul" | "div" | "cast" | "sqrt" | "floor" | "ceil" | "round" if term.element.is_float:
            return 0.0 if min(lows) >= 0 else -math.inf
        case _:
            return -math.inf
