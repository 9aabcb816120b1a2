"""Kernels of NEON (AArch64). Reference core: Cortex-A72, one FMLA and one load of 128 bits per cycle (llvm-mca)."""

from embedc.ir.types import F32
from embedc.kernels.row import Family, KernelRow, Packing


def _row(family: Family, mr: int, nr: int, packing: Packing, step_cycles: float, tile_cycles: float) -> KernelRow:
    return KernelRow(
        id=f"ec_{family}_f32_{mr}x{nr}__neon",
        family=family,
        isa="neon",
        x=F32,
        w=None if packing is Packing.NONE else F32,
        acc=F32,
        mr=mr,
        nr=nr,
        packing=packing,
        step_cycles=step_cycles,
        tile_cycles=tile_cycles,
        features=frozenset({"neon"}),
    )


ROWS = (
    _row(Family.CONV, 8, 8, Packing.PANELS, 16.0, 60.0),
    _row(Family.CONV, 8, 4, Packing.PANELS, 8.3, 35.0),
    _row(Family.CONV, 1, 32, Packing.PANELS, 8.3, 35.0),
    _row(Family.DEPTHWISE, 4, 16, Packing.CHANNELS, 22.0, 60.0),
    _row(Family.POOL_MAX, 1, 16, Packing.NONE, 7.5, 30.0),
    _row(Family.POOL_AVERAGE, 1, 16, Packing.NONE, 7.5, 40.0),
)
