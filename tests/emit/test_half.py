"""Conversions of 16-bit floats: the portable ones are numpy's, those of CPUs are the portable ones."""

import ctypes
from pathlib import Path

import numpy as np
import pytest

from embedc.ir.types import BF16, F16, Array, Element
from embedc.resources import runtime_folder
from embedc.targets.load import load_target
from embedc.targets.toolchain import CFLAGS, find_compiler
from tests.emit.compiling import STRICT, compile_c, run_c, usable

LIBRARY = """#include "ec_half.h"
#define EACH(name, to, from, call) \\
  void name(const void *x, void *y, int n) { for (int i = 0; i < n; i++) ((to *)y)[i] = call(((const from *)x)[i]); }
EACH(widened_f16, float, uint16_t, ec_f16_widened)
EACH(narrowed_f16, uint16_t, float, ec_f16_narrowed)
EACH(widened_bf16, float, uint16_t, ec_f32_from_bf16)
EACH(narrowed_bf16, uint16_t, float, ec_bf16_from_f32)
EACH(rounded_f16, float, double, ec_round_f16_f64)
"""
AGREES = """#include "ec_half.h"
int main(void) {
  for (uint32_t h = 0; h < 65536; h++)
    if (ec_bits_of_f32(ec_f32_from_f16((uint16_t)h)) != ec_bits_of_f32(ec_f16_widened((uint16_t)h)))
      return 1;
  for (uint64_t u = 0; u < UINT64_C(0x100000000); u += 4093)
    if (ec_f16_from_f32(ec_f32_of_bits((uint32_t)u)) != ec_f16_narrowed(ec_f32_of_bits((uint32_t)u)))
      return 2;
  return 0;
}
"""


def called(library: ctypes.CDLL, name: str, x: Array, dtype: str) -> Array:
    y = np.zeros(x.size, dtype)
    getattr(library, name)(ctypes.c_void_p(x.ctypes.data), ctypes.c_void_p(y.ctypes.data), x.size)
    return y


def near_every(element: Element) -> Array:
    """Every number of 16 bits, the middle to the next, and floats beside both; then floats of every magnitude."""
    numbers = np.arange(65536, dtype=np.uint16).view(element.dtype).astype(np.float32)
    bits = numbers.view(np.uint32).astype(np.int64)
    half = 1 << (23 - element.precision)
    beside = np.concatenate([bits + d for d in (-1, 0, 1, half - 1, half, half + 1)])
    sweep = np.arange(0, 2**32, 20011)
    return np.concatenate([beside, sweep]).astype(np.uint32).view(np.float32)


def test_portable_conversions_are_those_of_numpy(tmp_path: Path) -> None:
    (tmp_path / "half.c").write_text(LIBRARY)
    flags = [*CFLAGS, "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-I", str(runtime_folder())]
    compile_c([*find_compiler(load_target("c")), *flags], ["half.c"], tmp_path, "-shared", "-fPIC", "-o", "half.so")
    library = ctypes.CDLL(str(tmp_path / "half.so"))
    words = np.arange(65536, dtype=np.uint16)
    for element in (F16, BF16):
        wide = called(library, f"widened_{element}", words, "f4")
        np.testing.assert_array_equal(wide, words.view(element.dtype).astype(np.float32))
        x = near_every(element)
        with np.errstate(over="ignore", invalid="ignore"):
            expected = x.astype(element.dtype)
        got = called(library, f"narrowed_{element}", x, "u2")
        number = ~np.isnan(x)
        np.testing.assert_array_equal(got[number], expected.view("u2")[number])
        assert np.isnan(got.view(element.dtype)[~number]).all()
    x = near_every(F16)
    middle = (x[np.isfinite(x)].astype(np.float64) * np.array([[1 - 2.0**-40], [1], [1 + 2.0**-40]])).reshape(-1)
    with np.errstate(over="ignore"):
        once = middle.astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(called(library, "rounded_f16", middle, "f4"), once)


@pytest.mark.parametrize(("name", "flags"), [("c", ["-mf16c"]), ("c", []), ("arm-neon", []), ("riscv-rvv", [])])
def test_what_a_cpu_converts_agrees(tmp_path: Path, name: str, flags: list[str]) -> None:
    run_c({"main.c": AGREES}, tmp_path, usable(name), flags=["-I", str(runtime_folder()), *STRICT, *flags])
