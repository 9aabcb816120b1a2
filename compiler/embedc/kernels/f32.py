"""Rows of float kernels: what their name, family and instruction set say need not be said again."""

from collections.abc import Callable

from embedc.ir.types import F32, I4, Element
from embedc.kernels.row import Family, KernelRow, Packing, WindowShape, any_shape

PACKING = {Family.DEPTHWISE: Packing.CHANNELS}


def f32_row(
    isa: str,
    family: Family,
    mr: int,
    nr: int,
    *,
    step_cycles: float,
    tile_cycles: float,
    w: Element = F32,
    features: frozenset[str] = frozenset(),
    conv_packing: Packing = Packing.PANELS,
    accepts: Callable[[WindowShape], str | None] = any_shape,
) -> KernelRow:
    """The row of ec_<family>_<types>_<mr>x<nr>__<isa>; nr 0 is written vl, a width that only the run time knows."""
    packing = conv_packing if family is Family.CONV else PACKING.get(family, Packing.NONE)
    packing = Packing.NIBBLES if w == I4 else packing
    types = F32 if w == F32 else f"{F32}{w}{F32}"
    return KernelRow(
        id=f"ec_{family}_{types}_{mr}x{nr or 'vl'}__{isa}",
        family=family,
        isa=isa,
        x=F32,
        w=None if packing is Packing.NONE else w,
        acc=F32,
        mr=mr,
        nr=nr,
        packing=packing,
        step_cycles=step_cycles,
        tile_cycles=tile_cycles,
        features=features,
        accepts=accepts,
    )
