"""Kernels of the DSP extension of Cortex-M4 and M7, beside those in plain C99. Cycles are instructions."""

from functools import partial

from embedc.ir.types import I4, I8, U8
from embedc.kernels.integer import few_inputs, integer_row
from embedc.kernels.row import Family

_dsp = partial(integer_row, "dsp", features=frozenset({"dsp"}))

ROWS = (
    *(_dsp(Family.CONV, x, 4, 2, 4, step_cycles=30.0, tile_cycles=120.0) for x in (U8, I8)),
    *(_dsp(Family.CONV, x, 1, 8, 4, step_cycles=42.0, tile_cycles=110.0) for x in (U8, I8)),
    *(_dsp(Family.CONV, x, 1, 8, 4, w=I4, accepts=few_inputs, step_cycles=38.0, tile_cycles=150.0) for x in (U8, I8)),
    *(_dsp(Family.DEPTHWISE, x, 1, 16, step_cycles=50.0, tile_cycles=80.0) for x in (U8, I8)),
)
