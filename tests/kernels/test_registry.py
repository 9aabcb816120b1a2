"""The registry and the folders of kernels agree: names, headers, signatures, and nothing that one has and the other not."""

import re
import subprocess
from pathlib import Path

import pytest

from embedc.kernels.registry import ROWS
from embedc.kernels.row import QUADS, Family, KernelRow, Packing
from tests.kernels.harness import KERNELS, STRICT, base_isa, extras_of, include_options, toolchain_for

GRAMMAR = re.compile(
    r"ec_(?P<family>[a-z]+)_(?P<types>[a-z0-9]+)_(?P<mr>\d+)x(?P<nr>\d+|vl)(c(?P<kr>\d+))?__(?P<isa>[a-z0-9]+)"
)
SIGNATURE = """#include "{header}"
void (*check)(const ec_window *, const void *const *, ptrdiff_t, const void *, int32_t, const void *,
              const ec_epilogue *, ec_epi_{acc}) = {id};
"""
TILES_SIGNATURE = """#include "{header}"
void (*check)(const ec_window *, const void *, const void *, const void *, void *, void *const *, const void *const *,
              int32_t, int32_t, int32_t, ec_epi_{acc}) = {id};
"""
ISAS = sorted({row.isa for row in ROWS})

by_row = pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)


@by_row
def test_name_follows_the_grammar(row: KernelRow) -> None:
    match = GRAMMAR.fullmatch(row.id)
    assert match
    types = str(row.x) if row.acc == row.x and row.w in (None, row.x) else f"{row.x}{row.w or ''}{row.acc}"
    expected = {
        "family": row.family.value,
        "types": types,
        "mr": str(row.mr),
        "nr": str(row.nr or "vl"),
        "kr": str(row.kr) if row.kr > 1 else None,
        "isa": row.isa,
    }
    assert match.groupdict() == expected


@by_row
def test_row_is_consistent(row: KernelRow) -> None:
    pools = (Family.POOL_MAX, Family.POOL_AVERAGE)
    assert (row.w is None) == (row.packing is Packing.NONE) == (row.family in pools)
    assert row.step_cycles > 0
    assert row.tile_cycles > 0


@by_row
def test_header_stands_alone_and_defines_the_kernel(row: KernelRow, tmp_path: Path) -> None:
    toolchain = toolchain_for(row.isa, extras=extras_of(row))
    if toolchain.missing:
        pytest.skip(toolchain.missing)
    assert (KERNELS / row.header).is_file()
    source = tmp_path / "alone.c"
    signature = TILES_SIGNATURE if row.family is Family.WINOGRAD else SIGNATURE
    source.write_text(signature.format(header=Path(row.header).name, id=row.id, acc=row.acc))
    command = (*toolchain.compile, *STRICT, "-fsyntax-only", *include_options(row.isa), str(source))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("isa", ISAS)
def test_every_kernel_has_a_row(isa: str) -> None:
    headers = {path.stem for path in (KERNELS / isa).glob("*.h") if GRAMMAR.fullmatch(path.stem)}
    assert headers == {row.id for row in ROWS if row.isa == isa}


@pytest.mark.parametrize("isa", [isa for isa in ISAS if isa != "portable"])
def test_instruction_set_is_guarded(isa: str) -> None:
    name = f"ec_q__{isa}.h" if isa in QUADS else f"ec_v__{isa}.h" if base_isa(isa) == isa else f"ec_{isa}.h"
    assert "#error" in (KERNELS / isa / name).read_text()


def test_names_are_unique() -> None:
    assert len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("path", sorted(KERNELS.rglob("*.h")), ids=lambda path: path.name)
def test_licence(path: Path) -> None:
    assert path.read_text().startswith("/* SPDX-License-Identifier: 0BSD")
