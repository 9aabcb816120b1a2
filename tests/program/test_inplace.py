"""Overlap distances against a simulation of every byte that blocks read and write."""

import random
from itertools import product

import pytest

from embedc.ir.scalar import identity
from embedc.ir.types import F32
from embedc.kernels.registry import ROWS
from embedc.kernels.row import Family
from embedc.program.inplace import overlap_distances
from embedc.program.layout import Layout
from embedc.program.program import Buffer, Call, Geometry, Layer, Pixels, Storage, Strides, View

ROW = next(r for r in ROWS if r.family is Family.CONV)


def drawn(rng: random.Random) -> Call:
    """A small call with odd geometry; blocks of a few pixels."""
    size = (1, rng.randint(1, 6), rng.randint(1, 6))
    kernel = (1, rng.randint(1, 3), rng.randint(1, 3))
    stride, dilation = (1, rng.randint(1, 2), rng.randint(1, 2)), (1, rng.randint(1, 2), rng.randint(1, 2))
    pad = (0, rng.randint(-1, 2), rng.randint(-1, 2))
    output = (1, rng.randint(1, 6), rng.randint(1, 6))
    ic, oc = rng.randint(1, 3), rng.randint(1, 3)
    geometry = Geometry(1, 1, ic, oc, size, output, kernel, stride, dilation, pad)
    spans = rng.random() < 0.5
    taps = Buffer("taps", Storage.ARENA, 8)
    x, y = pixels(ic, size), pixels(oc, output, 0 if spans else rng.choice([0, 8]))
    return Call(
        Layer("c", "Conv"),
        ROW,
        geometry,
        x,
        0,
        None,
        0,
        None,
        (y,),
        (),
        identity(F32),
        taps,
        rng.randint(1, 7),
        (1, 7),
        spans,
    )


def pixels(channels: int, size: tuple[int, int, int], gap: int = 0) -> Pixels:
    """[1, C, H, W] channels last, with `gap` bytes behind each row."""
    strides = Layout((0, 2, 3, 1)).strides((1, channels, size[1], size[2]), F32)
    row = strides[2] + gap
    view = View(Buffer("b", Storage.ARENA, 0), F32, (1, channels, size[1], size[2]), (0, 4, row, strides[3]))
    return Pixels(view, Strides(0, (0, row, strides[3])))


def touched(call: Call, pixel: tuple[int, int]) -> tuple[set[int], set[int]]:
    """Bytes of the input and of the output that one output pixel reads and writes."""
    g = call.geometry
    read: set[int] = set()
    for ky, kx in product(range(g.kernel[1]), range(g.kernel[2])):
        y = pixel[0] * g.stride[1] - g.pad[1] + ky * g.dilation[1]
        x = pixel[1] * g.stride[2] - g.pad[2] + kx * g.dilation[2]
        if 0 <= y < g.input[1] and 0 <= x < g.input[2]:
            at = y * call.x.strides.step[1] + x * call.x.strides.step[2]
            read.update(range(at, at + 4 * g.ic))
    at = pixel[0] * call.pixels[0].strides.step[1] + pixel[1] * call.pixels[0].strides.step[2]
    return read, set(range(at, at + 4 * g.oc))


def safe(call: Call, above: int, backwards: bool) -> bool:
    """Whether no block writes a byte that it or a later one reads, the input lying `above` bytes over the output."""
    width, rows = call.geometry.output[2], call.geometry.output[1]
    runs = [[(r, c) for r in range(rows) for c in range(width)]]
    if not call.spans_rows:
        runs = [[(r, c) for c in range(width)] for r in range(rows)]
    blocks = [run[i : i + call.block] for run in runs for i in range(0, len(run), call.block)]
    unread: set[int] = set()
    for block in blocks if backwards else reversed(blocks):
        written: set[int] = set()
        for pixel in block:
            read, wrote = touched(call, pixel)
            unread |= {r + above for r in read}
            written |= wrote
        if written & unread:
            return False
    return True


@pytest.mark.parametrize("number", range(300))
def test_distances_keep_writes_behind_reads(number: int) -> None:
    call = drawn(random.Random(number))
    distances = overlap_distances(call)
    assert distances is not None
    for more in (0, 4, 40):
        assert safe(call, distances.forwards + more, backwards=False)
        assert safe(call, -distances.backwards - more, backwards=True)


def test_a_pointwise_call_needs_one_block() -> None:
    call = drawn(random.Random(1))
    line = (1, 1, 12)
    flat = Geometry(1, 1, 4, 4, line, line, (1, 1, 1), (1, 1, 1), (1, 1, 1), (0, 0, 0))
    x, y = pixels(4, line), pixels(4, line)
    args = (flat, x, 0, None, 0, None, (y,), (), identity(F32), call.taps, 3, (1, 3), True)
    distances = overlap_distances(Call(call.layer, ROW, *args))
    assert distances is not None
    assert (distances.forwards, distances.backwards) == (3 * 16, 3 * 16)
