"""Kernels for x86-64 with AVX2 and FMA. Cycles were measured on a Cascade Lake core, those of integers on Zen 4 and 5."""

from functools import partial

from embedc.ir.types import I4, I8, I16, U8
from embedc.kernels.f32 import f32_row
from embedc.kernels.integer import VNNI_BIAS, few_inputs, in_tiles, integer_row
from embedc.kernels.row import Family
from embedc.kernels.tiles import Transforms

_integer = partial(integer_row, "avx2", features=frozenset({"avx2", "fma"}))
_tiles = partial(_integer, Family.WINOGRAD, accepts=in_tiles)
_nibbles = partial(_integer, Family.CONV, w=I4, accepts=few_inputs)
_vnni = partial(integer_row, "avx2", features=frozenset({"avx2", "fma", "avxvnni"}))
_row = partial(f32_row, "avx2", features=frozenset({"avx2", "fma"}))
_bytes = partial(_row, w=I8)

ROWS = (
    _row(Family.CONV, 6, 16, step_cycles=6.3, tile_cycles=50.0),
    _row(Family.CONV, 8, 8, step_cycles=6.0, tile_cycles=60.0),
    _row(Family.CONV, 1, 64, step_cycles=9.0, tile_cycles=40.0),
    _row(Family.DEPTHWISE, 4, 16, step_cycles=8.5, tile_cycles=20.0),
    _row(Family.POOL_MAX, 1, 32, step_cycles=6.0, tile_cycles=25.0),
    _row(Family.POOL_AVERAGE, 1, 32, step_cycles=4.0, tile_cycles=35.0),
    _bytes(Family.CONV, 6, 16, step_cycles=6.6, tile_cycles=50.0),
    _bytes(Family.CONV, 8, 8, step_cycles=6.2, tile_cycles=60.0),
    _bytes(Family.CONV, 1, 32, step_cycles=4.2, tile_cycles=40.0),
    _row(Family.CONV, 1, 32, w=I4, step_cycles=5.0, tile_cycles=40.0),
    _bytes(Family.DEPTHWISE, 4, 16, step_cycles=9.0, tile_cycles=20.0),
    *(_integer(Family.CONV, x, 4, 16, 2, step_cycles=5.2, tile_cycles=40.0) for x in (U8, I8)),
    *(_integer(Family.CONV, x, 5, 16, 2, step_cycles=5.7, tile_cycles=40.0, widens=True) for x in (U8, I8)),
    *(_integer(Family.CONV, x, 8, 8, 2, step_cycles=5.5, tile_cycles=40.0) for x in (U8, I8)),
    *(_integer(Family.CONV, x, 1, 64, 2, step_cycles=7.3, tile_cycles=40.0) for x in (U8, I8)),
    *(_nibbles(x, 1, 64, 2, step_cycles=7.3, tile_cycles=60.0) for x in (U8, I8)),
    *(_integer(Family.CONV, x, 4, 16, 2, w=I16, step_cycles=4.6, tile_cycles=40.0) for x in (U8, I8)),
    *(_tiles(x, 4, 16, 2, step_cycles=4.8, tile_cycles=30.0, transforms=Transforms(110, 55, 240)) for x in (U8, I8)),
    *(_vnni(Family.CONV, x, 6, 16, 4, x_bias=b, step_cycles=6.3, tile_cycles=40.0) for x, b in VNNI_BIAS),
    *(_vnni(Family.CONV, x, 8, 8, 4, x_bias=b, step_cycles=5.5, tile_cycles=40.0) for x, b in VNNI_BIAS),
    *(_vnni(Family.CONV, x, 1, 64, 4, x_bias=b, step_cycles=7.0, tile_cycles=30.0) for x, b in VNNI_BIAS),
    *(
        _vnni(Family.CONV, x, 1, 64, 4, w=I4, x_bias=b, accepts=few_inputs, step_cycles=7.0, tile_cycles=50.0)
        for x, b in VNNI_BIAS
    ),
    *(
        _integer(Family.DEPTHWISE, x, 2, 32, 2, w=w, step_cycles=10.0, tile_cycles=25.0)
        for x in (U8, I8)
        for w in (I8, I16)
    ),
    *(_integer(Family.POOL_MAX, x, 1, 32, step_cycles=1.5, tile_cycles=25.0) for x in (U8, I8)),
)
