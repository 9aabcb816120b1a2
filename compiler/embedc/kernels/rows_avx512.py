"""Kernels for x86-64 with AVX-512F. Cycles are those of a Cascade Lake core with operands in L1 or L2."""

from functools import partial

from embedc.kernels.f32 import f32_row
from embedc.kernels.row import Family

_row = partial(f32_row, "avx512", features=frozenset({"avx512f"}))

ROWS = (
    _row(Family.CONV, 8, 32, step_cycles=8.5, tile_cycles=80.0),
    _row(Family.CONV, 8, 16, step_cycles=6.0, tile_cycles=60.0),
    _row(Family.CONV, 1, 64, step_cycles=7.0, tile_cycles=40.0),
    _row(Family.DEPTHWISE, 4, 32, step_cycles=7.5, tile_cycles=40.0),
    _row(Family.POOL_MAX, 1, 32, step_cycles=3.0, tile_cycles=30.0),
    _row(Family.POOL_AVERAGE, 1, 32, step_cycles=2.0, tile_cycles=50.0),
)
