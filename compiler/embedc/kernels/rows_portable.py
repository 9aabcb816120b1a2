"""Kernels in plain C99. Cycles are those of a scalar core that does one multiply-add or load in a cycle."""

from functools import partial

from embedc.ir.types import I4, I8, I16, U8
from embedc.kernels.f32 import f32_row
from embedc.kernels.integer import few_inputs, integer_row
from embedc.kernels.row import Family

_row = partial(f32_row, "portable")
_bytes = partial(_row, w=I8)
_integer = partial(integer_row, "portable")

ROWS = (
    _row(Family.CONV, 2, 8, step_cycles=18.0, tile_cycles=150.0),
    _row(Family.CONV, 4, 4, step_cycles=22.0, tile_cycles=150.0),
    _row(Family.DEPTHWISE, 2, 4, step_cycles=22.0, tile_cycles=80.0),
    _row(Family.POOL_MAX, 1, 4, step_cycles=13.0, tile_cycles=40.0),
    _row(Family.POOL_AVERAGE, 1, 4, step_cycles=9.0, tile_cycles=80.0),
    _bytes(Family.CONV, 2, 8, step_cycles=26.0, tile_cycles=150.0),
    _bytes(Family.CONV, 4, 4, step_cycles=26.0, tile_cycles=150.0),
    _row(Family.CONV, 1, 4, w=I4, step_cycles=17.0, tile_cycles=80.0),
    _bytes(Family.DEPTHWISE, 2, 4, step_cycles=26.0, tile_cycles=80.0),
    *(_integer(Family.CONV, x, 2, 4, w=w, step_cycles=16.0, tile_cycles=80.0) for x in (U8, I8) for w in (I8, I16)),
    *(
        _integer(Family.CONV, x, 1, 4, 2, w=I4, accepts=few_inputs, step_cycles=20.0, tile_cycles=100.0)
        for x in (U8, I8)
    ),
    *(
        _integer(Family.DEPTHWISE, x, 1, 16, w=w, step_cycles=80.0, tile_cycles=80.0)
        for x in (U8, I8)
        for w in (I8, I16)
    ),
    *(_integer(Family.POOL_MAX, x, 1, 16, step_cycles=64.0, tile_cycles=80.0) for x in (U8, I8)),
)
