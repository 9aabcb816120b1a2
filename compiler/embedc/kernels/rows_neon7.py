"""Kernels of NEON as ARMv7 has it, beside those in plain C99. Cycles are instructions, of which Cortex-A7 starts one at a time."""

from functools import partial

from embedc.ir.types import I4, I8, I16, U8
from embedc.kernels.integer import few_inputs, integer_row
from embedc.kernels.row import Family
from embedc.kernels.rows_neon import ABOVE, FLIPPED

_neon7 = partial(integer_row, "neon7", features=frozenset({"neon"}))

ROWS = (
    *(_neon7(Family.CONV, x, 5, 8, 2, x_bias=b, least_w=ABOVE, step_cycles=20.0, tile_cycles=90.0) for x, b in FLIPPED),
    *(
        _neon7(Family.CONV, x, 1, 32, 2, x_bias=b, least_w=ABOVE, step_cycles=20.0, tile_cycles=60.0)
        for x, b in FLIPPED
    ),
    *(_neon7(Family.CONV, x, 4, 8, 2, x_bias=b, step_cycles=22.0, tile_cycles=80.0) for x, b in FLIPPED),
    *(
        _neon7(Family.CONV, x, 1, 32, 2, w=I4, x_bias=b, accepts=few_inputs, step_cycles=22.0, tile_cycles=80.0)
        for x, b in FLIPPED
    ),
    *(
        _neon7(Family.DEPTHWISE, x, 2, 16, x_bias=b, least_w=ABOVE, step_cycles=16.0, tile_cycles=60.0)
        for x, b in FLIPPED
    ),
    *(_neon7(Family.CONV, x, 4, 8, w=I16, x_bias=b, step_cycles=12.0, tile_cycles=80.0) for x, b in FLIPPED),
    *(_neon7(Family.DEPTHWISE, x, 2, 16, w=I16, x_bias=b, step_cycles=26.0, tile_cycles=60.0) for x, b in FLIPPED),
    *(_neon7(Family.DEPTHWISE, x, 1, 16, x_bias=b, step_cycles=12.0, tile_cycles=50.0) for x, b in FLIPPED),
    *(_neon7(Family.POOL_MAX, x, 1, 16, step_cycles=6.0, tile_cycles=50.0) for x in (U8, I8)),
)
