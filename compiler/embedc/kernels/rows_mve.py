"""Kernels of the vector extension of Armv8.1-M (Helium, Cortex-M55). Cycles are instructions."""

from functools import partial

from embedc.ir.types import I4, I8, I16, U8
from embedc.kernels.f32 import f32_row
from embedc.kernels.integer import few_inputs, integer_row
from embedc.kernels.row import Family

FLIPPED = ((U8, -128), (I8, 0))  # u8 becomes i8 by XOR
ABOVE = -127  # two products of bytes then fit 16 bits

_row = partial(f32_row, "mve", features=frozenset({"mve"}))
_bytes = partial(_row, w=I8)
_integer = partial(integer_row, "mve", features=frozenset({"mve"}))

ROWS = (
    _row(Family.CONV, 3, 8, step_cycles=14.0, tile_cycles=110.0),
    _row(Family.CONV, 4, 4, step_cycles=12.0, tile_cycles=110.0),
    _row(Family.DEPTHWISE, 2, 8, step_cycles=17.0, tile_cycles=60.0),
    _row(Family.POOL_MAX, 1, 16, step_cycles=23.0, tile_cycles=60.0),
    _row(Family.POOL_AVERAGE, 1, 16, step_cycles=11.0, tile_cycles=80.0),
    _bytes(Family.CONV, 3, 8, step_cycles=16.0, tile_cycles=110.0),
    _bytes(Family.CONV, 4, 4, step_cycles=13.0, tile_cycles=110.0),
    _row(Family.CONV, 1, 8, w=I4, step_cycles=10.0, tile_cycles=60.0),
    _bytes(Family.DEPTHWISE, 2, 8, step_cycles=19.0, tile_cycles=60.0),
    *(_integer(Family.CONV, x, 3, 2, 16, x_bias=b, step_cycles=12.0, tile_cycles=40.0) for x, b in FLIPPED),
    *(_integer(Family.CONV, x, 3, 2, 8, w=I16, step_cycles=12.0, tile_cycles=40.0) for x in (U8, I8)),
    *(
        _integer(Family.CONV, x, 1, 4, 16, w=I4, x_bias=b, accepts=few_inputs, step_cycles=11.0, tile_cycles=40.0)
        for x, b in FLIPPED
    ),
    *(
        _integer(Family.DEPTHWISE, x, 1, 16, x_bias=b, least_w=ABOVE, step_cycles=12.5, tile_cycles=75.0)
        for x, b in FLIPPED
    ),
    *(_integer(Family.DEPTHWISE, x, 1, 8, step_cycles=10.0, tile_cycles=45.0) for x in (U8, I8)),
    *(_integer(Family.DEPTHWISE, x, 1, 4, w=I16, step_cycles=8.0, tile_cycles=30.0) for x in (U8, I8)),
    *(_integer(Family.POOL_MAX, x, 1, 16, step_cycles=5.0, tile_cycles=80.0) for x in (U8, I8)),
)
