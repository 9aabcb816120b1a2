"""Maxima and averages over spatial windows as kernel calls."""

from math import prod

from embedc.kernels.row import WindowShape
from embedc.ops.elementwise import Map
from embedc.ops.window import Window
from embedc.program.layout import channels_last
from embedc.program.lowering import Lowering
from embedc.program.pack import Operands
from embedc.program.program import Geometry, View
from embedc.program.window_call import add_call, as_pixels, choose, epilogue_of, readable, spatial


def lower_pooling(lowering: Lowering, op: Window, absorbed: Map | None, output: View) -> None:
    """One call."""
    order = channels_last(op.x.type.rank).order
    epilogue = epilogue_of(op, absorbed)
    x_view = readable(lowering, op.x, (1,), order)
    residuals = tuple(readable(lowering, v, (1,), order) for v in epilogue.pixels)
    images, channels, *size = op.x.type.dims
    layer = lowering.layer(op, absorbed, 0)
    shape = WindowShape(prod(output.shape[2:]) * images, prod(op.kernel), channels, channels)
    row = choose(lowering, op, shape, layer)
    geometry = Geometry(
        images,
        1,
        channels,
        channels,
        spatial(tuple(size), 1),
        spatial(output.shape[2:], 1),
        spatial(op.kernel[2:], 1),
        spatial(op.strides[2:], 1),
        spatial(op.dilations[2:], 1),
        spatial(tuple(p for p, _ in op.pads[2:]), 0),
        op.count_pad,
    )
    add_call(
        lowering,
        layer,
        Operands(row),
        geometry,
        as_pixels(x_view),
        tuple(as_pixels(v) for v in (output, *residuals)),
        epilogue,
    )
