"""Kernels of the RISC-V vector extension 1.0. Reference: SiFive P670 at VLEN 128 (llvm-mca), vectors of LMUL 4."""

from embedc.ir.types import F32
from embedc.kernels.row import Family, KernelRow, Packing


def _row(family: Family, mr: int, packing: Packing, step_cycles: float, tile_cycles: float) -> KernelRow:
    return KernelRow(
        id=f"ec_{family}_f32_{mr}xvl__rvv",
        family=family,
        isa="rvv",
        x=F32,
        w=None if packing is Packing.NONE else F32,
        acc=F32,
        mr=mr,
        nr=0,
        packing=packing,
        step_cycles=step_cycles,
        tile_cycles=tile_cycles,
        features=frozenset({"rvv"}),
    )


ROWS = (
    _row(Family.CONV, 6, Packing.ROWS, 12.0, 80.0),
    _row(Family.CONV, 1, Packing.ROWS, 4.0, 20.0),
    _row(Family.DEPTHWISE, 3, Packing.CHANNELS, 16.2, 40.0),
    _row(Family.POOL_MAX, 1, Packing.NONE, 6.6, 20.0),
    _row(Family.POOL_AVERAGE, 1, Packing.NONE, 6.1, 30.0),
)
