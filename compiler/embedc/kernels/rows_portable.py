"""Kernels in plain C99. Cycles are those of a scalar core that does one multiply-add or load in a cycle."""

from embedc.ir.types import F32
from embedc.kernels.row import Family, KernelRow, Packing

ROWS = (
    KernelRow(
        id="ec_conv_f32_4x4__portable",
        family=Family.CONV,
        isa="portable",
        x=F32,
        w=F32,
        acc=F32,
        mr=4,
        nr=4,
        packing=Packing.PANELS,
        step_cycles=24.0,
        tile_cycles=150.0,
    ),
    KernelRow(
        id="ec_dwconv_f32_2x4__portable",
        family=Family.DEPTHWISE,
        isa="portable",
        x=F32,
        w=F32,
        acc=F32,
        mr=2,
        nr=4,
        packing=Packing.CHANNELS,
        step_cycles=22.0,
        tile_cycles=80.0,
    ),
    KernelRow(
        id="ec_maxpool_f32_1x4__portable",
        family=Family.POOL_MAX,
        isa="portable",
        x=F32,
        w=None,
        acc=F32,
        mr=1,
        nr=4,
        packing=Packing.NONE,
        step_cycles=13.0,
        tile_cycles=40.0,
    ),
    KernelRow(
        id="ec_avgpool_f32_1x4__portable",
        family=Family.POOL_AVERAGE,
        isa="portable",
        x=F32,
        w=None,
        acc=F32,
        mr=1,
        nr=4,
        packing=Packing.NONE,
        step_cycles=9.0,
        tile_cycles=80.0,
    ),
)
