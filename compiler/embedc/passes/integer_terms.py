"""Scalar expressions between dequantize and quantize: as linear forms over their leaves, or evaluated exactly for a table."""

import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.types import Array
from embedc.ops.elementwise import Map, constant_of
from embedc.ops.quantized import Dequantize
from embedc.passes.expression import Term, expression, read, substitute
from embedc.passes.integer_leaves import VIEWS, Unfit, bytes_of, stored, uniform

MOST_STEPS = 64
DIGITS = 40
FARTHEST_EXPONENT = 4000
"""exp of more is infinite in every float, of less zero."""


def whole_term(value: Value) -> Term:
    """What `value` is, seen through maps: an expression over what no map computes."""
    op = value.producer
    if not isinstance(op, Map):
        raise Unfit("it is no map")
    term = expression(op)
    while True:
        inner = {t: expression(t.source.producer) for t in term if t.source and isinstance(t.source.producer, Map)}
        if not inner:
            return term
        term = substitute(term, inner)
        if sum(1 for _ in term) > MOST_STEPS:
            raise Unfit("it takes too many steps")


def constant_array(term: Term) -> Array | None:
    """A number or a constant tensor in f64, stored as floats or as integers."""
    if term.op == "const":
        return np.asarray(term.value, np.float64)
    if term.source is None:
        return None
    data = constant_of(term.source)
    if data is not None:
        return data.astype(np.float64)
    held = stored(term.source)
    return None if held is None else held.reals


@dataclass(frozen=True)
class Linear:
    """The sum of leaves times factors, plus `shift`."""

    factors: Mapping[Term, Array]
    shift: Array

    def scaled(self, factor: Array) -> "Linear":
        """All of it times `factor`."""
        return Linear({leaf: f * factor for leaf, f in self.factors.items()}, self.shift * factor)

    def plus(self, other: "Linear") -> "Linear":
        """The sum of both."""
        factors = dict(self.factors)
        for leaf, factor in other.factors.items():
            factors[leaf] = factors[leaf] + factor if leaf in factors else factor
        return Linear(factors, self.shift + other.shift)


def linear(term: Term) -> Linear | None:
    """`term` as a linear form in f64; None if it is none."""
    return _linear(term, {})


def _linear(term: Term, leaves: dict[Value, Term]) -> Linear | None:
    found: dict[Term, Linear | None] = {}
    for t in term:
        found[t] = _linear_step(t, [found[a] for a in t.args], leaves)
    return found[term]


def _viewed(value: Value, leaves: dict[Value, Term]) -> Linear | None:
    """A view of a linear form as a linear form of views; None for other values."""
    op = value.producer
    if not isinstance(op, VIEWS) or not isinstance(op.x.producer, Map):
        return None
    inner = _linear(whole_term(op.x), leaves)
    others = [constant_of(v) for v in op.operands[1:]]
    if inner is None or any(data is None for data in others):
        return None
    rest = [data for data in others if data is not None]
    dims = op.x.type.dims

    def seen(array: Array) -> Array:
        return op.reference(np.broadcast_to(array, dims), *rest)[0]

    factors: dict[Term, Array] = {}
    for leaf, factor in inner.factors.items():
        x = None if leaf.source is None else bytes_of(leaf.source)
        if x is None or leaf.source is None or leaf.source.type.dims != dims:
            return None
        source = leaf.source.producer
        assert isinstance(source, Dequantize)
        bytes_ = replace(op, x=x.value, origin=op.origin.without_tensor()).results[0]
        moved = replace(source, x=bytes_, origin=source.origin.without_tensor()).result
        factors[leaves.setdefault(moved, read(moved))] = uniform(seen(factor))
    return Linear(factors, uniform(seen(inner.shift)))


def _linear_step(term: Term, args: list[Linear | None], leaves: dict[Value, Term]) -> Linear | None:
    held = constant_array(term)
    if held is not None:
        return Linear({}, held)
    if term.source is not None:
        viewed = _viewed(term.source, leaves)
        if viewed is not None:
            return viewed
        return Linear({leaves.setdefault(term.source, term): np.ones(())}, np.zeros(()))
    if term.op == "cast" and term.args[0].source is not None and not term.args[0].element.is_float:
        return args[0]
    known = [a for a in args if a is not None]
    if len(known) != len(args) or not term.element.is_float:
        return None
    with np.errstate(all="ignore"):
        match term.op, known:
            case "add", [a, b]:
                return a.plus(b)
            case "sub", [a, b]:
                return a.plus(b.scaled(np.asarray(-1.0)))
            case "neg", [a]:
                return a.scaled(np.asarray(-1.0))
            case "mul", [a, b] if not a.factors or not b.factors:
                return b.scaled(a.shift) if not a.factors else a.scaled(b.shift)
            case "div", [a, b] if not b.factors:
                return a.scaled(1.0 / b.shift)
            case "sqrt", [a] if not a.factors:
                return Linear({}, np.sqrt(a.shift))
            case _:
                return None


def product(term: Term) -> tuple[Term, Term, Array] | None:
    """(a, b, factor) of a b factor."""
    if term.op != "mul":
        return None
    sides = [linear(arg) for arg in term.args]
    forms = [form for form in sides if form is not None]
    plain = len(forms) == 2 and all(len(f.factors) == 1 and not f.shift.any() for f in forms)
    if plain:
        (first, fa), (second, fb) = (next(iter(f.factors.items())) for f in forms)
        return first, second, fa * fb
    for inner, other in zip(term.args, reversed(sides), strict=True):
        if other is not None and not other.factors:
            found = product(inner)
            if found is not None:
                return found[0], found[1], found[2] * other.shift
    return None


def two_lines(term: Term) -> tuple[Term, Array, Array] | None:
    """A leaf, and its factors below and above zero, of what is linear on each side."""
    sides = term.args[1:] if term.op == "select" else term.args
    forms = [linear(side) for side in sides] if term.op in ("select", "max", "min") else []
    plain = [next(iter(f.factors.items())) for f in forms if f and len(f.factors) == 1 and not f.shift.any()]
    if len(plain) != 2 or plain[0][0].source is not plain[1][0].source:
        return None
    (leaf, first), (_, second) = plain
    if term.op == "select":
        test = term.args[0]
        sign = test.op == "lt" and test.args[0].source is leaf.source and test.args[1].op == "const"
        return (leaf, first, second) if sign and test.args[1].value == 0 else None
    least, most = np.minimum(first, second), np.maximum(first, second)
    return (leaf, least, most) if term.op == "max" else (leaf, most, least)


def evaluated(term: Term, leaf: Value, reals: list[Fraction]) -> list[Fraction]:
    """The values of a function of one leaf, with so many digits that every host rounds them alike."""
    context = decimal.Context(prec=DIGITS, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN, traps=[])
    with decimal.localcontext(context):
        found = [_evaluate(term, leaf, Decimal(x.numerator) / x.denominator) for x in reals]
    if any(not y.is_finite() for y in found):
        raise Unfit("it is not finite everywhere")
    return [Fraction(y) for y in found]


Number = Decimal | bool


def _evaluate(term: Term, leaf: Value, x: Decimal) -> Decimal:
    values: dict[Term, Number] = {}
    for t in term:
        if t.source is leaf:
            values[t] = x
        elif t.op == "const":
            values[t] = bool(t.value) if not t.element.is_float else Decimal(float(t.value or 0))
        elif t.source is not None:
            held = constant_array(t)
            if held is None or held.size != 1:
                raise Unfit("it depends on the channel and is not linear")
            values[t] = Decimal(float(held.reshape(-1)[0]))
        else:
            found = _step(t.op, [values[a] for a in t.args])
            if found is None:
                raise Unfit(f"it computes {t.op}, of which embedc makes no table")
            values[t] = found
    result = values[term]
    assert isinstance(result, Decimal)
    return result


def _exp(x: Decimal) -> Decimal:
    limit = Decimal(FARTHEST_EXPONENT)
    return min(max(x, -limit), limit).exp()


def _tanh(x: Decimal) -> Decimal:
    twice = _exp(2 * x)
    return 1 - 2 / (twice + 1)


def _erf(x: Decimal) -> Decimal:
    if abs(x) > 7:
        return Decimal(1).copy_sign(x)
    with decimal.localcontext() as context:
        context.prec = 2 * DIGITS  # terms of the series grow to exp(x^2)
        total, term, n = Decimal(0), x, 0
        while abs(term) > Decimal(10) ** -DIGITS:
            total += term / (2 * n + 1)
            n += 1
            term = -term * x * x / n
        return 2 * total / PI.sqrt()


PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")


UNARY: dict[str, Callable[[Decimal], Decimal]] = {
    "neg": lambda a: -a,
    "abs": abs,
    "sqrt": lambda a: a.sqrt(),
    "floor": lambda a: a.to_integral_value(decimal.ROUND_FLOOR),
    "ceil": lambda a: a.to_integral_value(decimal.ROUND_CEILING),
    "round": lambda a: a.to_integral_value(decimal.ROUND_HALF_EVEN),
    "exp": _exp,
    "log": lambda a: a.ln(),
    "tanh": _tanh,
    "sigmoid": lambda a: 1 / (1 + _exp(-a)),
    "erf": _erf,
}
BINARY: dict[str, Callable[[Decimal, Decimal], Number]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "min": min,
    "max": max,
    "pow": lambda a, b: a**b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
}


def _step(op: str, args: list[Number]) -> Number | None:
    """One step of an expression; None for those that are not computed here."""
    numbers = [a for a in args if isinstance(a, Decimal)]
    if op == "select":
        return args[1] if args[0] else args[2]
    if len(numbers) < len(args):
        return {"and": all(args), "or": any(args), "not": not args[0]}.get(op)
    if op in UNARY:
        return UNARY[op](*numbers)
    return BINARY[op](*numbers) if op in BINARY else None
