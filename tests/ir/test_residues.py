"""Remainders of sums: what is proven never to be left is not left."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedc.ir.intervals import intervals
from embedc.ir.residues import may_leave
from embedc.ir.scalar import ScalarBuilder, ScalarProgram
from embedc.ir.types import I8, I32


def total(first: int, second: int, constant: int) -> ScalarProgram:
    """The sum first x + second max(y, 0) - constant of two bytes."""
    b = ScalarBuilder(I8, I8)
    x = b.call("mul", b.cast(0, I32), b.const(first, I32))
    y = b.call("mul", b.const(second, I32), b.call("max", b.cast(1, I32), b.const(0, I32)))
    return b.build(b.call("sub", b.call("add", x, y), b.const(constant, I32)))


@given(st.integers(-99, 99), st.integers(-99, 99), st.integers(-999, 999), st.integers(1, 12), st.integers(0, 2**12))
def test_all_that_two_operands_can_leave(first: int, second: int, constant: int, bits: int, remainder: int) -> None:
    program, modulus = total(first, second, constant), 2**bits
    known = intervals(program, [(-9, 12), None])
    left = {(first * x + second * y - constant) % modulus for x, y in product(range(-9, 13), range(128))}
    assert may_leave(program, program.result, known, modulus, remainder % modulus) == (remainder % modulus in left)


@pytest.mark.parametrize("factor", [2, 3])
def test_a_value_that_is_used_twice(factor: int) -> None:
    b = ScalarBuilder(I8)
    x = b.cast(0, I32)
    program = b.build(b.call("add", x, b.call("mul", x, b.const(factor, I32))))
    assert may_leave(program, program.result, intervals(program, [None]), 4, 1) == ((factor + 1) % 2 == 1)


def test_what_takes_too_many_values_may_leave_anything() -> None:
    b = ScalarBuilder(I32)
    program = b.build(b.call("mul", 0, b.const(2, I32)))
    assert may_leave(program, program.result, intervals(program, [None]), 4, 1)
