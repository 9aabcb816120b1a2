"""The functions of ec_vmath.h over a sweep of all floats: error, limits, NaN."""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from tests.kernels.harness import Floats, base_isa, modes, program, run, toolchain_for, unpack_arrays
from tests.kernels.test_words import ISAS, Operand, encode, erf, sigmoid, ulp

SWEEP = -1000000  # the parameter for which words.c answers with the word of the whole operand
STEP = 20011  # in bit patterns
SMALLEST_NORMAL = 2.0**-126
FLUSHING = ("mve",)  # instruction sets to whose vectors smaller numbers are zero


@dataclass(frozen=True)
class Function:
    """A function, its error in units of the last place, and values that it must give exactly."""

    name: str
    reference: Callable[[Operand], Operand]
    ulps: float
    exact: tuple[tuple[float, float], ...]


INF = math.inf
FUNCTIONS = (
    Function("exp", np.exp, 1.1, ((0, 1), (-0.0, 1), (INF, INF), (-INF, 0), (89, INF), (-104, 0))),
    Function("log", np.log, 0.9, ((1, 0), (0, -INF), (-0.0, -INF), (INF, INF), (-1, math.nan), (-INF, math.nan))),
    Function("tanh", np.tanh, 1.5, ((0, 0), (20, 1), (-20, -1), (3e38, 1), (INF, 1), (-INF, -1))),
    Function("sigmoid", sigmoid, 2.6, ((0, 0.5), (200, 1), (INF, 1), (-INF, 0), (-200, 0))),
    Function("erf", erf, 1.2, ((0, 0), (4, 1), (-4, -1), (3e38, 1), (INF, 1), (-INF, -1))),
)


def sweep() -> Floats:
    """Floats of every sign and magnitude, and more of them where the functions are not constant."""
    bits = np.arange(0, 2**32, STEP, dtype=np.uint64).astype(np.uint32)
    return np.concatenate([bits.view(np.float32), np.linspace(-110, 110, 50001, dtype=np.float32)])


@pytest.mark.parametrize("isa", [isa for isa in ISAS if base_isa(isa) != "portable"])
def test_functions(isa: str) -> None:
    mode = modes(isa)[0]
    toolchain = toolchain_for(isa, mode)
    if toolchain.missing:
        pytest.skip(toolchain.missing)
    x = sweep()
    given = [np.concatenate([x, np.array([v for v, _ in f.exact], np.float32)]) for f in FUNCTIONS]
    one = np.zeros(1, np.float32)
    data = struct.pack("<q", len(FUNCTIONS)) + b"".join(
        encode(f.name, SWEEP, g, one, one) for f, g in zip(FUNCTIONS, given, strict=True)
    )
    for runner in toolchain.runners:
        _lanes, *answers = unpack_arrays(run(program("words", isa, mode), runner, data))
        for function, answer in zip(FUNCTIONS, answers, strict=True):
            check(
                function,
                np.where(np.abs(x) < SMALLEST_NORMAL, np.copysign(0, x), x) if isa in FLUSHING else x,
                answer[: x.size],
            )
            expected = np.array([v for _, v in function.exact], np.float32)
            assert np.array_equal(answer[x.size :], expected, equal_nan=True), function.name


def check(function: Function, x: Floats, answer: Floats) -> None:
    with np.errstate(all="ignore"):
        true = function.reference(x.astype(np.float64))
        nearest = true.astype(np.float32)
        error = np.abs(answer - true) / ulp(true)
    assert np.array_equal(np.isnan(answer), np.isnan(true)), function.name
    normal = np.isfinite(nearest) & (np.abs(true) >= SMALLEST_NORMAL)
    assert np.all(answer[np.isinf(nearest)] == nearest[np.isinf(nearest)]), function.name
    worst = int(np.argmax(np.where(normal, error, 0)))
    assert error[worst] <= function.ulps, f"{function.name}({x[worst]!r}): {error[worst]:.3f} ulp"
    tiny = ~normal & np.isfinite(nearest)
    assert np.all(np.abs(answer[tiny] - true[tiny]) <= SMALLEST_NORMAL), function.name
