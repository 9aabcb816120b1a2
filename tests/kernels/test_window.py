"""Every window kernel of the registry against the definition of its family, on every instruction set at hand."""

import functools
import struct

import pytest

from embedc.ir.types import F32
from embedc.kernels.registry import ROWS
from embedc.kernels.row import Family, KernelRow
from tests.kernels.cases import Case, check, encode, window_cases
from tests.kernels.harness import extras_of, modes, program, run, toolchain_for, unpack_arrays

_cases = functools.cache(window_cases)


def cases_of(row: KernelRow) -> list[Case]:
    return _cases(row.family, row.x, row.w, row.least_w)


@functools.cache
def encoded(row: KernelRow) -> bytes:
    cases = cases_of(row)
    return struct.pack("<q", len(cases)) + b"".join(encode(case, row) for case in cases)


@pytest.mark.parametrize(
    ("row", "mode"), [pytest.param(row, mode, id=f"{row.id}-{mode}") for row in ROWS for mode in modes(row.isa)]
)
def test_window_kernel(row: KernelRow, mode: str) -> None:
    extras = extras_of(row)
    toolchain = toolchain_for(row.isa, mode, extras)
    if toolchain.missing:
        pytest.skip(toolchain.missing)
    for runner in toolchain.runners:
        outputs = unpack_arrays(run(program("window", row.isa, mode, extras), runner, encoded(row)))
        for case, output in zip(cases_of(row), outputs, strict=True):
            check(case, output)


@pytest.mark.parametrize("family", list(Family))
def test_cases_cover_what_the_driver_knows(family: Family) -> None:
    cases = _cases(family, F32, F32)
    assert any(case.kernel[2] * case.dilation[2] > case.size[2] for case in cases)
    assert any(min(case.pad) < 0 for case in cases)
    assert family is Family.WINOGRAD or any(case.stride[2] > case.kernel[2] for case in cases)
    assert any(case.backwards for case in cases)
    assert any(case.x_ring and case.y_ring for case in cases)
    assert any(case.images > 1 for case in cases)
    assert family is not Family.CONV or any(case.groups > 1 for case in cases)
