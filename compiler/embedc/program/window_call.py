"""One kernel call over a window geometry: operands, tap block, packed weights, padding rows; what every lower_* of an anchor uses."""

from dataclasses import dataclass, replace
from math import lcm

import numpy as np

from embedc.diagnostics import fail
from embedc.ir.graph import Value
from embedc.ir.scalar import ScalarBuilder, ScalarProgram, identity
from embedc.ir.types import I4, Array
from embedc.kernels.row import Family, KernelRow, WindowShape, address_steps
from embedc.kernels.select import product_cycles, select
from embedc.kernels.tiles import TileGrid
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, constant_of
from embedc.program.fuse import channel_axes, family_of, kernel_types, operand_class
from embedc.program.lowering import Lowering
from embedc.program.pack import Operands, is_unpacked, pack_float, pack_integer, sum_bounds, unpacking
from embedc.program.program import Call, Geometry, Layer, Pixels, Strides, Unpack, View

TAP_BYTES = 4096  # scratch for tap addresses of one block: a few dozen pixels of a 3x3 window, and it stays in L1
BLOCK_TILES = 8  # tiles that share one pass over the weights; more gain little and keep input and output farther apart
JOINED_TILES = 48  # the same where rows share the addresses of what they read
NIBBLE_PIXELS = 3  # more are computed sooner by kernels that share weights of bytes among pixels
UNPACK_CYCLES = 1.0  # of a weight of 4 bits
UNPACK_SHARE = 3  # computing takes at least so many times as long as unpacking, where flash does not count more
SMALL_BLOCK_TILES = 2  # when size counts more than speed


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


def without_bias(epilogue: Epilogue, channels: int) -> tuple[Array, Epilogue]:
    """What is added first of all to an integer sum, for each channel, and the epilogue without that; zeros if it is not constant."""
    program, bias = epilogue.program, np.zeros(channels, np.int64)
    uses = [a for n in program.nodes for a in n.args] + [program.result]
    first = len(epilogue.pixels) + 1
    for place, node in enumerate(program.nodes):
        if node.op != "add" or 0 not in node.args or uses.count(0) != 1:
            continue
        other = node.args[1 - node.args.index(0)]
        if other >= len(program.inputs):
            value = program.nodes[other - len(program.inputs)].value
        else:
            value = constant_of(epilogue.channels[other - first]) if other >= first else None
        if value is None:
            break
        bias += np.asarray(value).reshape(-1)
        kept = [k for k in range(len(program.inputs)) if k != other or uses.count(k) > 1]
        builder = ScalarBuilder(*(program.inputs[k] for k in kept))
        skipped = place + len(program.inputs)
        shorter = builder.inline_without(program, {k: i for i, k in enumerate(kept)}, {skipped: 0})
        left = tuple(v for k, v in enumerate(epilogue.channels, first) if k in kept)
        return bias, Epilogue(epilogue.pixels, left, builder.build(shorter))
    return bias, epilogue


def channels_contiguous(view: View, axes: tuple[int, ...]) -> bool:
    """True if the given axes, slowest first, form one contiguous run."""
    step = view.element.bytes
    for axis in reversed(axes):
        if view.shape[axis] > 1:
            if view.strides[axis] != step:
                return False
            step *= view.shape[axis]
    return True


def readable(lowering: Lowering, value: Value, axes: tuple[int, ...], order: tuple[int, ...]) -> View:
    """The view of `value`, or a relaid copy if its channels are not contiguous."""
    view = lowering.view(value)
    return view if channels_contiguous(view, axes) else lowering.relayout(value, order)


def spatial(values: tuple[int, ...], fill: int) -> tuple[int, int, int]:
    """The last one to three spatial values as (depth, height, width)."""
    filled = (fill,) * (3 - len(values)) + values
    return filled[0], filled[1], filled[2]


def as_pixels(view: View) -> Pixels:
    """A tensor [N, C, *spatial] as pixels of contiguous channels."""
    return Pixels(view, Strides(view.strides[0], spatial(view.strides[2:], 0)))


def choose(lowering: Lowering, op: Op, shape: WindowShape, layer: Layer) -> KernelRow:
    """The selected kernel row for an anchor; records the candidates for --explain."""
    family, target = family_of(op), lowering.policy.target
    assert family is not None
    favoured = lowering.kernels if lowering.policy.optimize == "size" else ()
    x, w = kernel_types(op)
    few = shape.nibbles and shape.pixels <= NIBBLE_PIXELS
    choice = (select(family, (x, I4), shape, target) if few else None) or select(
        family, (x, w), shape, target, favoured
    )
    if choice is None:
        raise fail(f"target {target.name} has no {family} kernel for {shape}", layer.origin)
    lowering.explain[layer.name] = choice.explained
    lowering.kernels.add(choice.row)
    return choice.row


def add_call(
    lowering: Lowering,
    layer: Layer,
    operands: Operands,
    geometry: Geometry,
    x: Pixels,
    outputs: tuple[Pixels, ...],
    epilogue: Epilogue,
) -> None:
    """Adds one Call: packs weights, sizes the tap block, finds padding rows and channel constants."""
    geometry, x, outputs = flatten(geometry, x, outputs)
    row = operands.row
    blocks = _blocks(lowering, row, geometry, x, outputs)
    small = lowering.policy.optimize == "size" or lowering.policy.target.bare
    depthwise = row.family is Family.DEPTHWISE
    shared = geometry.pixels * geometry.images if depthwise else blocks.pixels
    unpacks = small or shared * product_cycles(row) >= UNPACK_SHARE * UNPACK_CYCLES
    if unpacks and operands.weights is not None and is_unpacked(row, operands.weights):
        inputs = blocks.gather or geometry.taps * (1 if depthwise else geometry.ic)
        unpack = unpacking(row, geometry.oc, inputs)
        blocks = replace(blocks, unpack=unpack, scratch=blocks.scratch + unpack.bytes)
    sums = None
    packed = None
    if operands.weights is not None:
        lowering.parameters += operands.weights.size
        if row.acc.is_integer:
            bias, epilogue = without_bias(epilogue, len(operands.weights))
            lowering.parameters += bias.size if bias.any() else 0
            sums = sum_bounds(operands, bias)
            packed = pack_integer(operands, bias, geometry.groups, blocks.gather, blocks.unpack)
        else:
            packed = pack_float(row, operands.weights, geometry.groups, blocks.unpack)
    pad_row = (
        lowering.constant_buffer(_padding(operands, geometry, blocks), f"padding of {layer.name}")
        if reads_padding(geometry) or row.family is Family.WINOGRAD
        else None
    )
    lowering.steps.append(
        Call(
            layer,
            row,
            geometry,
            x,
            operands.x_group,
            None if packed is None else lowering.constant_buffer(packed, f"weights of {layer.name}"),
            0 if packed is None else packed.nbytes // geometry.groups,
            pad_row,
            outputs,
            tuple(_channel_constant(lowering, v) for v in epilogue.channels),
            epilogue.program,
            lowering.arena(f"taps of {layer.name}", blocks.scratch),
            blocks.pixels,
            blocks.steps,
            blocks.span_rows,
            gather=blocks.gather,
            joined=blocks.joined,
            sums=sums,
            unpack=blocks.unpack,
        )
    )


def _padding(operands: Operands, geometry: Geometry, blocks: "Blocks") -> Array:
    """The channels that a tap outside of the input reads, or a row of the kernel where it is copied or joined as such."""
    row = operands.row
    across = geometry.kernel[2] if blocks.gather or blocks.joined else 1
    width = geometry.ic * across if row.family in (Family.CONV, Family.WINOGRAD) else geometry.oc
    value = operands.x_zero
    if row.family is Family.POOL_MAX:
        value = -np.inf if row.x.is_float else int(np.iinfo(row.x.dtype).min)
    return np.full(width, value, row.x.dtype)


@dataclass(frozen=True)
class Blocks:
    """How a call is divided: output pixels of a block, whether it spans rows, bytes of a gathered window and of its scratch.

    Addresses lie `steps` apart, those of pixels and of taps. Kernels may see `joined` windows, whose rows are taps
    (ec_gather.h).
    """

    pixels: int
    steps: tuple[int, int]
    span_rows: bool
    gather: int
    scratch: int
    joined: bool = False
    unpack: Unpack | None = None


def _blocks(lowering: Lowering, row: KernelRow, geometry: Geometry, x: Pixels, outputs: tuple[Pixels, ...]) -> Blocks:
    pointer = lowering.policy.target.pointer_bytes
    if row.family is Family.WINOGRAD:
        grid = TileGrid(geometry.images, *geometry.output[1:])
        return Blocks(grid.block, (0, 0), True, 0, grid.scratch(geometry.ic, row.nr, pointer))
    spans = all(_linear(p.strides, geometry.output) for p in outputs)
    pixels = geometry.pixels if spans else geometry.output[2]
    tiles = SMALL_BLOCK_TILES if lowering.policy.optimize == "size" else BLOCK_TILES
    gather = row.gather(geometry.taps, geometry.ic) if row.family is Family.CONV else 0
    near = geometry.dilation[2] == 1 and x.strides.step[2] == geometry.ic * x.view.element.bytes
    joins = row.family is Family.CONV and row.acc.is_integer and geometry.kernel[2] > 1 and near
    if joins and lowering.policy.optimize == "speed" and not (gather or row.widens):
        blocks = _joined(row, geometry, pixels, spans, pointer)
        if blocks.scratch <= TAP_BYTES:
            return blocks
    pixel_bytes = pointer + gather if gather else geometry.taps * pointer
    by_rows = row.family is not Family.CONV or (gather > 0 and not lowering.policy.target.bare)
    block = _block(
        row, pixel_bytes, pixels, 2 * tiles if gather and by_rows else tiles, geometry.output[2] if by_rows else 1
    )
    inputs = gather or geometry.taps * geometry.ic
    if row.widens:
        block = min(pixels, row.widened_pixels(inputs), TAP_BYTES // pixel_bytes)
    return Blocks(
        block,
        address_steps(row.family, geometry.taps, block),
        spans,
        gather,
        block * pixel_bytes + row.widened(inputs, block),
    )


def _joined(row: KernelRow, geometry: Geometry, pixels: int, spans: bool, pointer: int) -> Blocks:
    """Blocks of joined windows of bytes: if possible of whole rows, which share the addresses of what they read.

    Copies of the pixels that reach into the padding lie behind the addresses.
    """
    width, stride, pad = geometry.output[2], geometry.stride[2], geometry.pad[2]
    starts = [i * stride - pad for i in range(width)]
    borders = sum(ix < 0 or ix + geometry.kernel[2] > geometry.input[2] for ix in starts)
    copies = borders * geometry.kernel[2] * geometry.ic
    below = (geometry.kernel[1] - 1) * geometry.dilation[1]
    if spans and geometry.kernel[0] == 1 and geometry.stride[1] == 1 and below > 0:
        row_bytes = width * pointer + copies
        rows = min(TAP_BYTES // row_bytes - below, JOINED_TILES * row.mr // width, pixels // width)
        if rows > geometry.dilation[1]:
            steps = (1, geometry.dilation[1] * width)
            return Blocks(rows * width, steps, True, 0, (rows + below) * row_bytes, joined=True)
    taps = geometry.taps // geometry.kernel[2]
    block = _block(row, taps * pointer, pixels, BLOCK_TILES, 1)
    touched = (block + width - 2) // width + 1
    return Blocks(block, (1, block), spans, 0, taps * (block * pointer + touched * copies), joined=True)


def _block(row: KernelRow, pixel_bytes: int, pixels: int, tiles: int, width: int) -> int:
    """Pixels of a tap block: whole tiles, as many as share the weights well and fit the tap scratch.

    They are whole rows of `width` pixels too where that is possible: addresses are worked out by rows.
    """
    fitting = min(TAP_BYTES // pixel_bytes, max(tiles * row.mr, tiles * 4))
    unit = lcm(row.mr, width) if lcm(row.mr, width) <= fitting else row.mr
    return min(pixels, max(row.mr, fitting // unit * unit))


def _channel_constant(lowering: Lowering, value: Value) -> View:
    """A channel operand as contiguous memory."""
    data = constant_of(value)
    if data is not None:
        lowering.parameters += data.size
        return lowering.constant(np.ascontiguousarray(data).reshape(-1), value.name)
    view = lowering.view(value)
    steps = [s for s, n in zip(view.strides, view.shape, strict=True) if n > 1]
    return (
        view if not steps or steps == [view.element.bytes] else lowering.relayout(value, tuple(range(value.type.rank)))
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
