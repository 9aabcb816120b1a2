"""Kernels for x86-64 with AVX-512. Cycles were measured on a Cascade Lake core."""

from functools import partial

from embedc.kernels.f32 import f32_row
from embedc.kernels.row import Family

_row = partial(f32_row, "avx512", features=frozenset({"avx512f"}))

ROWS = (
    _row(Family.CONV, 8, 32, step_cycles=8.5, tile_cycles=80.0),
    _row(Family.CONV, 8, 16, step_cycles=6.0, tile_cycles=60.0),
    _row(Family.CONV, 1, 64, step_cycles=7.0, tile_cycles=40.0),
    _row(Family.DEPTHWISE, 4, 32, step_cycles=9.0, tile_cycles=20.0),
    _row(Family.POOL_MAX, 1, 32, step_cycles=4.0, tile_cycles=20.0),
    _row(Family.POOL_AVERAGE, 1, 32, step_cycles=4.0, tile_cycles=20.0),
)
