"""Fourier transforms as products with tables, and the windows and mel filters that come with them."""

import math
from collections.abc import Sequence

import numpy as np

from embedc.frontends.onnx.circle import circle
from embedc.frontends.onnx.folding import MAX_COMPUTED
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.constants import wanted_element
from embedc.frontends.onnx.ops.linear import LETTERS
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.graph import Value
from embedc.ir.types import F32, Array
from embedc.ops.elementwise import constant_of
from embedc.ops.window import Contract

_WINDOWS: dict[str, tuple[float, ...]] = {  # of cos(0), cos(1 turn), cos(2 turns)
    "HannWindow": (0.5, -0.5),
    "HammingWindow": (25 / 46, -21 / 46),
    "BlackmanWindow": (0.42, -0.5, 0.08),
}


@onnx_op(*_WINDOWS)
def window(node: Node) -> Value:
    """A sum of cosines over one turn."""
    size = node.whole(0, "size")
    if not 0 <= size <= MAX_COMPUTED:
        raise node.fail(f"size is {size}", f"0…{MAX_COMPUTED} is supported")
    element = wanted_element(node, "output_datatype", F32)
    turn = size if node.flag("periodic", True) else size - 1
    positions = np.arange(size)
    total = sum(a * circle(k * positions, max(turn, 1))[0] for k, a in enumerate(_WINDOWS[node.op_type]))
    return node.array(np.asarray(total).astype(element.dtype))


def _table(node: Node, rows: int, length: int, used: int, complex_input: bool, inverse: bool) -> Array:
    """[n, real and imaginary part] by [k, real and imaginary part] of a transform of `length`: so many rows, `used` k."""
    parts = 2 if complex_input else 1
    if rows * parts * used * 2 > MAX_COMPUTED:
        raise node.fail(f"transforms {length} elements", f"its table would have more than {MAX_COMPUTED} numbers")
    cosine, sine = circle(np.multiply.outer(np.arange(rows), np.arange(used)), length)
    sine = sine if inverse else -sine
    table = np.empty((rows, parts, used, 2))
    table[:, 0, :, 0], table[:, 0, :, 1] = cosine, sine
    if complex_input:
        table[:, 1, :, 0], table[:, 1, :, 1] = -sine, cosine
    return table / length if inverse else table


def _real_table(node: Node, rows: int, length: int) -> Array:
    """[k, real and imaginary part] by [n, real part] of the inverse transform of a spectrum that is known by halves."""
    if rows * 2 * length > MAX_COMPUTED:
        raise node.fail(f"transforms {length} elements", f"its table would have more than {MAX_COMPUTED} numbers")
    cosine, sine = circle(np.multiply.outer(np.arange(rows), np.arange(length)), length)
    alone = (np.arange(rows) * 2 % length == 0)[:, None, None]
    table = np.stack([cosine, -sine], axis=1) * np.where(alone, 1.0, 2.0) / length
    return table[..., None]


def _transformed(node: Node, x: Value, axis: int, table: Array) -> Value:
    """`axis` and the last one, of parts, through a table [from, part, to, part]."""
    letters = LETTERS[: x.type.rank]
    n, part = letters[axis], letters[-1]
    equation = f"{letters},{n}{part}yz->{letters[:-1].replace(n, 'y')}z"
    return node.emit(Contract(x, node.numbers(table, x), equation, origin=node.origin))


@onnx_op("DFT")
def fourier_transform(node: Node) -> Value:
    """Along one axis; the last axis holds real and imaginary parts. One-sided: of real signals, half of the spectrum."""
    x = node.real_operand(0)
    default = 1 if node.opset < 20 else -2
    if node.opset < 20:
        axis = node.integer("axis", default)
    else:
        axis = default if node.optional(2) is None else node.whole(2, "axis")
    axis = node.axis(axis, x.type.rank)
    if x.type.rank < 2 or axis == x.type.rank - 1 or x.type.dims[-1] not in (1, 2):
        raise node.fail(f"input is {x.type}", "the last axis must be of extent 1 or 2, and is not transformed")
    inverse, onesided = node.flag("inverse"), node.flag("onesided")
    is_complex = x.type.dims[-1] == 2
    if onesided and is_complex != inverse:
        raise node.fail(f"is one-sided for {x.type}", "only transforms of real signals and their inverses can be")
    extent = x.type.dims[axis]
    length = 2 * (extent - 1) if onesided and inverse else extent
    length = length if node.optional(1) is None else node.whole(1, "dft_length")
    if length < 1:
        raise node.fail(f"dft_length is {length}", "it must be positive")
    needed = length // 2 + 1 if onesided and inverse else length
    rows = min(extent, needed)
    x = node.part(x, axis, 0, rows)
    if onesided and inverse:
        return _transformed(node, x, axis, _real_table(node, rows, length))
    used = length // 2 + 1 if onesided else length
    return _transformed(node, x, axis, _table(node, rows, length, used, is_complex, inverse))


@onnx_op("STFT")
def short_time_fourier_transform(node: Node) -> Value:
    """The transforms of overlapping frames, each multiplied by a window."""
    x, step, weights = node.real_operand(0), node.whole(1, "frame_step"), node.optional(2)
    if x.type.rank == 2:
        x = node.reshape(x, (*x.type.dims, 1))
    if x.type.rank != 3 or x.type.dims[-1] not in (1, 2):
        raise node.fail(f"signal is {x.type}", "it must be [batch, length, 1] or [batch, length, 2]")
    batch, extent, parts = x.type.dims
    if node.optional(3) is not None:
        length = node.whole(3, "frame_length")
    else:
        length = extent if weights is None else weights.type.size
    onesided = node.flag("onesided", True)
    if onesided and parts == 2:
        raise node.fail("is one-sided for a complex signal", "set onesided = 0")
    if not 1 <= length <= extent or step < 1:
        raise node.fail(f"frames of {length}, every {step}, of {extent} samples", "re-export the model")
    frames = 1 + (extent - length) // step
    x = node.index(x, (batch, frames, length, parts), (0, 1, 1, 2), (0, 0, 0), (1, step, 1, 1))
    table = _table(node, length, length, length // 2 + 1 if onesided else length, parts == 2, False)
    if weights is not None:
        if weights.type.dims != (length,):
            raise node.fail(f"window {weights.type} for frames of {length}", "one weight for each sample")
        known = constant_of(weights)
        if known is not None:
            table = table * known.astype(np.float64)[:, None, None, None]
        else:
            x = node.map(lambda x, w: x * w, x, node.reshape(weights, (length, 1)))
    return _transformed(node, x, 2, table)


@onnx_op("MelWeightMatrix")
def mel_weight_matrix(node: Node) -> Value:
    """Triangles over the bins of a spectrum, equally spaced in mel."""
    bins, length, rate = node.whole(0, "num_mel_bins"), node.whole(1, "dft_length"), node.whole(2, "sample_rate")
    edges = [node.scalar(3, "lower_edge_hertz"), node.scalar(4, "upper_edge_hertz")]
    element = wanted_element(node, "output_datatype", F32)
    rows = length // 2 + 1
    if bins < 1 or length < 1 or rate < 1 or rows * bins > MAX_COMPUTED or not -700 < edges[0] <= edges[1] < math.inf:
        raise node.fail(
            f"{bins} mel bins of {length} samples at {rate} Hz, {edges[0]}…{edges[1]} Hz", "check the inputs"
        )
    corners = _mel_corners(bins, length, rate, edges)
    if min(corners) < 0 or max(corners) >= rows:
        raise node.fail(f"{edges[0]}…{edges[1]} Hz is beyond the spectrum at {rate} Hz", "check the edges")
    table = np.zeros((rows, bins))
    for column, (low, middle, high) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        if low == middle:
            table[middle, column] = 1
        else:
            table[low : middle + 1, column] = np.arange(middle - low + 1) / (middle - low)
        if high > middle:
            table[middle:high, column] = np.arange(high - middle, 0, -1) / (high - middle)
    return node.array(table.astype(element.dtype))


def _mel_corners(bins: int, length: int, rate: int, edges: Sequence[float]) -> list[int]:
    """Bins of the spectrum where the triangles begin, culminate and end."""
    first, last = (2595 * math.log10(1 + edge / 700) for edge in edges)
    mels = [first + k * (last - first) / (bins + 2) for k in range(bins + 2)]
    return [math.floor((length + 1) * (700 * (10 ** (mel / 2595) - 1)) / rate) for mel in mels]
