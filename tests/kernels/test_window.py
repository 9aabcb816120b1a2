"""Every window kernel of the registry against the definition of its family, on every instruction set at hand."""

import functools
import struct

import pytest

from embedc.kernels.registry import ROWS
from embedc.kernels.row import Family, KernelRow
from tests.kernels.cases import Case, check, encode, window_cases
from tests.kernels.harness import modes, program, run, toolchain_for, unpack_arrays

cases_of = functools.cache(window_cases)


def accepted(row: KernelRow) -> list[Case]:
    return cases_of(row.family)


@functools.cache
def encoded(row: KernelRow) -> bytes:
    return b"".join(encode(case, row) for case in accepted(row))


@pytest.mark.parametrize("mode", ["gcc", "clang", "sanitizers", "cross"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_window_kernel(row: KernelRow, mode: str) -> None:
    if mode not in modes(row.isa):
        pytest.skip("not a mode of this instruction set")
    toolchain = toolchain_for(row.isa, mode)
    if toolchain.missing:
        pytest.skip(toolchain.missing)
    cases = accepted(row)
    for runner in toolchain.runners:
        answer = run(program("window", row.isa, mode), runner, struct.pack("<q", len(cases)) + encoded(row))
        outputs = unpack_arrays(answer)
        assert len(outputs) == len(cases)
        for case, output in zip(cases, outputs, strict=True):
            check(case, output)


@pytest.mark.parametrize("family", list(Family))
def test_cases_cover_what_the_driver_knows(family: Family) -> None:
    cases = cases_of(family)
    assert any(case.kernel[2] * case.dilation[2] > case.size[2] for case in cases)
    assert any(min(case.pad) < 0 for case in cases)
    assert any(case.stride[2] > case.kernel[2] for case in cases)
    assert any(case.x_ring and case.y_ring for case in cases)
    assert any(case.images > 1 for case in cases)
    assert family is not Family.CONV or any(case.groups > 1 for case in cases)
