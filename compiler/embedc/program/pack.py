"""Orders weights as a kernel reads them (kernels/README.md); pure numpy moves, no arithmetic."""

import numpy as np

from embedc.ir.types import Array
from embedc.kernels.row import KernelRow, Packing


def pack_conv(row: KernelRow, weights: Array) -> Array:
    """[oc, taps, ic] of one group in the row's packing."""
    oc, taps, ic = weights.shape
    if row.packing is Packing.ROWS:
        return np.ascontiguousarray(weights.transpose(1, 2, 0))
    panels = -(-oc // row.nr)
    padded = np.zeros((panels * row.nr, taps, ic), weights.dtype)
    padded[:oc] = weights
    return np.ascontiguousarray(padded.reshape(panels, row.nr, taps, ic).transpose(0, 2, 3, 1))


def pack_depthwise(weights: Array) -> Array:
    """[c, taps] as [taps, c]."""
    return np.ascontiguousarray(weights.T)
