"""Orders weights as a kernel reads them (kernels/README.md); in front of integer ones come the numbers at which sums start."""

import numpy as np

from embedc.ir.types import Array
from embedc.kernels.row import KernelRow, Packing


def pack_conv(row: KernelRow, weights: Array, start: Array | None = None) -> Array:
    """[oc, taps, ic] of one group in the row's packing; ic is a multiple of kr, `start` an i32 for each output channel."""
    oc, taps, ic = weights.shape
    if row.packing is Packing.ROWS:
        return _behind(start, np.ascontiguousarray(weights.transpose(1, 2, 0)))
    panels = -(-oc // row.nr)
    padded = np.zeros((panels * row.nr, taps, ic), weights.dtype)
    padded[:oc] = weights
    ordered = padded.reshape(panels, row.nr, taps, ic // row.kr, row.kr).transpose(0, 2, 3, 1, 4)
    if start is None:
        return np.ascontiguousarray(ordered)
    starts = np.zeros(panels * row.nr, start.dtype)
    starts[:oc] = start
    return np.stack([_behind(s, p) for s, p in zip(starts.reshape(panels, -1), ordered, strict=True)])


def pack_depthwise(weights: Array, start: Array | None = None) -> Array:
    """[c, taps] as [taps, c]."""
    return _behind(start, np.ascontiguousarray(weights.T))


def _behind(start: Array | None, weights: Array) -> Array:
    """The bytes of `start` and of the weights behind it; just the weights if there is none."""
    if start is None:
        return weights
    parts = (start.astype("<i4"), weights.astype(weights.dtype.newbyteorder("<")))
    return np.concatenate([np.ascontiguousarray(part).reshape(-1).view(np.uint8) for part in parts])
