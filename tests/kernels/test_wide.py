"""The words of epilogues that take several vectors at once against numpy, for every number of active lanes."""

import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from embedc.ir.types import ELEMENTS
from embedc.kernels.row import QUADS, WIDE
from tests.kernels.harness import modes, pack_array, program, run, toolchain_for, unpack_arrays
from tests.kernels.test_words import multipliers

LENGTH = 4160  # all numbers of lanes up to 64, twice
SHIFT = 18

Integers = NDArray[np.int32]
Case = tuple[str, tuple[int, int, int, int], Integers, NDArray[np.float32]]


def execute(isa: str, mode: str, cases: list[Case]) -> list[NDArray[Any]]:
    toolchain = toolchain_for(isa, mode)
    if toolchain.missing:
        pytest.skip(toolchain.missing)
    data = struct.pack("<q", len(cases))
    for name, numbers, a, by in cases:
        data += name.encode().ljust(64, b"\0") + struct.pack("<4q", *numbers)
        data += pack_array(a.view(np.float32)) + pack_array(by)
    return unpack_arrays(run(program("wide", isa, mode), toolchain.runners[0], data))


@pytest.mark.parametrize(("isa", "mode"), [(isa, mode) for isa in sorted(WIDE.keys() - QUADS) for mode in modes(isa)])
@pytest.mark.parametrize("element", ["i8", "u8"])
def test_bytes(isa: str, mode: str, element: str) -> None:
    rng = np.random.default_rng(1)
    kind = ELEMENTS[element].dtype
    least, most = (int(limit) for limit in ELEMENTS[element].limits)
    halves = rng.integers(-(1 << 14), 1 << 14, LENGTH) >> rng.integers(0, 12, LENGTH)
    scales = multipliers(rng, -12, -1, LENGTH)[:LENGTH]
    sums = np.round((halves + rng.integers(0, 2, LENGTH) / 2) / scales.astype(np.float64))
    sums = np.clip(sums, -(1 << 24), 1 << 24).astype(np.int32)
    rescaled = np.rint(sums * scales.astype(np.float64)).astype(np.int64)
    shifted = ((halves << SHIFT) // 2 + rng.integers(0, 1 << SHIFT, LENGTH)).astype(np.int32)
    values = {"clamped": halves, "shifted": shifted >> SHIFT, "rescaled": rescaled}
    given = {"clamped": halves.astype(np.int32), "shifted": shifted, "rescaled": sums}
    numbers = [(0, least, most), (3, least + 3, most), (-128, least, most - 20), (101, least + 60, most - 60)]
    cases: list[Case] = [(f"load_{element}", (0, 0, 0, 0), halves.astype(kind).astype(np.int32), scales)]
    expected = [cases[0][2].tobytes()]
    for form, value in values.items():
        for zero, low, high in numbers:
            cases.append((f"{form}_{element}", (SHIFT, zero, low, high), given[form], scales))
            expected.append(np.clip(value + zero, low, high).astype(kind).tobytes().ljust(4 * LENGTH, b"\0"))
    for (name, parameters, *_), y, result in zip(cases, execute(isa, mode, cases), expected, strict=True):
        assert y.tobytes() == result, (name, parameters)
