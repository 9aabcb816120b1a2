"""simplify: scalar expressions inside maps get shorter without changing a bit.

Save that pow becomes products and roots, and that min and max may give a zero of the other sign.
"""

import math
from collections.abc import Callable

from embedc.ir.graph import Value
from embedc.ir.scalar import ScalarBuilder
from embedc.ir.types import BF16, BOOL, F16, Element
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, constant_of
from embedc.passes.base import Pass
from embedc.passes.expression import Term, as_map, as_value, call, cast, expression, literal, rebuild
from embedc.passes.fold import compute
from embedc.passes.ranges import lower_bound_of, never_minus_zero
from embedc.passes.uses import Uses


class Simplify(Pass, name="simplify"):
    """Rewrites the bodies of maps; operands that are one number everywhere, read twice or not at all disappear."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        del uses
        if not isinstance(op, Map) or all(constant_of(v) is not None for v in op.inputs):
            return None
        term = rebuild(expression(op), simplified)
        if term.sources:
            new = as_map(term, op.origin)
            same = new.inputs == op.inputs and new.body == op.body
            if same and not (new.body.is_identity and new.inputs[0].type == op.result.type):
                return None
        return as_value(term, op.result.type.shape, op.origin)


def simplified(term: Term) -> Term:
    """`term`, whose arguments are simple already, in its simplest form."""
    for _ in range(8):
        better = _step(term)
        if better is None:
            break
        term = better
    return term


def _step(term: Term) -> Term | None:
    if term.args and all(arg.op == "const" for arg in term.args):
        return _computed(term)
    rule = RULES.get(term.op)
    return rule(term, *term.args) if rule else None


def _computed(term: Term) -> Term | None:
    """A step on constants, where every host computes the same; rounded to its own element type."""
    builder = ScalarBuilder()
    args = [builder.const(_number(arg), arg.element) for arg in term.args]
    result = builder.cast(args[0], term.element) if term.op == "cast" else builder.call(term.op, *args)
    body = builder.build(result)
    if not body.is_exact:
        return None
    value = compute(Map((), body), ())
    return None if value is None else literal(value.item(), term.element)


def _number(term: Term) -> float | int:
    assert term.value is not None
    return term.value


def _is(term: Term, value: float) -> bool:
    """True for the constant `value`, signs of zero told apart."""
    if term.op != "const" or term.value is None or term.value != value:
        return False
    return not term.element.is_float or math.copysign(1, term.value) == math.copysign(1, value)


def _add(term: Term, a: Term, b: Term) -> Term | None:
    for x, y in ((a, b), (b, a)):
        if y.op == "const" and y.value == 0 and (not y.element.is_float or _is(y, -0.0) or never_minus_zero(x)):
            return x
        if y.op == "neg":
            return call("sub", x, y.args[0])
    if a.op == "const":
        return call("add", b, a)
    return None


def _sub(term: Term, a: Term, b: Term) -> Term | None:
    if _is(b, 0.0):
        return a
    if b.op == "neg":
        return call("add", a, b.args[0])
    if b.op == "const" and b.element.is_float:
        return call("add", a, literal(-_number(b), b.element))
    return None


def _mul(term: Term, a: Term, b: Term) -> Term | None:
    if a.op == "const":
        return call("mul", b, a)
    if _is(b, 1):
        return a
    if _is(b, -1):
        return call("neg", a)
    if a.op == "neg" and b.op == "neg":
        return call("mul", a.args[0], b.args[0])
    if a.op == "neg" and b.op == "const" and b.element.is_float:
        return call("mul", a.args[0], literal(-_number(b), b.element))
    return None


def _div(term: Term, a: Term, b: Term) -> Term | None:
    if _is(b, 1):
        return a
    if b.op == "const" and b.element.is_float:
        mantissa, _ = math.frexp(_number(b))
        if abs(mantissa) == 0.5:
            inverse = 1 / _number(b)
            least, most = b.element.normal
            if least <= abs(inverse) <= most:
                return call("mul", a, literal(inverse, b.element))
    return None


def _pow(term: Term, a: Term, b: Term) -> Term | None:
    if not a.element.is_float:
        return None
    if _is(b, 1):
        return a
    if _is(b, 2):
        return call("mul", a, a)
    if _is(b, 3):
        return call("mul", call("mul", a, a), a)
    if _is(b, 0.5) and lower_bound_of(a) >= 0:
        return call("sqrt", a)
    return None


def _extremum(term: Term, a: Term, b: Term) -> Term | None:
    """Max and min: constants outside, one of each kind, min around max."""
    op, other = term.op, "min" if term.op == "max" else "max"
    if a is b:
        return a
    if a.op == "const":
        return call(op, b, a) if b.op != "const" else None
    if b.op != "const":
        return None
    limit = _number(b)
    if math.isinf(limit) and (limit < 0) == (op == "max"):
        return a
    if math.isnan(limit):
        return None
    if a.op == op and a.args[1].op == "const":
        inner = _number(a.args[1])
        if math.isnan(inner):
            return None
        return call(op, a.args[0], literal(max(limit, inner) if op == "max" else min(limit, inner), b.element))
    if op == "max" and a.op == other and a.args[1].op == "const" and _number(a.args[1]) >= limit:
        return call("min", call("max", a.args[0], b), a.args[1])
    return a if op == "max" and lower_bound_of(a) >= limit else None


def _neg(term: Term, a: Term) -> Term | None:
    return a.args[0] if a.op == "neg" else None


def _abs(term: Term, a: Term) -> Term | None:
    if a.op == "abs":
        return a
    return call("abs", a.args[0]) if a.op == "neg" and a.element.is_float else None


def _not(term: Term, a: Term) -> Term | None:
    return a.args[0] if a.op == "not" else None


def _select(term: Term, condition: Term, a: Term, b: Term) -> Term | None:
    if condition.op == "const":
        return a if condition.value else b
    if a is b:
        return a
    if condition.op == "not":
        return call("select", condition.args[0], b, a)
    leaky = (
        condition.op == "lt"
        and condition.args[0] is b
        and condition.args[1].op == "const"
        and condition.args[1].value == 0
    )
    if leaky and a.op == "mul" and a.args[0] is b and _is_slope(a.args[1]):
        return call("max", b, a)  # x < 0 ? s*x : x
    return None


def _is_slope(term: Term) -> bool:
    """True for constants in (0, 1]."""
    if term.op == "const":
        return 0 < _number(term) <= 1
    data = None if term.source is None else constant_of(term.source)
    return data is not None and bool(((data > 0) & (data <= 1)).all())


def _logic(term: Term, a: Term, b: Term) -> Term | None:
    for x, y in ((a, b), (b, a)):
        if y.op == "const" and y.element == BOOL:
            neutral = term.op == "and"
            return x if bool(y.value) == neutral else literal(not neutral, BOOL)
    return a if a is b else None


def _cast(term: Term, a: Term) -> Term | None:
    if a.element == term.element:
        return a
    if a.op == "cast" and _keeps(a.args[0].element, a.element):
        return cast(a.args[0], term.element)
    return None


def _keeps(narrow: Element, wide: Element) -> bool:
    """True if every value of `narrow` has its place in `wide`."""
    if BOOL in (narrow, wide):
        return wide != BOOL
    if narrow.is_float and not wide.is_float:
        return False
    if wide.is_float:
        return narrow.precision <= wide.precision and not (narrow == BF16 and wide == F16)
    return wide.limits[0] <= narrow.limits[0] and narrow.limits[1] <= wide.limits[1]


RULES: dict[str, Callable[..., Term | None]] = {
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "max": _extremum,
    "min": _extremum,
    "neg": _neg,
    "abs": _abs,
    "not": _not,
    "select": _select,
    "and": _logic,
    "or": _logic,
    "cast": _cast,
}
