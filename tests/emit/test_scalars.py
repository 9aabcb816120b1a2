"""Scalar programs as C: literals and expressions mean the same bits as in numpy."""

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from embedc.emit.scalars import ScalarC, c_type, literal, print_program, suffix
from embedc.ir.scalar import SCALAR_OPS, ScalarBuilder, ScalarProgram
from embedc.ir.types import BOOL, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Array, Element
from embedc.resources import runtime_folder
from embedc.targets.load import load_target
from tests.emit.compiling import STRICT, run_c

INTEGERS = (I8, I16, I32, I64, U8, U16, U32, U64)
MAIN = """#include <stdio.h>

#include "ec_scalar.h"

int main(void) {
%s
  return 0;
}
"""


def run_numbers(lines: list[str], folder: Path) -> list[int]:
    """Runs statements that print numbers in hexadecimal."""
    program = MAIN % "\n".join(lines)
    flags = ["-I", str(runtime_folder()), *STRICT]
    return [int(line, 16) for line in run_c({"main.c": program}, folder, load_target("c"), flags=flags).split()]


def show(expression: str, element: Element) -> str:
    """A statement that prints the bits of an expression."""
    kind = c_type(element)
    bits = f"uint{element.bits}_t"
    return (
        f"  {{ const {kind} v = {expression}; {bits} b; memcpy(&b, &v, sizeof b);"
        f' printf("%llx\\n", (unsigned long long)b); }}'
    )


def bits_of(value: float | int, element: Element) -> int:
    array = np.asarray(value).astype(element.dtype)
    return int(array.reshape(1).view(f"u{element.bits // 8}")[0])


def floats(element: Element) -> list[float]:
    generator = np.random.default_rng(0)
    kind = f"u{element.bits // 8}"
    drawn = generator.integers(0, 2**element.bits - 1, 300, dtype=kind, endpoint=True).view(element.dtype)
    limits = np.finfo(element.dtype)
    special = [0.0, -0.0, 1.0, -1.0, 0.1, 1e-4, 123456.5, 1e6, 1e20, math.inf, -math.inf]
    special += [
        float(limits.max),
        float(limits.tiny),
        float(limits.smallest_subnormal),
        -float(limits.smallest_subnormal),
    ]
    return [*special, *(float(x) for x in drawn if not np.isnan(x))]


@pytest.mark.parametrize("element", [F32, F64], ids=str)
def test_float_literals_keep_every_bit(tmp_path: Path, element: Element) -> None:
    values = [float(np.asarray(v).astype(element.dtype)) for v in floats(element)]
    got = run_numbers([show(literal(v, element), element) for v in values], tmp_path)
    assert got == [bits_of(v, element) for v in values]
    assert "NAN" in literal(math.nan, element)


def test_integer_literals_keep_every_bit(tmp_path: Path) -> None:
    cases = [
        (value, element)
        for element in INTEGERS
        for info in [np.iinfo(element.dtype)]
        for value in {int(info.min), int(info.min) + 1, -1 if info.min else 0, 0, 1, int(info.max) - 1, int(info.max)}
    ]
    got = run_numbers([show(literal(v, e), e) for v, e in cases], tmp_path)
    assert got == [bits_of(v, e) for v, e in cases]


def exact_program(element: Element, op: str, value: float | int, *, first: bool) -> ScalarProgram:
    """`op` of an input and a constant."""
    builder = ScalarBuilder(element)
    constant = builder.const(value, element)
    args = (constant, 0) if first else (0, constant)
    result = builder.call(op, *args)
    return builder.build(builder.cast(result, element) if SCALAR_OPS[op].compares else result)


@pytest.mark.parametrize("element", [F32, F64, I32, U8, I8, I64], ids=str)
def test_constants_inside_expressions(tmp_path: Path, element: Element) -> None:
    """A negative constant behind a minus, NaN in comparisons, the sign of zero."""
    numbers = [-1.5, -0.0, 0.25, 3.0, math.inf, -math.inf, math.nan] if element.is_float else [3, 7, 100]
    numbers += [-1, -100] if element in (I8, I32, I64) else []
    cases: list[tuple[ScalarProgram, Array]] = []
    for op in ("add", "sub", "mul", "min", "max", "lt", "le", "eq"):
        for value in numbers:
            for first in (True, False):
                x = np.asarray(numbers[(len(cases) * 5) % len(numbers)]).astype(element.dtype)
                cases.append((exact_program(element, op, value, first=first), x))
    lines: list[str] = []
    for program, x in cases:
        steps, result = print_program(program, ["x"], ScalarC())
        lines += [
            "  {",
            f"  const {c_type(element)} x = {literal(x.item(), element)};",
            *steps,
            show(result, element),
            "  }",
        ]
    got = run_numbers(lines, tmp_path)
    with np.errstate(all="ignore"):
        expected = [p.evaluate([x], wide=False) for p, x in cases]
    for (program, x), bits, value in zip(cases, got, expected, strict=True):
        if element.is_float and np.isnan(value):
            assert np.isnan(np.asarray(bits, f"u{element.bits // 8}").view(element.dtype)), f"{program} of {x}"
        else:
            assert bits == bits_of(value.item(), element), f"{program} of {x}"


@pytest.mark.parametrize(("op", "element", "bits"), [("rescale", I32, 31), ("rescale_wide", I64, 38)])
def test_rescaling(tmp_path: Path, op: str, element: Element, bits: int) -> None:
    """round-half-even(a M) of fractions: ties, both ends of i32, scales from 2^-126 to 2^127."""
    draw = np.random.default_rng(0)
    scales = [2.0**e for e in (-126, -64, -63, -62, -61, -57, -39, -33, -32, -2, -1, 0, 1, 23, 24, 25, 31, 40, 127)]
    scales += [
        0.75,
        1.5,
        2.0**24 - 1,
        2.0**25 - 2,
        255 / 256,
        (2.0**24 - 1) * 2.0**-62,
        *(2.0 ** draw.uniform(-40, 2, 20)),
    ]
    numbers = [
        0,
        1,
        -1,
        2,
        3,
        -3,
        5,
        6,
        127,
        -(2**bits) + (element == I64),
        2**bits - 1,
        2**30,
        *draw.integers(-(2**bits), 2**bits, 8),
    ]
    builder = ScalarBuilder(element, F32)
    program = builder.build(builder.call(op, 0, 1))
    lines: list[str] = []
    exact: list[int] = []
    for scale in (float(np.float32(s)) for s in scales):
        for a in map(int, numbers):
            lines.append(show(f"ec_rescale_{element}({literal(a, element)}, {literal(scale, F32)})", I32))
            rounded = min(max(round(a * Fraction(scale)), -(2**31)), 2**31 - 1)
            given = [np.asarray(a, element.dtype), np.asarray(scale, np.float32)]
            assert int(program.evaluate(given)) == rounded, (a, scale)
            exact.append(bits_of(rounded, I32))
    assert run_numbers(lines, tmp_path) == exact


def test_casts(tmp_path: Path) -> None:
    """Floats to integers towards zero, integers to narrower ones by dropping bits, anything to bool."""
    lines: list[str] = []
    expected: list[int] = []
    for source, target, value in [
        (F32, I8, -3.75), (F32, U8, 200.9), (F64, I32, -1e9), (F32, I64, 2.0**40), (I32, U8, 300), (I32, I8, 200),
        (I64, I32, 2**40 + 5), (U8, F32, 255), (F32, BOOL, 0.5), (F32, BOOL, -0.0), (F32, BOOL, math.nan), (BOOL, F32, 1),
        (I64, F32, 2**53 + 1), (F64, F32, 0.1),
    ]:  # fmt: skip
        builder = ScalarBuilder(source)
        program = builder.build(builder.cast(0, target))
        x = np.asarray(value).astype(source.dtype)
        steps, result = print_program(program, ["x"], ScalarC())
        declared = f"  const {c_type(source)} x = {literal(x.item(), source)};"
        lines += ["  {", declared, *steps, show(result, target), "  }"]
        expected.append(bits_of(program.evaluate([x], wide=False).item(), target))
    assert run_numbers(lines, tmp_path) == expected
    assert suffix(BOOL) == "u8"
