"""conv, pooling and matrix products as kernel calls over a window geometry."""

from dataclasses import dataclass, replace
from itertools import product
from math import gcd, prod

import numpy as np
from embedc.diagnostics import fail
from embedc.ir.graph import Value
from embedc.ir.scalar import ScalarBuilder, ScalarProgram, identity
from embedc.ir.types import F32, Array
from embedc.kernels.row import Family, KernelRow, WindowShape
from embedc.kernels.select import select
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, constant_of
from embedc.ops.window import Contract, Conv, Window, WindowKind
from embedc.program.fuse import channel_axes, operand_class
from embedc.program.layout import channels_last
from embedc.program.lowering import Lowering
from embedc.program.pack import pack_conv, pack_depthwise
from embedc.program.placement import anchor_order
from embedc.program.program import Call, Geometry, Layer, Pixels, Strides, View
from embedc.program.views import merge_axes

TAP_BYTES = 4096  # scratch for tap addresses of one block: a few dozen pixels of a 3x3 window, and it stays in L1


@dataclass(frozen=True)
class Epilogue:
    """Operands of an absorbed map in the order that Call wants: pixel operands, channel operands, and the program over them."""

    pixels: tuple[Value, ...]
    channels: tuple[Value, ...]
    program: ScalarProgram


def epilogue_of(anchor: Op, absorbed: Map | None) -> Epilogue:
    """The epilogue of an anchor: its map with the accumulator as first input, or nothing but the store."""
    result = anchor.results[0]
    if absorbed is None:
        return Epilogue((), (), identity(result.type.element))
    axes = channel_axes(anchor)
    others = [v for v in absorbed.inputs if v is not result]
    pixels = tuple(v for v in others if operand_class(v, result, axes) == "pixel")
    channels = tuple(v for v in others if operand_class(v, result, axes) == "channel")
    order = [result, *pixels, *channels]
    builder = ScalarBuilder(*(v.type.element for v in order))
    root = builder.inline(absorbed.body, [order.index(v) for v in absorbed.inputs])
    return Epilogue(pixels, channels, builder.build(root))


def lower_anchor(lowering: Lowering, anchor: Op) -> None:
    """Adds the calls of a conv, pooling or matrix product with its epilogue."""
    absorbed = lowering.epilogues.get(anchor)
    result = (absorbed or anchor).results[0]
    output = lowering.allocate(result, anchor_order(anchor))
    if not _channels_contiguous(output, channel_axes(anchor)):
        raise AssertionError(f"{result.name}: kernels write contiguous channels")
    if isinstance(anchor, Conv):
        _lower_conv(lowering, anchor, absorbed, output)
    elif isinstance(anchor, Contract):
        _lower_product(lowering, anchor, absorbed, output)
    else:
        assert isinstance(anchor, Window)
        _lower_pooling(lowering, anchor, absorbed, output)


def _channels_contiguous(view: View, axes: tuple[int, ...]) -> bool:
    step = view.element.bits // 8
    for axis in reversed(axes):
        if view.shape[axis] > 1:
            if view.strides[axis] != step:
                return False
            step *= view.shape[axis]
    return True


def _readable(lowering: Lowering, value: Value, axes: tuple[int, ...], order: tuple[int, ...]) -> View:
    """The view of `value`, or a relaid copy if its channels are not contiguous."""
    view = lowering.view(value)
    return view if _channels_contiguous(view, axes) else lowering.relayout(value, order)


def _spatial(values: tuple[int, ...], fill: int) -> tuple[int, int, int]:
    """The last one to three spatial values as (depth, height, width)."""
    filled = (fill,) * (3 - len(values)) + values
    return filled[0], filled[1], filled[2]


def _pixels(view: View) -> Pixels:
    """A tensor [N, C, *spatial] as pixels of contiguous channels."""
    return Pixels(view, Strides(view.strides[0], _spatial(view.strides[2:], 0)))


def _call(
    lowering: Lowering,
    layer: Layer,
    row: KernelRow,
    geometry: Geometry,
    x: Pixels,
    outputs: tuple[Pixels, ...],
    epilogue: Epilogue,
    weights: Array | None,
    x_group: int = 0,
) -> None:
    """Adds one Call: packs weights, sizes the tap block, finds padding rows and channel constants."""
    geometry, x, outputs = flatten(geometry, x, outputs)
    target = lowering.policy.target
    spans = all(_linear(p.strides, geometry.output) for p in outputs)
    pixels = geometry.pixels if spans else geometry.output[2]
    fitting = TAP_BYTES // (geometry.taps * target.pointer_bytes)
    block = min(pixels, max(row.mr, fitting // row.mr * row.mr))
    packed = None
    if weights is not None:
        if row.family is Family.CONV:
            packed = np.concatenate([pack_conv(row, w) for w in np.split(weights, geometry.groups)])
        else:
            packed = pack_depthwise(weights[:, :, 0])
        lowering.parameters += weights.size
    needs_pad = reads_padding(geometry)
    identity_row = -np.inf if row.family is Family.POOL_MAX else 0.0
    width = geometry.ic if row.family is Family.CONV else geometry.oc
    pad_row = (
        lowering.constant_buffer(np.full(width, identity_row, np.float32), f"padding of {layer.name}")
        if needs_pad
        else None
    )
    lowering.steps.append(
        Call(
            layer,
            row,
            geometry,
            x,
            x_group,
            None if packed is None else lowering.constant_buffer(packed, f"weights of {layer.name}"),
            0 if packed is None else packed.nbytes // geometry.groups,
            pad_row,
            outputs,
            tuple(_channel_constant(lowering, v) for v in epilogue.channels),
            epilogue.program,
            lowering.arena(f"taps of {layer.name}", block * geometry.taps * target.pointer_bytes),
            block,
            spans,
        )
    )


def _channel_constant(lowering: Lowering, value: Value) -> View:
    """A channel operand as contiguous memory."""
    data = constant_of(value)
    if data is not None:
        lowering.parameters += data.size
        return lowering.constant(np.ascontiguousarray(data).reshape(-1), value.name)
    view = lowering.view(value)
    steps = [s for s, n in zip(view.strides, view.shape, strict=True) if n > 1]
    return (
        view
        if not steps or steps == [view.element.bits // 8]
        else lowering.relayout(value, tuple(range(value.type.rank)))
    )


def reads_padding(geometry: Geometry) -> bool:
    """True if some tap of some pixel lies outside the input."""
    return any(
        p > 0 or (n - 1) * s - p + (k - 1) * d >= size
        for p, n, s, k, d, size in zip(
            geometry.pad,
            geometry.output,
            geometry.stride,
            geometry.kernel,
            geometry.dilation,
            geometry.input,
            strict=True,
        )
    )


def _linear(strides: Strides, output: tuple[int, int, int]) -> bool:
    """True if pixels of an image follow each other at one distance."""
    depth, height, width = strides.step
    rows = (output[1] == 1 and output[0] == 1) or height == output[2] * width or output[1] == 1
    return rows and (output[0] == 1 or depth == output[1] * output[2] * width)


def flatten(geometry: Geometry, x: Pixels, outputs: tuple[Pixels, ...]) -> tuple[Geometry, Pixels, tuple[Pixels, ...]]:
    """A window of one tap over linear pixels as one long row of pixels."""
    plain = (
        geometry.taps == 1
        and geometry.stride == (1, 1, 1)
        and geometry.pad == (0, 0, 0)
        and geometry.input == geometry.output
    )
    if not plain or geometry.groups != 1:
        return geometry, x, outputs
    operands = (x, *outputs)
    if not all(_linear(p.strides, geometry.output) for p in operands):
        return geometry, x, outputs
    steps = [_pixel_step(p.strides, geometry.output) for p in operands]
    if geometry.images > 1 and not all(
        p.strides.image == s * geometry.pixels for p, s in zip(operands, steps, strict=True)
    ):
        return geometry, x, outputs
    line = (1, 1, geometry.images * geometry.pixels)
    flat = [replace(p, strides=Strides(0, (0, 0, s))) for p, s in zip(operands, steps, strict=True)]
    return replace(geometry, images=1, input=line, output=line), flat[0], tuple(flat[1:])


def _pixel_step(strides: Strides, output: tuple[int, int, int]) -> int:
    """The distance of neighbouring pixels of a linear operand."""
    for n, step, inner in zip(
        reversed(output), reversed(strides.step), (1, output[2], output[2] * output[1]), strict=True
    ):
        if n > 1:
            return step // inner
    return strides.image


def _choose(lowering: Lowering, family: Family, shape: WindowShape, layer: Layer) -> KernelRow:
    """The selected kernel row; records the candidates for --explain."""
    choice = select(family, F32, shape, lowering.policy.target)
    if choice is None:
        raise fail(f"target {lowering.policy.target.name} has no {family} kernel for {shape}", layer.origin)
    lowering.explain[layer.name] = choice.explained
    return choice.row


def _lower_conv(lowering: Lowering, conv: Conv, absorbed: Map | None, output: View) -> None:
    depthwise = conv.groups == conv.x.type.dims[1] == conv.w.type.dims[0]
    epilogue = epilogue_of(conv, absorbed)
    x_view = _readable(lowering, conv.x, (1,), channels_last(conv.x.type.rank).order)
    residuals = tuple(_readable(lowering, v, (1,), channels_last(v.type.rank).order) for v in epilogue.pixels)
    layer = lowering.layer(conv, absorbed, conv.macs)
    weights = constant_of(conv.w)
    assert weights is not None
    images, channels, *size = conv.x.type.dims
    taps = prod(weights.shape[2:])
    shape = WindowShape(
        prod(output.shape[2:]) * images, taps, channels // conv.groups, output.shape[1] // conv.groups, conv.groups
    )
    row = _choose(lowering, Family.DEPTHWISE if depthwise else Family.CONV, shape, layer)
    for phase in phases(conv):
        part = phase.weights(weights)
        geometry = Geometry(
            images,
            1 if depthwise else conv.groups,
            channels if depthwise else channels // conv.groups,
            output.shape[1] if depthwise else output.shape[1] // conv.groups,
            _spatial(tuple(size), 1),
            _spatial(phase.output, 1),
            _spatial(part.shape[2:], 1),
            _spatial(phase.stride, 1),
            _spatial(phase.dilation, 1),
            _spatial(phase.pad, 0),
        )
        flat = np.ascontiguousarray(part.reshape(part.shape[0], part.shape[1], -1).transpose(0, 2, 1))
        outputs = tuple(_pixels(phase.view(v)) for v in (output, *residuals))
        x = _pixels(x_view)
        x_group = geometry.ic * x_view.element.bits // 8
        if not depthwise:
            geometry, flat = merge_columns(geometry, x, flat)
        else:
            flat = flat.reshape(flat.shape[0], -1, 1)
        _call(lowering, layer, row, geometry, x, outputs, epilogue, flat, x_group)


def merge_columns(geometry: Geometry, x: Pixels, weights: Array) -> tuple[Geometry, Array]:
    """Taps of one kernel row that lie next to each other in memory, without padding, as one tap of kw * ic channels."""
    width, ic = geometry.kernel[2], geometry.ic
    reach = (geometry.output[2] - 1) * geometry.stride[2] + (width - 1) * geometry.dilation[2]
    inside = geometry.pad[2] == 0 and reach < geometry.input[2] and geometry.dilation[2] == 1
    if width == 1 or not inside or geometry.groups != 1 or x.strides.step[2] != ic * x.view.element.bits // 8:
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


def _lower_product(lowering: Lowering, op: Contract, absorbed: Map | None, output: View) -> None:
    x_letters, y_letters, result = op.terms
    inner = [c for c in x_letters if c not in result]
    rows = [c for c in result if c in x_letters]
    columns = [c for c in result if c not in x_letters]
    row_first = tuple(x_letters.index(c) for c in (*rows, *inner))
    x_view = lowering.view(op.x)
    if not _channels_contiguous(x_view, tuple(x_letters.index(c) for c in inner)):
        order = _contiguous_order(x_view, x_letters, inner)
        if order is None:
            x_view = lowering.relayout(op.x, row_first)
        else:
            inner = order
    weights = constant_of(op.y)
    assert weights is not None
    epilogue = epilogue_of(op, absorbed)
    residuals = tuple(_rows_readable(lowering, v, output) for v in epilogue.pixels)
    depth = prod(x_view.shape[x_letters.index(c)] for c in inner)
    width = prod(output.shape[result.index(c)] for c in columns)
    matrix = weights.transpose([y_letters.index(c) for c in (*columns, *inner)]).reshape(width, 1, depth)
    layer = lowering.layer(op, absorbed, op.macs)
    strides, extents = _row_geometry(op, x_view, output, residuals, rows)
    if strides is None:
        x_view = lowering.relayout(op.x, row_first)
        strides, extents = _row_geometry(op, x_view, output, residuals, rows)
        assert strides is not None
    count = prod(extents)
    row = _choose(lowering, Family.CONV, WindowShape(count, 1, depth, width), layer)
    images, *spatial = extents
    size = _spatial(tuple(spatial), 1)
    geometry = Geometry(images, 1, depth, width, size, size, (1, 1, 1), (1, 1, 1), (1, 1, 1), (0, 0, 0))
    operands = [
        Pixels(v, Strides(s[0], _spatial(s[1:], 0))) for v, s in zip((x_view, output, *residuals), strides, strict=True)
    ]
    _call(lowering, layer, row, geometry, operands[0], tuple(operands[1:]), epilogue, matrix)


def _contiguous_order(view: View, letters: str, inner: list[str]) -> list[str] | None:
    """The inner letters from slowest to fastest if they form one contiguous run in that order."""
    order = sorted(inner, key=lambda c: -view.strides[letters.index(c)])
    axes = tuple(letters.index(c) for c in order)
    return order if _channels_contiguous(view, axes) else None


def _rows_readable(lowering: Lowering, value: Value, output: View) -> View:
    """A residual operand in the layout of the output's axes."""
    view = lowering.view(value)
    order = tuple(sorted(range(len(output.shape)), key=lambda a: -output.strides[a]))
    step = view.element.bits // 8
    fast = [a for a in order if output.shape[a] > 1][-1:]
    return view if all(view.strides[a] == step for a in fast) else lowering.relayout(value, order)


def _row_geometry(
    op: Contract, x: View, output: View, residuals: tuple[View, ...], rows: list[str]
) -> tuple[list[tuple[int, ...]] | None, tuple[int, ...]]:
    """Strides of x, output and residuals over up to four merged row axes; None if there are more."""
    x_letters, _, result = op.terms
    extents = tuple(output.shape[result.index(c)] for c in rows)
    table = [tuple(x.strides[x_letters.index(c)] for c in rows)]
    table += [tuple(v.strides[result.index(c)] for c in rows) for v in (output, *residuals)]
    groups = merge_axes(extents, tuple(table))
    if len(groups) > 4:
        return None, ()
    merged = tuple(prod(extents[a] for a in g) for g in groups)
    fill = 4 - len(groups)
    return [(0,) * fill + tuple(s[g[-1]] for g in groups) for s in table], (1,) * fill + merged


def _lower_pooling(lowering: Lowering, op: Window, absorbed: Map | None, output: View) -> None:
    order = channels_last(op.x.type.rank).order
    epilogue = epilogue_of(op, absorbed)
    x_view = _readable(lowering, op.x, (1,), order)
    residuals = tuple(_readable(lowering, v, (1,), order) for v in epilogue.pixels)
    images, channels, *size = op.x.type.dims
    layer = lowering.layer(op, absorbed, 0)
    family = Family.POOL_MAX if op.kind is WindowKind.MAX else Family.POOL_AVERAGE
    row = _choose(
        lowering, family, WindowShape(prod(output.shape[2:]) * images, prod(op.kernel), channels, channels), layer
    )
    geometry = Geometry(
        images,
        1,
        channels,
        channels,
        _spatial(tuple(size), 1),
        _spatial(output.shape[2:], 1),
        _spatial(op.kernel[2:], 1),
        _spatial(op.strides[2:], 1),
        _spatial(op.dilations[2:], 1),
        _spatial(tuple(p for p, _ in op.pads[2:]), 0),
        op.count_pad,
    )
    _call(
        lowering, layer, row, geometry, _pixels(x_view), tuple(_pixels(v) for v in (output, *residuals)), epilogue, None
    )
