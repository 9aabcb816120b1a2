"""Every word of the vector vocabulary against numpy, for every number of active lanes."""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embedc.ir.types import ELEMENTS
from embedc.kernels.registry import ROWS
from embedc.kernels.row import SATURATING
from tests.kernels.harness import Floats, modes, pack_array, program, run, toolchain_for, unpack_arrays

LENGTH = 1024
ISAS = sorted({row.isa for row in ROWS})

Operand = NDArray[Any]
Reference = Callable[[Operand, Operand, Operand], Operand]


@dataclass(frozen=True)
class Word:
    """A word, its definition and how far it may be from it: 0 is bit for bit, but for NaN and the sign of zero."""

    name: str
    reference: Reference
    ulps: float = 0.0
    integers: bool = False
    parameter: int = 0


def rounded(function: Callable[[Operand], Operand]) -> Reference:
    """A function of `a` in double precision."""
    return lambda a, _b, _c: function(a.astype(np.float64))


def either_nan(function: Callable[[Operand, Operand], Operand]) -> Reference:
    return lambda a, b, _c: function(a, b)


def signed(a: Operand) -> NDArray[np.int32]:
    return a.view(np.int32)


def erf(x: Operand) -> Operand:
    return np.array([math.erf(v) for v in x])


def sigmoid(x: Operand) -> Operand:
    return 1 / (1 + np.exp(-x))


WORDS = (
    Word("load", lambda a, _b, _c: a),
    Word("load_i32", lambda a, _b, _c: a, integers=True),
    Word("splat", lambda a, _b, _c: np.full_like(a, -7.0), parameter=-7),
    Word("splat_i32", lambda a, _b, _c: np.full_like(signed(a), -7), parameter=-7, integers=True),
    Word("add", lambda a, b, _c: a + b),
    Word("sub", lambda a, b, _c: a - b),
    Word("mul", lambda a, b, _c: a * b),
    Word("div", lambda a, b, _c: a / b),
    Word("min", either_nan(np.minimum)),
    Word("max", either_nan(np.maximum)),
    Word("clampmin", lambda a, b, _c: np.maximum(a, np.nan_to_num(b))),
    Word("clampmax", lambda a, b, _c: np.minimum(a, np.nan_to_num(b))),
    Word("neg", lambda a, _b, _c: -a),
    Word("abs", lambda a, _b, _c: np.abs(a)),
    Word("sqrt", lambda a, _b, _c: np.sqrt(a)),
    Word("floor", lambda a, _b, _c: np.floor(a)),
    Word("ceil", lambda a, _b, _c: np.ceil(a)),
    Word("round", lambda a, _b, _c: np.rint(a)),
    Word("lt", lambda a, b, _c: a < b),
    Word("le", lambda a, b, _c: a <= b),
    Word("eq", lambda a, b, _c: a == b),
    Word("and", lambda a, b, c: (a < b) & (b < c)),
    Word("or", lambda a, b, c: (a < b) | (b < c)),
    Word("not", lambda a, b, _c: ~(a < b)),
    Word("select", lambda a, b, c: np.where(a < b, c, a)),
    Word("add_i32", lambda a, b, _c: signed(a) + signed(b), integers=True),
    Word("sub_i32", lambda a, b, _c: signed(a) - signed(b), integers=True),
    Word("and_i32", lambda a, b, _c: signed(a) & signed(b), integers=True),
    Word("mul_i32", lambda a, b, _c: signed(a) * signed(b), integers=True),
    Word("min_i32", lambda a, b, _c: np.minimum(signed(a), signed(b)), integers=True),
    Word("max_i32", lambda a, b, _c: np.maximum(signed(a), signed(b)), integers=True),
    Word("neg_i32", lambda a, _b, _c: -signed(a), integers=True),
    Word("abs_i32", lambda a, _b, _c: np.abs(signed(a)), integers=True),
    Word("lt_i32", lambda a, b, _c: signed(a) < signed(b)),
    Word("le_i32", lambda a, b, _c: signed(a) <= signed(b)),
    Word("eq_i32", lambda a, b, _c: signed(a) == signed(b)),
    Word("select_i32", lambda a, b, c: np.where(signed(a) < signed(b), signed(c), signed(a)), integers=True),
    *(Word("shl", lambda a, _b, _c, k=k: signed(a) << k, integers=True, parameter=k) for k in (0, 1, 23, 31)),
    *(Word("shr", lambda a, _b, _c, k=k: signed(a) >> k, integers=True, parameter=k) for k in (0, 1, 23, 31)),
    Word(
        "cvt_i32_f32", lambda a, _b, _c: np.rint(np.clip(np.nan_to_num(a), -1e9, 1e9)).astype(np.int32), integers=True
    ),
    Word("cvt_f32_i32", lambda a, _b, _c: signed(a).astype(np.float32)),
    Word("bits_i32_f32", lambda a, _b, _c: signed(a) + 1, integers=True),
    Word("bits_f32_i32", lambda a, _b, _c: -a),
    Word("exp", rounded(np.exp), ulps=2.0),
    Word("log", rounded(np.log), ulps=2.0),
    Word("tanh", rounded(np.tanh), ulps=2.5),
    Word("sigmoid", rounded(sigmoid), ulps=4.0),
    Word("erf", rounded(erf), ulps=2.5),
)
FOLDS: dict[str, Callable[[Operand, Operand], Operand]] = {
    "add": np.add,
    "mul": np.multiply,
    "max": np.maximum,
    "min": np.minimum,
}
SPECIALS = (0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 1e30, -1e30, math.inf, -math.inf, math.nan)


def operands() -> tuple[Floats, Floats, Floats]:
    """Ordinary values, among them all pairs of the special ones; b has no NaN where a clamp takes it."""
    rng = np.random.default_rng(5)
    values = rng.normal(0, 3, (3, LENGTH)).astype(np.float32)
    pairs = np.array([(x, y) for x in SPECIALS for y in SPECIALS], np.float32)
    order = rng.permutation(len(pairs))
    values[0, : len(pairs)], values[1, : len(pairs)] = pairs[order].T
    return values[0], values[1], values[2]


def encode(name: str, parameter: int, a: Floats, b: Floats, c: Floats) -> bytes:
    head = name.encode().ljust(64, b"\0") + struct.pack("<q", parameter)
    return head + b"".join(pack_array(v) for v in (a, b, c))


def execute(isa: str, mode: str, cases: list[bytes]) -> list[tuple[int, list[list[Floats]]]]:
    """For each machine: its lanes, and for each case what it stored for each n."""
    toolchain = toolchain_for(isa, mode)
    if toolchain.missing:
        pytest.skip(toolchain.missing)
    answers: list[tuple[int, list[list[Floats]]]] = []
    for runner in toolchain.runners:
        data = run(program("words", isa, mode), runner, struct.pack("<q", len(cases)) + b"".join(cases))
        first, *stored = unpack_arrays(data)
        lanes = int(first.view(np.int32)[0])
        assert len(stored) == lanes * len(cases)
        answers.append((lanes, [stored[i : i + lanes] for i in range(0, len(stored), lanes)]))
    return answers


def same(actual: Operand, expected: Operand) -> NDArray[np.bool_]:
    return (actual == expected) | (np.isnan(actual) & np.isnan(expected))


def ulp(x: Operand) -> Operand:
    """The unit of the last place of a float near x."""
    return np.maximum(np.spacing(np.abs(x).astype(np.float32)).astype(np.float64), 2.0**-149)


MODES = [(isa, mode) for isa in ISAS for mode in modes(isa)]


@pytest.mark.parametrize(("isa", "mode"), MODES)
def test_words(isa: str, mode: str) -> None:
    a, b, c = operands()
    shifts = range(0, LENGTH - 256, 64)
    clean = np.nan_to_num(b)
    cases = [
        encode(word.name, word.parameter, a[s:], (clean if "clamp" in word.name else b)[s:], c[s:])
        for word in WORDS
        for s in shifts
    ]
    with np.errstate(all="ignore"):
        expected = {word: np.asarray(word.reference(a, b, c)) for word in WORDS}
    for _lanes, answers in execute(isa, mode, cases):
        for k, per_n in enumerate(answers):
            word, s = WORDS[k // len(shifts)], shifts[k % len(shifts)]
            for n, stored in enumerate(per_n, 1):
                assert stored.size == n
                compare(word, a[s : s + n], expected[word][s : s + n], stored)


def compare(word: Word, a: Floats, expected: Operand, stored: Floats) -> None:
    if word.integers:
        skip = ~np.isfinite(a) | (np.abs(a) > 1e9) if word.name == "cvt_i32_f32" else np.zeros(a.shape, np.bool_)
        ok = skip | (stored.view(np.int32) == expected.view(np.int32))
    elif word.ulps:
        with np.errstate(all="ignore"):
            near = np.abs(stored - expected) <= word.ulps * ulp(expected)
            ok = same(stored, expected.astype(np.float32)) | near
    else:
        ok = same(stored, expected.astype(np.float32))
    assert np.all(ok), (
        f"{word.name}, n = {len(a)}: {stored[~ok][0]!r} instead of {expected[~ok][0]!r} for {a[~ok][0]!r}"
    )


@pytest.mark.parametrize(("isa", "mode"), MODES)
def test_fma(isa: str, mode: str) -> None:
    a, b, c = operands()
    for _lanes, (per_n,) in execute(isa, mode, [encode("fma", 0, a, b, c)]):
        for n, stored in enumerate(per_n, 1):
            x, y, z = a[:n], b[:n], c[:n]
            with np.errstate(all="ignore"):
                exact = x.astype(np.longdouble) * y.astype(np.longdouble) + z.astype(np.longdouble)
                fused = np.abs(stored - exact) <= 0.50001 * ulp(exact)
                assert np.all(fused | same(stored, exact.astype(np.float32)) | same(stored, x * y + z))


@pytest.mark.parametrize(("isa", "mode"), MODES)
def test_strides(isa: str, mode: str) -> None:
    a, b, c = operands()
    strides = (4, 8, 12, -4, -8)
    names = ("load_strided", "store_strided")
    cases = [encode(name, stride, a, b, c) for name in names for stride in strides]
    for _lanes, answers in execute(isa, mode, cases):
        for k, per_n in enumerate(answers):
            stride = strides[k % len(strides)] // 4
            for n, stored in enumerate(per_n, 1):
                span = slice(0, (n - 1) * abs(stride) + 1, abs(stride))
                forward = slice(None, None, 1 if stride > 0 else -1)
                if k < len(strides):
                    expected = a[span][forward]
                else:
                    expected = c[: span.stop].copy()
                    expected[span] = a[:n][forward]
                assert np.all(same(stored, expected))


@pytest.mark.parametrize(("isa", "mode"), MODES)
def test_folds(isa: str, mode: str) -> None:
    rng = np.random.default_rng(6)
    plain = rng.uniform(0.5, 1.5, (3, LENGTH)).astype(np.float32)
    with_nan = plain.copy()
    with_nan[:, ::7] = np.nan
    names = [(kind, op) for kind in ("acc", "reduce") for op in FOLDS]
    values = (plain, with_nan)
    cases = [encode(f"{kind}_{op}", 0, *v) for v in values for kind, op in names]
    for lanes, answers in execute(isa, mode, cases):
        for k, per_n in enumerate(answers):
            a, b, _c = values[k // len(names)]
            kind, op = names[k % len(names)]
            for n, stored in enumerate(per_n, 1):
                if kind == "acc":
                    expected = a[:lanes].copy()
                    expected[:n] = FOLDS[op](a[:n], b[:n])
                    assert np.all(same(stored, expected)), (kind, op, n)
                else:
                    total = getattr(FOLDS[op], "reduce")(a[:lanes].astype(np.float64))  # noqa: B009
                    exact = op in ("max", "min") or math.isnan(total)
                    near = abs(stored[0] - total) <= lanes * 2.0**-23 * abs(total)
                    assert same(stored, np.array([total], np.float32))[0] if exact else near, (kind, op, n)


NARROW = ("u8", "i8", "u16", "i16")


@pytest.mark.parametrize(("isa", "mode"), MODES)
def test_narrow_elements(isa: str, mode: str) -> None:
    """Loads widen the elements that they touch and no others; stores leave what lies behind them alone."""
    rng = np.random.default_rng(7)
    raw, c = (rng.integers(0, 1 << 32, LENGTH, np.uint32).view(np.float32) for _ in range(2))
    cases = [encode(f"load_{name}", 0, raw, raw, c) for name in NARROW]
    whole = {name: rng.integers(0, 1 << 16, LENGTH).astype(ELEMENTS[name].dtype).astype(np.int32) for name in NARROW}
    cases += [encode(f"store_{name}", 0, whole[name].view(np.float32), raw, c) for name in NARROW]
    for _lanes, answers in execute(isa, mode, cases):
        for name, loaded, kept in zip(NARROW, answers[: len(NARROW)], answers[len(NARROW) :], strict=True):
            dtype = ELEMENTS[name].dtype
            for n, (got, left) in enumerate(zip(loaded, kept, strict=True), 1):
                data = raw[:n].tobytes()[-n * dtype.itemsize :]
                assert np.array_equal(got.view(np.int32), np.frombuffer(data, dtype)), (name, n)
                stored = whole[name][:n].astype(dtype).tobytes()
                assert left.tobytes() == stored + c[:n].tobytes()[len(stored) :], (name, n)


@pytest.mark.parametrize(("isa", "mode"), [m for m in MODES if m[0] in SATURATING])
def test_stores_of_bytes_clamp(isa: str, mode: str) -> None:
    rng = np.random.default_rng(9)
    numbers = (rng.integers(-(1 << 31), 1 << 31, LENGTH) >> rng.integers(0, 32, LENGTH)).astype(np.int32)
    rest = np.zeros(LENGTH, np.float32)
    names = ("u8", "i8")
    cases = [encode(f"store_{name}", 0, numbers.view(np.float32), rest, rest) for name in names]
    for _lanes, answers in execute(isa, mode, cases):
        for name, per_n in zip(names, answers, strict=True):
            limits = np.iinfo(ELEMENTS[name].dtype)
            for n, left in enumerate(per_n, 1):
                stored = np.clip(numbers[:n], limits.min, limits.max).astype(limits.dtype).tobytes()
                assert left.tobytes()[:n] == stored, (name, n)


@pytest.mark.parametrize(("isa", "mode"), MODES)
def test_folds_of_integers(isa: str, mode: str) -> None:
    rng = np.random.default_rng(8)
    a, b, c = rng.integers(-(1 << 31), 1 << 31, (3, LENGTH)).astype(np.int32)
    names = [(kind, op) for kind in ("acc", "reduce") for op in ("add", "max", "min")]
    cases = [encode(f"{kind}_{op}_i32", 0, *(v.view(np.float32) for v in (a, b, c))) for kind, op in names]
    for lanes, answers in execute(isa, mode, cases):
        for (kind, op), per_n in zip(names, answers, strict=True):
            for n, stored in enumerate(per_n, 1):
                if kind == "acc":
                    expected = a[:lanes].copy()
                    expected[:n] = FOLDS[op](a[:n], b[:n])
                else:
                    expected = {"add": np.sum, "max": np.max, "min": np.min}[op](a[:lanes], keepdims=True).astype(
                        np.int32
                    )
                assert np.array_equal(stored.view(np.int32), expected), (kind, op, n)


def rescaled(a: int, scale: float) -> int:
    """The nearest integer to the product, the even one of two, clamped to i32."""
    return min(max(round(Fraction(a) * Fraction(scale)), -(1 << 31)), (1 << 31) - 1)


def multipliers(rng: np.random.Generator, low: float, high: float, count: int) -> Floats:
    """Positive floats over many powers of two: random ones, powers themselves, and such with few bits."""
    mantissas = np.concatenate(
        [rng.uniform(1, 2, count), np.ones(count // 2), 1 + rng.integers(0, 16, count // 2) / 16]
    )
    return np.ldexp(mantissas, rng.integers(int(low), int(high), 2 * count)).astype(np.float32)


@pytest.mark.parametrize(("isa", "mode"), MODES)
def test_rescale(isa: str, mode: str) -> None:
    """Ties, both ends of i32, multipliers of all sizes; near ones up to their bounds."""
    rng = np.random.default_rng(9)
    scales = multipliers(rng, -60, 30, LENGTH // 2)
    wide = np.concatenate(
        [
            rng.integers(-(1 << 31), 1 << 31, LENGTH // 2),
            rng.integers(-64, 65, LENGTH // 4),
            [-(1 << 31), (1 << 31) - 1] * 128,
        ]
    ).astype(np.int32)
    near_scales = multipliers(rng, -40, 8, LENGTH // 2)
    most = np.minimum((1 << 29) - 1, ((1 << 31) - 2) / near_scales.astype(np.float64)).astype(np.int64)
    near = rng.integers(-most, most + 1)
    ties = (np.round(rng.integers(-40, 40, LENGTH) + 0.5) / near_scales.astype(np.float64)).astype(np.int64)
    near = np.where(rng.uniform(size=LENGTH) < 0.3, np.clip(ties, -most, most), near)
    near = np.where(rng.uniform(size=LENGTH) < 0.1, rng.choice([-1, 1], LENGTH) * most, near).astype(np.int32)
    small_most = np.minimum(1 << 24, ((1 << 22) - 2) / near_scales.astype(np.float64)).astype(np.int64)
    small = np.clip(near, -small_most, small_most).astype(np.int32)
    shifts = range(0, LENGTH - 256, 16)
    tried = (("rescale", wide, scales), ("rescale_near", near, near_scales), ("rescale_small", small, near_scales))
    cases = [encode(name, 0, a.view(np.float32)[s:], b[s:], b[s:]) for name, a, b in tried for s in shifts]
    expected = [np.array([rescaled(int(x), float(y)) for x, y in zip(a, b, strict=True)]) for _, a, b in tried]
    for _lanes, answers in execute(isa, mode, cases):
        for k, per_n in enumerate(answers):
            s, wanted = shifts[k % len(shifts)], expected[k // len(shifts)]
            for n, stored in enumerate(per_n, 1):
                wrong = np.flatnonzero(stored.view(np.int32) != wanted[s : s + n])
                assert not wrong.size, (tried[k // len(shifts)], s + wrong[0], n)


@pytest.mark.parametrize("word", ["round_shift", "shift_half"])
@pytest.mark.parametrize(("isa", "mode"), MODES)
def test_shifts(isa: str, mode: str, word: str) -> None:
    """Powers of two, ties among them or numbers beside them, up to the ends of the range."""
    rng = np.random.default_rng(10)
    shifts = (1, 2, 7, 22, 30)
    numbers: list[NDArray[np.int32]] = []
    for s in shifts:
        most = (1 << 31) - (1 << s)
        ties = rng.integers(-(1 << 30) >> s, (1 << 30) >> s, LENGTH) * (1 << s) + (1 << (s - 1))
        drawn = np.where(rng.uniform(size=LENGTH) < 0.5, ties, rng.integers(-most, most + 1, LENGTH))
        drawn[:4] = (most, -most, 1 << (s - 1), -(1 << (s - 1)))
        if word == "shift_half":
            drawn += np.where(drawn % (1 << s) == 1 << (s - 1), rng.choice((-1, 1), LENGTH), 0)
            drawn = drawn[drawn % (1 << s) != 1 << (s - 1)] if s > 1 else drawn & ~1
            drawn = np.resize(drawn, LENGTH)
        numbers.append(np.clip(drawn, -most, most).astype(np.int32))
    cases = [encode(word, s, *[a.view(np.float32)] * 3) for s, a in zip(shifts, numbers, strict=True)]
    for _lanes, answers in execute(isa, mode, cases):
        for s, a, per_n in zip(shifts, numbers, answers, strict=True):
            for n, stored in enumerate(per_n, 1):
                assert stored.view(np.int32).tolist() == [rescaled(int(v), 2.0**-s) for v in a[:n]], (s, n)
