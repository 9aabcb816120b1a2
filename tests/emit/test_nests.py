"""Printed loop nests compute what numpy computes, on every instruction set that runs here."""

from pathlib import Path

import numpy as np
import pytest

from embedc.emit.forward import forward
from embedc.emit.nests import print_nest
from embedc.kernels.row import folders_of
from embedc.resources import kernels_folder, runtime_folder
from embedc.targets.load import load_target
from tests.emit.compiling import STRICT, run_c, usable
from tests.emit.random_nests import Drawer, cases, expect, program_text, window

COUNT = 100
TARGETS = [
    ("c", 0),
    ("c", 1),
    ("x86-avx2", 2),
    ("x86-avx512", 3),
    ("arm-neon", 4),
    ("riscv-rvv", 5),
    ("arm-neon-v7", 6),
]


@pytest.mark.parametrize(("name", "seed"), TARGETS)
def test_nests_compute_what_numpy_computes(tmp_path: Path, name: str, seed: int) -> None:
    target = usable(name)
    drawer = Drawer(seed)
    found = cases(drawer, COUNT)
    before = drawer.all()
    expected = before.copy()
    for case in found:
        expect(expected, case)
    (tmp_path / "in").write_bytes(before.tobytes())
    names = (*folders_of(target.isa, target.features), "portable")
    folders = [runtime_folder(), *(kernels_folder() / folder for folder in names)]
    flags = [*(f"-I{folder}" for folder in folders), *STRICT, "-Wno-missing-prototypes"]
    arguments = [str(tmp_path / "in"), str(tmp_path / "out")]
    run_c({"main.c": program_text(found, before.size, target)}, tmp_path / "c", target, *arguments, flags=flags)
    got = np.fromfile(tmp_path / "out", np.uint8)
    for case in found:
        result = case.nest.result
        place = case.places[result.buffer]
        computed, wanted = window(got, result, place), window(expected, result, place)
        np.testing.assert_array_equal(computed, wanted, print_nest(forward(case.nest), "nest", target))
        computed[...] = wanted  # zeros may differ in their sign
    np.testing.assert_array_equal(got, expected, "a nest wrote outside of its result")


def test_every_way_of_printing_is_drawn() -> None:
    """Vectors along the result, vectors along a reduced axis, transposed copies, lookups, scatters, scalars."""
    target = load_target("x86-avx2")
    drawn = [case for _, seed in TARGETS[2:] for case in cases(Drawer(seed), COUNT)]
    text = "".join(print_nest(forward(case.nest), "nest", target) for case in drawn)
    words = [
        "ec_vstore_f32",
        "ec_vload_strided_f32",
        "ec_transpose_f32",
        "ec_transpose_u8",
        "ec_store_f32",
        "ec_store_i64",
        "ec_index",
        "ec_position",
    ]
    words += [f"ec_vreduce_{kind}_f32" for kind in ("add", "max", "min", "mul")]
    assert not [word for word in words if word not in text]
