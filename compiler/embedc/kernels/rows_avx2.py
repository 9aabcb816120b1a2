"""Kernels for x86-64 with AVX2 and FMA. Cycles were measured on a Cascade Lake core."""

from functools import partial

from embedc.kernels.f32 import f32_row
from embedc.kernels.row import Family

_row = partial(f32_row, "avx2", features=frozenset({"avx2", "fma"}))

ROWS = (
    _row(Family.CONV, 6, 16, step_cycles=6.3, tile_cycles=50.0),
    _row(Family.CONV, 8, 8, step_cycles=6.0, tile_cycles=60.0),
    _row(Family.CONV, 1, 64, step_cycles=9.0, tile_cycles=40.0),
    _row(Family.DEPTHWISE, 4, 16, step_cycles=8.5, tile_cycles=20.0),
    _row(Family.POOL_MAX, 1, 32, step_cycles=6.0, tile_cycles=25.0),
    _row(Family.POOL_AVERAGE, 1, 32, step_cycles=4.0, tile_cycles=35.0),
)
