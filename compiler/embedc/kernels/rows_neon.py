"""Kernels of NEON (AArch64). Reference core: Cortex-A72, one FMLA and one load of 128 bits per cycle (llvm-mca).

Cycles of integer kernels are instructions of a step, of which such a core starts about one vector instruction in a cycle.
"""

from functools import partial

from embedc.ir.types import I4, I8, I16, U8
from embedc.kernels.f32 import f32_row
from embedc.kernels.integer import few_inputs, integer_row
from embedc.kernels.row import Family

FLIPPED = ((U8, -128), (I8, 0))  # u8 becomes i8 by XOR
ABOVE = -127  # two products of bytes then fit 16 bits

_row = partial(f32_row, "neon", features=frozenset({"neon"}))
_bytes = partial(_row, w=I8)
_integer = partial(integer_row, "neon", features=frozenset({"neon"}))
_nibbles = partial(_integer, Family.CONV, w=I4, accepts=few_inputs)
_dot = partial(integer_row, "neon", features=frozenset({"neon", "dotprod"}))
_matrix = partial(integer_row, "neon", features=frozenset({"neon", "i8mm"}))

ROWS = (
    _row(Family.CONV, 8, 8, step_cycles=16.0, tile_cycles=60.0),
    _row(Family.CONV, 8, 4, step_cycles=8.3, tile_cycles=35.0),
    _row(Family.CONV, 1, 32, step_cycles=8.3, tile_cycles=35.0),
    _row(Family.DEPTHWISE, 4, 16, step_cycles=22.0, tile_cycles=60.0),
    _row(Family.POOL_MAX, 1, 16, step_cycles=7.5, tile_cycles=30.0),
    _row(Family.POOL_AVERAGE, 1, 16, step_cycles=7.5, tile_cycles=40.0),
    _bytes(Family.CONV, 8, 8, step_cycles=21.0, tile_cycles=60.0),
    _bytes(Family.CONV, 8, 4, step_cycles=11.0, tile_cycles=35.0),
    _bytes(Family.CONV, 1, 32, step_cycles=16.0, tile_cycles=35.0),
    _row(Family.CONV, 1, 32, w=I4, step_cycles=19.0, tile_cycles=35.0),
    _bytes(Family.DEPTHWISE, 4, 16, step_cycles=27.0, tile_cycles=60.0),
    *(
        _integer(Family.CONV, x, 8, 8, 2, x_bias=b, least_w=ABOVE, step_cycles=32.0, tile_cycles=90.0)
        for x, b in FLIPPED
    ),
    *(
        _integer(Family.CONV, x, 4, 16, 2, x_bias=b, least_w=ABOVE, step_cycles=30.0, tile_cycles=90.0)
        for x, b in FLIPPED
    ),
    *(
        _integer(Family.CONV, x, 1, 32, 2, x_bias=b, least_w=ABOVE, step_cycles=19.0, tile_cycles=50.0)
        for x, b in FLIPPED
    ),
    *(_integer(Family.CONV, x, 6, 8, 2, x_bias=b, step_cycles=33.0, tile_cycles=80.0) for x, b in FLIPPED),
    *(_integer(Family.CONV, x, 4, 16, w=I16, x_bias=b, step_cycles=20.0, tile_cycles=90.0) for x, b in FLIPPED),
    *(_dot(Family.CONV, x, 6, 16, 4, x_bias=b, step_cycles=29.5, tile_cycles=100.0) for x, b in FLIPPED),
    *(_dot(Family.CONV, x, 8, 8, 4, x_bias=b, step_cycles=20.0, tile_cycles=80.0) for x, b in FLIPPED),
    *(_dot(Family.CONV, x, 1, 32, 4, x_bias=b, step_cycles=16.5, tile_cycles=50.0) for x, b in FLIPPED),
    *(_nibbles(x, 1, 32, 2, x_bias=b, step_cycles=21.0, tile_cycles=70.0) for x, b in FLIPPED),
    *(
        _dot(Family.CONV, x, 1, 32, 4, w=I4, x_bias=b, accepts=few_inputs, step_cycles=16.5, tile_cycles=80.0)
        for x, b in FLIPPED
    ),
    *(_matrix(Family.CONV, x, 8, 8, 8, step_cycles=24.0, tile_cycles=90.0) for x in (U8, I8)),
    *(
        _integer(Family.DEPTHWISE, x, 4, 16, x_bias=b, least_w=ABOVE, step_cycles=26.0, tile_cycles=70.0)
        for x, b in FLIPPED
    ),
    *(_integer(Family.DEPTHWISE, x, 2, 16, x_bias=b, step_cycles=17.0, tile_cycles=40.0) for x, b in FLIPPED),
    *(_integer(Family.DEPTHWISE, x, 4, 16, w=I16, x_bias=b, step_cycles=30.0, tile_cycles=70.0) for x, b in FLIPPED),
    *(_integer(Family.POOL_MAX, x, 1, 16, step_cycles=2.5, tile_cycles=30.0) for x in (U8, I8)),
)
