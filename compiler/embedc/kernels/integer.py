"""Rows of integer kernels: bytes times bytes (or 16-bit weights), summed up in i32."""

from collections.abc import Callable

from embedc.ir.types import I4, I8, I32, U8, Element
from embedc.kernels.row import Family, KernelRow, Packing, WindowShape, any_shape
from embedc.kernels.tiles import LANES, MOST_SUM, Transforms

VNNI_BIAS = ((U8, 0), (I8, 128))  # what x86-64 kernels add to x where an instruction multiplies u8 by i8
MOST_INPUTS = 2**16  # of kernels for weights of 4 bits: 16 times their sums fit 32 bits
PACKING = {Family.WINOGRAD: Packing.TILES, Family.DEPTHWISE: Packing.CHANNELS, Family.POOL_MAX: Packing.NONE}


def integer_row(
    isa: str,
    family: Family,
    x: Element,
    mr: int,
    nr: int,
    kr: int = 1,
    *,
    step_cycles: float,
    tile_cycles: float,
    w: Element = I8,
    x_bias: int = 0,
    features: frozenset[str] = frozenset(),
    conv_packing: Packing = Packing.PANELS,
    accepts: Callable[[WindowShape], str | None] = any_shape,
    least_w: int | None = None,
    transforms: Transforms | None = None,
    widens: bool = False,
) -> KernelRow:
    """The row of ec_<family>_<x><w>i32_<mr>x<nr>[c<kr>]__<isa>; nr 0 is written vl, a width that only the run time knows."""
    packing = Packing.NIBBLES if w == I4 else PACKING.get(family, conv_packing)
    weights = None if packing is Packing.NONE else w
    step = f"c{kr}" if kr > 1 else ""
    return KernelRow(
        id=f"ec_{family}_{x}{weights or ''}i32_{mr}x{nr or 'vl'}{step}__{isa}",
        family=family,
        isa=isa,
        x=x,
        w=weights,
        acc=I32,
        mr=mr,
        nr=nr,
        packing=packing,
        step_cycles=step_cycles,
        tile_cycles=tile_cycles,
        kr=kr,
        x_bias=x_bias,
        features=features,
        exactness="integer",
        accepts=accepts,
        least_w=least_w,
        transforms=transforms,
        widens=widens,
    )


def few_inputs(shape: WindowShape) -> str | None:
    """Why a convolution with weights of 4 bits cannot be computed from packed ones."""
    return f"takes up to {MOST_INPUTS} inputs" if shape.taps * shape.ic > MOST_INPUTS else None


def in_tiles(shape: WindowShape) -> str | None:
    """Why a convolution cannot be computed in Winograd's tiles."""
    if shape.tiles is None:
        return "takes windows of 3 x 3 at stride 1, where size does not count most"
    if shape.ic % LANES:
        return f"takes multiples of {LANES} channels"
    if shape.most_sum is None or shape.most_sum >= MOST_SUM:
        return "sums may reach 2^25"
    return None
