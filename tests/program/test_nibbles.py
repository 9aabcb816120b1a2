"""Weights that 4 bits hold take half a byte each, and are what the kernels would have got."""

import numpy as np
import pytest

from embedc.ir.types import I8, U8, Array
from embedc.kernels.registry import ROWS
from embedc.kernels.row import Family, KernelRow
from embedc.program.pack import is_nibbles, pack_conv, pack_nibbles, unpacking

CONVOLUTIONS = [r for r in ROWS if r.family is Family.CONV and (r.x, r.w) == (U8, I8) and not r.widens]


def unpacked(row: KernelRow, packed: Array, channels: int, inputs: int) -> Array:
    """What runtime/c/ec_unpack.h makes of so many channels."""
    panel, at = row.nr or channels, 0
    parts: list[Array] = []
    for _ in range(0, channels, panel):
        count = panel * inputs
        stop = at + 4 * panel + -(-count // 8) * 4
        words = packed[at + 4 * panel : stop].reshape(-1, 1, 4)
        values = np.concatenate([words & 15, words >> 4], 1).reshape(-1)[:count]
        parts += [packed[at : at + 4 * panel], ((values ^ 8) - 8).astype(np.int8).view(np.uint8)]
        at = stop
    assert at == packed.size
    return np.concatenate(parts)


@pytest.mark.parametrize("row", CONVOLUTIONS, ids=lambda row: row.id)
def test_unpacking_gives_the_packing_of_bytes(row: KernelRow) -> None:
    rng = np.random.default_rng(5)
    weights = rng.integers(-8, 8, (70, 3, 2 * row.kr)).astype(np.int8)
    start = rng.integers(-(2**31), 2**31, 70).astype(np.int32)
    assert is_nibbles(row, weights)
    assert not is_nibbles(row, np.where(weights == 7, 8, weights))
    inputs = 3 * 2 * row.kr
    channels = unpacking(row, 70, inputs).channels
    packed = pack_nibbles(row, weights, start, channels)
    at = 0
    for c in range(0, 70, channels):
        part, starts = weights[c : c + channels], start[c : c + channels]
        size = pack_nibbles(row, part, starts, channels).size
        whole = pack_conv(row, part, starts).reshape(-1).view(np.uint8)
        assert np.array_equal(unpacked(row, packed[at : at + size], len(part), inputs), whole)
        at += size
    assert at == packed.size
    assert packed.size < 0.62 * (weights.nbytes + start.nbytes) + 4 * 64 + 32 * inputs


@pytest.mark.parametrize("row", CONVOLUTIONS, ids=lambda row: row.id)
def test_scratch_has_room_for_the_channels(row: KernelRow) -> None:
    for oc in (1, 5, 16, 33, 200):
        room = unpacking(row, oc, 7)
        used = min(room.channels, -(-oc // (row.nr or 1)) * (row.nr or 1))
        assert room.bytes % 64 == 0
        assert room.bytes >= used * (4 + 7)
