"""Depthwise layers of few channels: neighbouring pixels of a row, which lie side by side, as one pixel of more channels.

At stride 1 the inputs of m pixels under one tap are m * C bytes in a row, and so are the outputs. The kernel computes W / m pixels of
m * C channels; weights and channel operands are repeated m times. The input is copied into rows with their padding, so that no tap of these
pixels lies partly outside.
"""

from dataclasses import dataclass, replace

import numpy as np

from embedc.ir.graph import NOWHERE
from embedc.ir.types import Array
from embedc.kernels.row import Family, KernelRow
from embedc.ops.elementwise import constant, constant_of
from embedc.program.layout import channels_last
from embedc.program.lower_nest import padded
from embedc.program.lowering import Lowering
from embedc.program.program import Geometry, Layer, Pixels
from embedc.program.views import dense_view
from embedc.program.window_call import Epilogue, as_pixels


@dataclass(frozen=True)
class Wide:
    """A call of wide pixels: what add_call takes."""

    geometry: Geometry
    x: Pixels
    written: tuple[Pixels, ...]
    epilogue: Epilogue
    taps: Array


def widened(
    lowering: Lowering,
    layer: Layer,
    row: KernelRow,
    geometry: Geometry,
    x: Pixels,
    written: tuple[Pixels, ...],
    epilogue: Epilogue,
    taps: Array,
    x_zero: int,
) -> Wide | None:
    """The call with as many pixels in one as the kernel's vectors take, None where that does not pay or is not so laid out."""
    channels, width = geometry.oc, geometry.output[2]
    size = x.view.element.bytes
    most = row.nr // channels if row.family is Family.DEPTHWISE and row.acc.is_integer else 0
    pixels = max((m for m in range(2, most + 1) if width % m == 0), default=1)
    linear = all(p.strides.step[2] == channels * p.view.element.bytes for p in written)
    values = [constant_of(v) for v in epilogue.channels]
    constants = [v for v in values if v is not None]
    plain = geometry.stride[2] == geometry.dilation[2] == 1 and len(x.view.shape) == 4 and size == 1
    if pixels == 1 or not linear or not plain or len(constants) < len(values) or lowering.policy.optimize == "size":
        return None
    needed = width + geometry.kernel[2] - 1
    if needed != geometry.input[2] or geometry.pad[2]:
        x = _with_borders(lowering, layer, x, geometry.pad[2], needed, x_zero)
    wide = replace(
        geometry,
        ic=channels * pixels,
        oc=channels * pixels,
        input=(*geometry.input[:2], needed),
        output=(*geometry.output[:2], width // pixels),
        stride=(*geometry.stride[:2], pixels),
        pad=(*geometry.pad[:2], 0),
    )
    repeated = tuple(constant(np.tile(v.reshape(-1), pixels), NOWHERE) for v in constants)
    return Wide(
        wide,
        x,
        tuple(_stepping(p, pixels) for p in written),
        replace(epilogue, channels=repeated),
        np.tile(taps, (pixels, 1, 1)),
    )


def _with_borders(lowering: Lowering, layer: Layer, x: Pixels, before: int, width: int, value: int) -> Pixels:
    """A copy of the input whose rows have their padding."""
    images, channels, height, _ = x.view.shape
    shape, layout = (images, channels, height, width), channels_last(4)
    buffer = lowering.arena(f"{layer.name} with borders", layout.bytes(shape, x.view.element))
    target = dense_view(buffer, x.view.element, shape, layout)
    told = Layer(f"borders of {layer.name}", "pad", layer.origin)
    padded(lowering, x.view, target, (0, 0, 0, before), value, told)
    return as_pixels(target)


def _stepping(operand: Pixels, pixels: int) -> Pixels:
    """A pixel operand at every m-th pixel."""
    step = operand.strides.step
    return replace(operand, strides=replace(operand.strides, step=(*step[:2], step[2] * pixels)))
