"""Kernels of NEON (AArch64). Reference core: Cortex-A72, one FMLA and one load of 128 bits per cycle (llvm-mca)."""

from functools import partial

from embedc.kernels.f32 import f32_row
from embedc.kernels.row import Family

_row = partial(f32_row, "neon", features=frozenset({"neon"}))

ROWS = (
    _row(Family.CONV, 8, 8, step_cycles=16.0, tile_cycles=60.0),
    _row(Family.CONV, 8, 4, step_cycles=8.3, tile_cycles=35.0),
    _row(Family.CONV, 1, 32, step_cycles=8.3, tile_cycles=35.0),
    _row(Family.DEPTHWISE, 4, 16, step_cycles=22.0, tile_cycles=60.0),
    _row(Family.POOL_MAX, 1, 16, step_cycles=7.5, tile_cycles=30.0),
    _row(Family.POOL_AVERAGE, 1, 16, step_cycles=7.5, tile_cycles=40.0),
)
