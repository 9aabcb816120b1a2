"""Scalar rewriting changes no bit (the sign of a zero out of min and max, and powers, aside)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from embedc.ir.graph import NOWHERE, Value
from embedc.ir.types import F32, I8, I16, I32, U8, Array, TensorType
from embedc.ops.elementwise import Map
from embedc.ops.window import Window, WindowKind
from embedc.passes.affine import chain_from, chain_to
from embedc.passes.expression import Term, as_map, call, cast, expression, literal, read, rebuild
from embedc.passes.ranges import lower_bound, lower_bound_of, never_minus_zero
from embedc.passes.simplify import simplified
from tests.strategies import Growing, scalar_program

SPECIAL = np.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, 1e-45, -1e-45, 1e-38, 3e38, -3e38, 0.1, 7.0, np.inf, -np.inf, np.nan, 0.75, -2.5],
    np.float32,
)
X = Value(TensorType(F32, SPECIAL.shape), "x")
Y = Value(TensorType(F32, SPECIAL.shape), "y")


@st.composite
def maps(draw: st.DrawFn) -> Map:
    grow = Growing(draw)
    return Map((X, Y), scalar_program(grow, 2, F32))


def value_of(term: Term, x: Array, y: Array) -> Array:
    """The term in f32, step by step."""
    op = as_map(term, NOWHERE)
    arrays = {X: x, Y: y}
    result = op.body.evaluate([arrays[v] for v in op.inputs], wide=False)
    return np.broadcast_to(result, x.shape)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(maps(), st.integers(0, len(SPECIAL)))
def test_no_bit_changes(op: Map, shift: int) -> None:
    before = expression(op)
    after = rebuild(before, simplified)
    if any(t.op == "pow" for t in before):
        return
    y = np.roll(SPECIAL, shift)
    with np.errstate(all="ignore"):
        got, expected = value_of(after, SPECIAL, y), value_of(before, SPECIAL, y)
    signs = not any(t.op in ("min", "max") for t in before)
    bits = got.view(np.uint32) == expected.view(np.uint32)
    same = bits | (np.isnan(got) & np.isnan(expected)) | ((got == expected) & (not signs))
    assert same.all(), f"{as_map(before, NOWHERE).body}\n{as_map(after, NOWHERE).body}"


x = read(X)


def num(value: float) -> Term:
    return literal(value, F32)


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (call("mul", x, num(1.0)), "x0"),
        (call("add", x, num(0.0)), "t1 = add(x0, t0)"),
        (call("add", x, num(-0.0)), "x0"),
        (call("sub", x, num(0.0)), "x0"),
        (call("sub", x, num(2.0)), "t0 = const(-0x1p+1) : f32; t1 = add(x0, t0)"),
        (call("sub", x, x), "t0 = sub(x0, x0)"),
        (call("mul", num(-1.0), x), "t0 = neg(x0)"),
        (call("div", x, num(8.0)), "t0 = const(0x1p-3) : f32; t1 = mul(x0, t0)"),
        (call("div", x, num(2.0**-149)), "t1 = div(x0, t0)"),
        (call("div", x, num(10.0)), "t1 = div(x0, t0)"),
        (call("max", call("max", x, num(0.0)), num(-1.0)), "t1 = max(x0, t0) : f32; t1 }"),
        (call("max", call("exp", x), num(0.0)), "t0 = exp(x0) : f32; t0 }"),
        (call("pow", x, num(0.5)), "t1 = pow(x0, t0)"),
        (call("pow", call("abs", x), num(0.5)), "t1 = sqrt(t0)"),
        (call("select", call("not", call("lt", x, num(0.0))), x, num(0.0)), "t2 = select(t1, t0, x0)"),
        (call("select", call("lt", x, num(0.0)), call("mul", x, num(0.25)), x), "t2 = max(x0, t1)"),
        (call("select", call("lt", x, num(0.0)), call("mul", x, num(1.25)), x), "t4 = select(t1, t3, x0)"),
        (call("add", x, call("sqrt", num(4.0))), "t0 = const(0x1p+1) : f32; t1 = add(x0, t0)"),
        (call("add", x, call("exp", num(4.0))), "t1 = exp(t0)"),
    ],
)
def test_rules(term: Term, expected: str) -> None:
    assert expected in str(as_map(rebuild(term, simplified), NOWHERE).body)


def test_casts() -> None:
    small = read(Value(TensorType(I8, (4,)), "q"))
    assert str(as_map(rebuild(cast(cast(small, I32), F32), simplified), NOWHERE).body).count("cast") == 1
    narrowed = rebuild(cast(cast(cast(small, U8), I16), F32), simplified)
    assert [t.element for t in narrowed] == [I8, U8, F32]


def test_bounds() -> None:
    assert lower_bound_of(call("min", call("max", x, num(-3.0)), num(6.0))) == -3
    assert lower_bound_of(call("mul", x, x)) == 0
    assert lower_bound_of(call("add", call("abs", x), num(1.0))) == 0
    assert lower_bound_of(x) == -math.inf
    relu = as_map(call("max", x, num(0.0)), NOWHERE).result
    inside = Window(relu, WindowKind.MAX, (3,), (1,), ((1, 1),), (1,), False)
    outside = Window(relu, WindowKind.MAX, (2,), (1,), ((2, 0),), (1,), False)
    assert lower_bound(inside.result) == 0
    assert lower_bound(outside.result) == -math.inf
    assert never_minus_zero(call("mul", x, x))
    assert not never_minus_zero(call("max", x, num(0.0)))


def test_chains() -> None:
    whole = call("max", call("mul", call("sub", num(3.0), x), num(2.0)), num(0.0))
    chain = chain_from(next(t for t in whole if t.source is X), whole)
    assert (chain.scale, chain.shift, chain.length) == (-2, 6, 2)
    tail = call("add", call("div", call("max", x, num(0.0)), num(4.0)), num(1.0))
    chain = chain_to(tail)
    assert (chain.first.op, float(chain.scale), float(chain.shift)) == ("max", 0.25, 1)
    both = call("mul", x, call("add", x, num(1.0)))
    assert chain_from(next(t for t in both if t.source is X), both).length == 0
