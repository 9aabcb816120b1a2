"""Kernels of the RISC-V vector extension 1.0. Reference: SiFive P670 at VLEN 128 (llvm-mca), vectors of LMUL 4."""

from functools import partial

from embedc.ir.types import I8, I16, U8
from embedc.kernels.f32 import f32_row
from embedc.kernels.integer import integer_row
from embedc.kernels.row import Family, Packing

_row = partial(f32_row, "rvv", nr=0, features=frozenset({"rvv"}), conv_packing=Packing.ROWS)
_bytes = partial(_row, w=I8)
_integer = partial(integer_row, "rvv", nr=0, features=frozenset({"rvv"}), conv_packing=Packing.ROWS)

ROWS = (
    _row(Family.CONV, 6, step_cycles=12.0, tile_cycles=80.0),
    _row(Family.CONV, 1, step_cycles=4.0, tile_cycles=20.0),
    _row(Family.DEPTHWISE, 3, step_cycles=16.2, tile_cycles=40.0),
    _row(Family.POOL_MAX, 1, step_cycles=6.6, tile_cycles=20.0),
    _row(Family.POOL_AVERAGE, 1, step_cycles=6.1, tile_cycles=30.0),
    _bytes(Family.CONV, 6, step_cycles=13.0, tile_cycles=80.0),
    _bytes(Family.CONV, 1, step_cycles=6.0, tile_cycles=20.0),
    _bytes(Family.DEPTHWISE, 3, step_cycles=18.0, tile_cycles=40.0),
    *(_integer(Family.CONV, x, 6, w=w, step_cycles=14.0, tile_cycles=90.0) for x in (U8, I8) for w in (I8, I16)),
    *(_integer(Family.DEPTHWISE, x, 3, w=w, step_cycles=12.0, tile_cycles=50.0) for x in (U8, I8) for w in (I8, I16)),
    *(_integer(Family.POOL_MAX, x, 1, step_cycles=2.0, tile_cycles=25.0) for x in (U8, I8)),
)
