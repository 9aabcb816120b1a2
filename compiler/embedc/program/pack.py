"""Orders weights as a kernel reads them (kernels/README.md); in front of integer ones come the numbers at which sums start."""

from dataclasses import dataclass

import numpy as np

from embedc.ir.types import I8, Array, Element
from embedc.kernels.row import Family, KernelRow, Packing
from embedc.program.program import Unpack

LEAST_NIBBLES = 256  # weights; fewer are not worth the unpacking
UNPACKED_CHANNELS = 16
UNPACKED_VECTOR = 64  # where only the run time knows the width of a vector


@dataclass(frozen=True)
class Operands:
    """What a kernel multiplies: its row, constant weights ([oc, taps, ic], None for poolings) and the zero point of its input.

    `x_group` is how many bytes lie between the inputs of groups.
    """

    row: KernelRow
    weights: Array | None = None
    x_zero: int = 0
    x_group: int = 0


def pack_float(row: KernelRow, weights: Array, groups: int, unpack: Unpack | None = None) -> Array:
    """Weights of all groups [oc, taps, ic]; with `unpack` they take 4 bits each (runtime/c/ec_unpack.h)."""
    if row.family is Family.DEPTHWISE:
        packed = pack_depthwise(row, weights[:, :, 0])
        return _nibbles(packed.reshape(-1).view(np.uint8), 0) if unpack else packed
    parts = np.split(weights, groups)
    if unpack:
        return np.concatenate([pack_nibbles(row, w, None, unpack.channels) for w in parts])
    return np.concatenate([pack_conv(row, w) for w in parts])


def pack_integer(operands: Operands, bias: Array, groups: int, gather: int, unpack: Unpack | None = None) -> Array:
    """Weights of all groups behind the numbers at which sums start; windows of `gather` channels have one tap.

    With `unpack` they take 4 bits each (runtime/c/ec_unpack.h).
    """
    row, weights = operands.row, operands.weights
    assert weights is not None
    offset = operands.x_zero + row.x_bias
    start = _wrapped(bias - offset * weights.sum((1, 2), dtype=np.int64))
    if row.family is Family.DEPTHWISE:
        packed = pack_depthwise(row, weights[:, :, 0], start)
        return _nibbles(packed, start.nbytes) if unpack else packed
    if gather:
        flat = weights.reshape(len(weights), 1, -1)
        weights = np.concatenate([flat, np.zeros((len(flat), 1, gather - flat.shape[2]), flat.dtype)], 2)
    parts = zip(np.split(weights, groups), np.split(start, groups), strict=True)
    if unpack:
        return np.concatenate([pack_nibbles(row, w, s, unpack.channels) for w, s in parts])
    return np.concatenate([pack_conv(row, w, s) for w, s in parts])


def are_nibbles(weights: Array) -> bool:
    """True for integer weights that 4 bits hold, enough of them to be packed."""
    whole = np.issubdtype(weights.dtype, np.integer)
    return bool(whole and weights.size >= LEAST_NIBBLES and weights.min() >= -8 and weights.max() <= 7)


def is_unpacked(row: KernelRow, weights: Array) -> bool:
    """True for weights that 4 bits hold, of a kernel that takes them as bytes and leaves them where they are."""
    plain = row.family in (Family.CONV, Family.DEPTHWISE) and not row.widens
    return plain and row.w == I8 and are_nibbles(weights)


def unpacking(row: KernelRow, channels: int, inputs: int) -> Unpack:
    """How the weights of a group are unpacked, each panel with the numbers at which sums start: a few panels at a time.

    Those of depthwise convolutions, `inputs` taps for each channel, are unpacked at once.
    """
    if row.family is Family.DEPTHWISE:
        return Unpack(channels, -(-channels * (4 + -(-inputs // row.kr) * row.kr) // 64) * 64)
    most = max(row.nr, UNPACKED_CHANNELS // row.nr * row.nr) if row.nr else UNPACKED_VECTOR
    used = min(most, -(-channels // row.nr) * row.nr if row.nr else channels)
    return Unpack(used, -(-used * (4 + inputs) // 64) * 64)


def pack_nibbles(row: KernelRow, weights: Array, start: Array | None, channels: int) -> Array:
    """[oc, taps, ic] of one group as `pack_conv` orders them, some channels after the others, two weights in a byte."""
    parts: list[Array] = []
    for c in range(0, len(weights), channels):
        part = weights[c : c + channels]
        starts = None if start is None else start[c : c + channels]
        head = 0 if starts is None else 4 * (row.nr or len(part))
        panels = pack_conv(row, part, starts).reshape(-(-len(part) // row.nr) if row.nr else 1, -1)
        for panel in panels.view(np.uint8):
            parts.append(_nibbles(panel, head))
    return np.concatenate(parts)


def _nibbles(panel: Array, head: int) -> Array:
    """The bytes of a panel behind its first ones, two in a byte (runtime/c/ec_unpack.h)."""
    bytes_ = panel[head:]
    groups = np.pad(bytes_, (0, -bytes_.size % 16)).reshape(-1, 2, 8) & 15
    return np.concatenate([panel[:head], (groups[:, 0] | groups[:, 1] << 4).reshape(-1)])


def least_weight(weights: Array) -> int | None:
    """The least of integer weights."""
    return int(weights.min()) if np.issubdtype(weights.dtype, np.integer) and weights.size else None


def most_sum(weights: Array, element: Element) -> int | None:
    """What the sums of products of integer weights [oc, ic, …] with any inputs are within."""
    if not element.is_integer:
        return None
    limits, axes = np.iinfo(element.dtype), tuple(range(1, weights.ndim))
    above, below = (np.maximum(sign * weights.astype(np.int64), 0).sum(axes) for sign in (1, -1))
    ends = (above * int(limits.max) - below * int(limits.min), below * int(limits.max) - above * int(limits.min))
    return int(np.maximum(*ends).max(initial=0))


def sum_bounds(operands: Operands, bias: Array) -> tuple[int, int]:
    """Between which numbers the sums of a layer lie, whatever bytes come in; all of i32 if they might wrap around."""
    assert operands.weights is not None
    limits, whole = np.iinfo(operands.row.x.dtype), np.iinfo(np.int32)
    weights = operands.weights.astype(np.int64)
    ends = [weights * (int(end) - operands.x_zero) for end in (limits.min, limits.max)]
    low = int((np.minimum(*ends).sum((1, 2)) + bias).min())
    high = int((np.maximum(*ends).sum((1, 2)) + bias).max())
    return (low, high) if low >= whole.min and high <= whole.max else (int(whole.min), int(whole.max))


def _wrapped(numbers: Array) -> Array:
    return numbers.astype(np.uint64).astype(np.uint32).view(np.int32)


def pack_conv(row: KernelRow, weights: Array, start: Array | None = None) -> Array:
    """[oc, taps, ic] of one group in the row's packing; ic is a multiple of kr, `start` an i32 for each output channel."""
    oc, taps, ic = weights.shape
    if row.packing is Packing.ROWS:
        return _behind(start, np.ascontiguousarray(weights.transpose(1, 2, 0)))
    if row.packing is Packing.NIBBLES:
        return _in_halves(row, weights, start)
    panels = -(-oc // row.nr)
    padded = np.zeros((panels * row.nr, taps, ic), weights.dtype)
    padded[:oc] = weights
    order = (0, 3, 2, 1, 4) if row.packing is Packing.TILES else (0, 2, 3, 1, 4)
    ordered = padded.reshape(panels, row.nr, taps, ic // row.kr, row.kr).transpose(order)
    if start is None:
        return np.ascontiguousarray(ordered)
    starts = np.zeros(panels * row.nr, start.dtype)
    starts[:oc] = start
    return np.stack([_behind(s, p) for s, p in zip(starts.reshape(panels, -1), ordered, strict=True)])


def _in_halves(row: KernelRow, weights: Array, start: Array | None) -> Array:
    """Panels of bytes for channels c and c + nr/2: 8 more than the weight of the first, 16 times that of the second.

    8 times what kernels add to all inputs, which the first channels' sums have too much, is taken from their starts.
    """
    oc, taps, ic = weights.shape
    panels, half = -(-oc // row.nr), row.nr // 2
    padded = np.zeros((panels * row.nr, taps, ic), np.uint8)
    padded[:oc] = weights.astype(np.int8).view(np.uint8)
    low, high = padded.reshape(panels, 2, half, taps, ic // row.kr, row.kr).transpose(1, 0, 3, 4, 2, 5)
    packed = high << 4 | (low + 8 & 15)
    if start is None:
        return np.ascontiguousarray(packed)
    starts = np.zeros((panels, row.nr), np.int64)
    starts.reshape(-1)[:oc] = start
    starts[:, :half] -= 8 * row.x_bias * taps * ic
    return np.stack([_behind(_wrapped(s), p) for s, p in zip(starts, packed, strict=True)])


def pack_depthwise(row: KernelRow, weights: Array, start: Array | None = None) -> Array:
    """[c, taps] in steps of kr taps, the last one filled up with zeros."""
    channels, taps = weights.shape
    padded = np.pad(weights, ((0, 0), (0, -taps % row.kr)))
    return _behind(start, np.ascontiguousarray(padded.reshape(channels, -1, row.kr).transpose(1, 0, 2)))


def _behind(start: Array | None, weights: Array) -> Array:
    """The bytes of `start` and of the weights behind it; just the weights if there is none."""
    if start is None:
        return weights
    parts = (start.astype("<i4"), weights.astype(weights.dtype.newbyteorder("<")))
    return np.concatenate([np.ascontiguousarray(part).reshape(-1).view(np.uint8) for part in parts])
