"""Convolutions with constant weights as kernel calls: phases of transposed ones, planar inputs, merged columns."""

from dataclasses import dataclass, replace
from itertools import product
from math import gcd, prod

import numpy as np

from embedc.ir.types import Array
from embedc.kernels.row import Family, WindowShape
from embedc.kernels.tiles import TileGrid
from embedc.ops.elementwise import Map, constant_of
from embedc.ops.window import Conv
from embedc.program.fuse import family_of
from embedc.program.layout import channels_last
from embedc.program.lowering import Lowering
from embedc.program.pack import Operands, are_nibbles, least_weight, most_sum
from embedc.program.placement import may_be_planar
from embedc.program.program import Geometry, Pixels, View
from embedc.program.wide_pixels import widened
from embedc.program.window_call import add_call, as_pixels, choose, epilogue_of, readable, spatial


def lower_conv(lowering: Lowering, conv: Conv, absorbed: Map | None, output: View) -> None:
    """One call, or one for each phase of a transposed convolution."""
    depthwise = family_of(conv) is Family.DEPTHWISE
    epilogue = epilogue_of(conv, absorbed)
    residuals = tuple(readable(lowering, v, (1,), channels_last(v.type.rank).order) for v in epilogue.pixels)
    layer = lowering.layer(conv, absorbed, conv.macs)
    weights = constant_of(conv.w)
    assert weights is not None
    images, channels, *size = conv.x.type.dims
    per_group, outputs = channels // conv.groups, output.shape[1] // conv.groups
    pixels = prod(output.shape[2:]) * images
    shape = WindowShape(
        pixels,
        prod(weights.shape[2:]),
        *((channels, channels, 1) if depthwise else (per_group, outputs, conv.groups)),
        least_weight(weights),
        most_sum(weights, conv.x.type.element),
        None if lowering.policy.optimize == "size" else tiles_of(conv),
        are_nibbles(weights),
    )
    row = choose(lowering, conv, shape, layer)
    planar = not depthwise and is_planar(conv, lowering.view(conv.x))
    x_view = (
        lowering.view(conv.x) if planar else readable(lowering, conv.x, (1,), channels_last(conv.x.type.rank).order)
    )
    for phase in phases(conv):
        part = phase.weights(weights)
        geometry = Geometry(
            images,
            1 if depthwise else conv.groups,
            channels if depthwise else per_group,
            channels if depthwise else outputs,
            spatial(tuple(size), 1),
            spatial(phase.output, 1),
            spatial(part.shape[2:], 1),
            spatial(phase.stride, 1),
            spatial(phase.dilation, 1),
            spatial(phase.pad, 0),
        )
        taps = np.ascontiguousarray(part.reshape(part.shape[0], part.shape[1], -1).transpose(0, 2, 1))
        x = as_pixels(x_view)
        x_group = per_group * x_view.element.bytes
        if depthwise:
            taps = taps.reshape(channels, -1, 1)
        else:
            if planar:
                geometry, x, taps = planes_as_depth(geometry, x, part)
            if row.family is Family.CONV:
                geometry, taps = merge_columns(geometry, x, taps)
        written = tuple(as_pixels(phase.view(v)) for v in (output, *residuals))
        wide = depthwise and widened(lowering, layer, row, geometry, x, written, epilogue, taps, conv.x_zero)
        if wide:
            operands = Operands(row, wide.taps, conv.x_zero, x_group)
            add_call(lowering, layer, operands, wide.geometry, wide.x, wide.written, wide.epilogue)
            continue
        operands = Operands(row, taps, conv.x_zero, x_group)
        add_call(lowering, layer, operands, geometry, x, written, epilogue)


def tiles_of(conv: Conv) -> TileGrid | None:
    """The tiles of a convolution 3 x 3 at stride 1."""
    plain = (*conv.strides, *conv.dilations, *conv.input_dilation)
    if conv.w.type.dims[2:] != (3, 3) or set(plain) != {1}:
        return None
    images, _, height, width = conv.result.type.dims
    return TileGrid(images, height, width)


def is_planar(conv: Conv, x: View) -> bool:
    """True for a few channels that lie in planes."""
    return may_be_planar(conv) and x.strides[1] != x.element.bytes


def planes_as_depth(geometry: Geometry, x: Pixels, weights: Array) -> tuple[Geometry, Pixels, Array]:
    """Channels in planes as the depth of the window, with one channel per tap; nothing is copied."""
    channels = geometry.ic
    deep = replace(
        geometry,
        ic=1,
        input=(channels, *geometry.input[1:]),
        kernel=(channels, *geometry.kernel[1:]),
    )
    strides = replace(x.strides, step=(x.view.strides[1], *x.strides.step[1:]))
    return deep, replace(x, strides=strides), weights.reshape(weights.shape[0], -1, 1)


def merge_columns(geometry: Geometry, x: Pixels, weights: Array) -> tuple[Geometry, Array]:
    """Taps of one kernel row that lie next to each other in memory, without padding, as one tap of kw * ic channels."""
    width, ic = geometry.kernel[2], geometry.ic
    reach = (geometry.output[2] - 1) * geometry.stride[2] + (width - 1) * geometry.dilation[2]
    inside = geometry.pad[2] == 0 and reach < geometry.input[2] and geometry.dilation[2] == 1
    if width == 1 or not inside or geometry.groups != 1 or x.strides.step[2] != ic * x.view.element.bytes:
        return geometry, weights
    oc, taps, _ = weights.shape
    merged = replace(geometry, kernel=(geometry.kernel[0], geometry.kernel[1], 1), ic=ic * width)
    return merged, weights.reshape(oc, taps // width, width * ic)


@dataclass(frozen=True)
class Phase:
    """One residue class of output positions of a convolution with input dilation; per spatial axis."""

    begin: tuple[int, ...]
    every: tuple[int, ...]
    first: tuple[int, ...]
    skip: tuple[int, ...]
    output: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pad: tuple[int, ...]

    def weights(self, full: Array) -> Array:
        """The kernel elements [O, I, *K] that this phase uses; one of zeros where it uses none (its pad points outside)."""
        part = full[
            (slice(None), slice(None), *(slice(b, None, s) for b, s in zip(self.first, self.skip, strict=True)))
        ]
        return part if part.size else np.zeros((*full.shape[:2], *(max(1, n) for n in part.shape[2:])), full.dtype)

    def view(self, full: View) -> View:
        """The positions of this phase in a tensor of the whole output's shape."""
        offset = full.offset + sum(b * s for b, s in zip(self.begin, full.strides[2:], strict=True))
        strides = (*full.strides[:2], *(s * e for s, e in zip(full.strides[2:], self.every, strict=True)))
        return replace(full, shape=(*full.shape[:2], *self.output), strides=strides, offset=offset)


def phases(conv: Conv) -> list[Phase]:
    """A convolution as convolutions without input dilation: one phase, or one for each residue of the output position.

    Output y = every*q + begin uses the kernel elements k with (y*stride - pad + k*dilation) divisible by the input dilation.
    """
    axes: list[list[tuple[int, ...]]] = []
    spatial = zip(
        conv.input_dilation,
        conv.strides,
        conv.dilations,
        conv.pads,
        conv.w.type.dims[2:],
        conv.result.type.dims[2:],
        strict=True,
    )
    for factor, stride, dilation, (pad, _), kernel, extent in spatial:
        every = factor // gcd(factor, stride)
        skip = factor // gcd(factor, dilation)
        found: list[tuple[int, ...]] = []
        for begin in range(min(every, extent)):
            first = next(
                (k for k in range(min(skip, kernel)) if (begin * stride - pad + k * dilation) % factor == 0), None
            )
            if first is None:
                first, inner_pad = kernel, extent * stride + 1
            else:
                inner_pad = -((begin * stride - pad + first * dilation) // factor)
            output = -(-(extent - begin) // every)
            found.append(
                (
                    begin,
                    every,
                    first,
                    skip,
                    output,
                    stride * every // factor,
                    max(1, skip * dilation // factor),
                    inner_pad,
                )
            )
        axes.append(found)
    return [Phase(*zip(*combination, strict=True)) for combination in product(*axes)]
