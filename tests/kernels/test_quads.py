"""The vocabulary of integers alone against numpy, and when its rescales need not look for ties."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embedc.emit.quads import QuadC
from embedc.ir.intervals import intervals
from embedc.ir.scalar import ScalarBuilder
from embedc.ir.types import ELEMENTS, F32, I32
from embedc.kernels.row import QUADS
from tests.kernels.harness import Floats, pack_array, program, run, toolchain_for, unpack_arrays
from tests.kernels.test_words import multipliers

LENGTH = 4100
Integers = NDArray[np.int32]
WORDS: dict[str, Callable[[Integers, Integers], Integers]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "min": np.minimum,
    "max": np.maximum,
    "neg": lambda a, _b: -a,
    "abs": lambda a, _b: np.abs(a),
    **dict.fromkeys(("lt", "le", "between"), np.minimum),
}


def execute(isa: str, cases: list[tuple[str, int, Integers, NDArray[Any]]]) -> list[Integers]:
    toolchain = toolchain_for(isa)
    if toolchain.missing:
        pytest.skip(toolchain.missing)
    data = struct.pack("<q", len(cases))
    for name, parameter, a, b in cases:
        data += name.encode().ljust(64, b"\0") + struct.pack("<q", parameter)
        data += pack_array(a.view(np.float32)) + pack_array(b.view(np.float32))
    return [y.view(np.int32) for y in unpack_arrays(run(program("quads", isa, ""), toolchain.runners[0], data))]


def rescaled(a: Integers, scale: Floats) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The nearest integers to the products, the even ones of two, and where there are two."""
    fractions, exponents = np.frexp(scale.astype(np.float64))
    products = a * np.ldexp(fractions, 24).astype(np.int64)
    shifts = np.clip(24 - exponents.astype(np.int64), -6, 62)
    right, left = np.maximum(shifts, 1), np.maximum(-shifts, 0)
    half = np.int64(1) << (right - 1)
    nearest = (products + half - 1 + ((products >> right) & 1)) >> right
    return np.where(shifts > 0, nearest, products << left), (shifts > 0) & (products & (2 * half - 1) == half)


@pytest.mark.parametrize("isa", sorted(QUADS))
@pytest.mark.parametrize("length", [LENGTH, LENGTH + 2, LENGTH + 3, 1])
def test_words(isa: str, length: int) -> None:
    rng = np.random.default_rng(1)
    a, b = (rng.integers(-(1 << 31), 1 << 31, (2, length)) >> rng.integers(0, 32, length)).astype(np.int32)
    b[::3] = a[::3]
    for (name, reference), y in zip(WORDS.items(), execute(isa, [(name, 0, a, b) for name in WORDS]), strict=True):
        assert np.array_equal(y, reference(a, b)), name


@pytest.mark.parametrize("isa", sorted(QUADS))
def test_narrow_elements(isa: str) -> None:
    a = np.random.default_rng(2).integers(-(1 << 31), 1 << 31, LENGTH).astype(np.int32)
    names = ("u8", "i8", "u16", "i16")
    stored = [a.astype(ELEMENTS[name].dtype) for name in names]
    cases = [(f"load_{name}", 0, a, a) for name in names]
    cases += [(f"store_{name}", 0, values.astype(np.int32), a) for name, values in zip(names, stored, strict=True)]
    answers = execute(isa, cases)
    for name, values, loaded, written in zip(names, stored, answers[:4], answers[4:], strict=True):
        assert np.array_equal(loaded, a.view(ELEMENTS[name].dtype)[:LENGTH]), name
        assert written.tobytes() == values.tobytes().ljust(4 * LENGTH, b"\0"), name


@pytest.mark.parametrize("isa", sorted(QUADS))
def test_strided_loads(isa: str) -> None:
    a = np.arange(LENGTH + 3, dtype=np.int32)
    (y,) = execute(isa, [("load_strided", 0, a, a)])
    assert y.tolist() == [*a[:LENGTH].reshape(-1, 4)[:, ::-1].ravel(), *a[: LENGTH - 1 : -1]]


@pytest.mark.parametrize("isa", sorted(QUADS))
@pytest.mark.parametrize("left", [0, 1, 6, 20])
def test_fixed_rescales(isa: str, left: int) -> None:
    """Ties, the ends of what may be shifted to the left, multipliers up to the greatest one and down to nothing."""
    rng = np.random.default_rng(left)
    scales = multipliers(rng, -34, left - 1, LENGTH)[:-1]
    scales[:64] = multipliers(rng, -126, left - 1, 32)
    most = (1 << (31 - left)) - 1
    a = rng.integers(-most - 1, most + 1, len(scales)) >> rng.integers(0, 31 - left, len(scales))
    near = np.round((rng.integers(-40, 40, len(scales)) + 0.5) / scales.astype(np.float64))
    a = np.where((rng.uniform(size=len(scales)) < 0.5) & (np.abs(near) < most), near, a)
    a[-8:] = (most, -most - 1, most, -most - 1, 1, -1, 0, most)
    a = a.astype(np.int32)
    expected, ties = rescaled(a, scales)
    assert np.count_nonzero(ties) > 100
    exact, fixed = execute(isa, [(f"rescale_{form}", left, a, scales) for form in ("ties", "fixed")])
    assert np.array_equal(exact, expected)
    assert np.array_equal(fixed[~ties], expected[~ties])
    assert np.all((fixed == expected) | (fixed == expected + 1))


@pytest.mark.parametrize("isa", sorted(QUADS))
def test_other_rescales(isa: str) -> None:
    rng = np.random.default_rng(3)
    a, scales = rng.integers(-(1 << 31), 1 << 31, 2 * LENGTH).astype(np.int32), multipliers(rng, -60, 30, LENGTH)
    (y,) = execute(isa, [("rescale", 0, a, scales)])
    assert np.array_equal(y, np.clip(rescaled(a, scales)[0], -(1 << 31), (1 << 31) - 1))
    for shift in (1, 2, 7, 22, 30):
        most = (1 << 31) - (1 << shift)
        a[::2] = (a[::2] >> shift << shift) + (1 << (shift - 1))
        a = np.clip(a, -most, most)
        y, half = execute(isa, [(word, shift, a, a) for word in ("round_shift", "shift_half")])
        exact, ties = rescaled(a, np.full(len(a), 2.0**-shift, np.float32))
        assert np.array_equal(y, exact)
        assert np.array_equal(half[~ties], exact[~ties])


@pytest.mark.parametrize(
    ("reach", "scale", "word"),
    [
        (1 << 20, 1.5 * 2.0**-23, "rescale_fixed_i32({}, 0, n)"),  # of 3 2^-24 the first tie is at 2^23
        (1 << 23, 1.5 * 2.0**-23, "rescale_ties_i32({}, 0, n)"),
        (1 << 31, 0.4999, "rescale_ties_i32({}, 0, n)"),
        (1 << 20, 0.9, "rescale_fixed_i32({}, 1, n)"),
        (255, 5.1, "rescale_fixed_i32({}, 4, n)"),
        (255, 0.25, "round_shift_i32(x0, 2, n)"),
        (1 << 20, 0.25, "round_shift_i32(x0, 2, n)"),
        (255, 2.0, "rescale_ties_i32({}, 3, n)"),
        (1 << 30, 0.75, "rescale_ties_i32({}, 1, n)"),
        (1 << 31, 0.75, "rescale_i32({}, n)"),
    ],
)
def test_form_of_a_rescale(reach: int, scale: float, word: str) -> None:
    scale = float(np.float32(scale))
    builder = ScalarBuilder(I32)
    by = builder.const(scale, F32)
    body = builder.build(builder.call("rescale", 0, by))
    words = QuadC(intervals(body, [(-reach, reach - 1)]), [0.0])
    assert words.step(body.nodes[-1], ["x0", "s"], body) == f"ec_v{word.format('x0, s')}"
