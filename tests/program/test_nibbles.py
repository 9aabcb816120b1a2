"""Weights that 4 bits hold take half a byte each, and are what the kernels would have got."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.emit.compiling import usable
from tests.integers.checking import wrong_layers

from embedc.driver import Stages, make_plan, simplify
from embedc.ir.graph import NOWHERE, Graph, Origin, Value, collect
from embedc.ir.types import I4, I8, U8, Array, Element, TensorType
from embedc.kernels.registry import ROWS
from embedc.kernels.row import Family, KernelRow, Packing
from embedc.ops.elementwise import constant
from embedc.ops.window import Contract, Conv
from embedc.policy import Policy
from embedc.program.pack import Operands, is_unpacked, pack_conv, pack_integer, pack_nibbles, unpacking
from embedc.program.program import calls
from embedc.targets.load import load_target, target_names

HALVES = [r for r in ROWS if r.packing is Packing.NIBBLES]
DEPTHWISE = [r for r in ROWS if r.family is Family.DEPTHWISE and (r.x, r.w) == (U8, I8)]
CONVOLUTIONS = [r for r in ROWS if r.family is Family.CONV and (r.x, r.w) == (U8, I8) and not r.widens]


def unpacked(row: KernelRow, packed: Array, channels: int, inputs: int) -> Array:
    """What runtime/c/ec_unpack.h makes of so many channels."""
    panel, at = row.nr or channels, 0
    parts: list[Array] = []
    for _ in range(0, channels, panel):
        count = panel * inputs
        stop = at + 4 * panel + -(-count // 16) * 8
        words = packed[at + 4 * panel : stop].reshape(-1, 1, 8)
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
    assert is_unpacked(row, weights)
    assert not is_unpacked(row, np.where(weights == 7, 8, weights))
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


@pytest.mark.parametrize("row", DEPTHWISE, ids=lambda row: row.id)
def test_depthwise_weights_are_unpacked_at_once(row: KernelRow) -> None:
    rng = np.random.default_rng(5)
    weights = rng.integers(-8, 8, (37, 9, 1)).astype(np.int8)
    bias = rng.integers(-1000, 1000, 37)
    unpack, operands = unpacking(row, 37, 9), Operands(row, weights, 3)
    whole = pack_integer(operands, bias, 1, 0)
    packed = pack_integer(operands, bias, 1, 0, unpack)
    steps = -(-9 // row.kr) * row.kr
    assert np.array_equal(unpacked(replace(row, nr=0), packed, unpack.channels, steps), whole)
    assert unpack.bytes >= whole.size
    assert packed.size < whole.size - 37 * steps // 2 + 8


@pytest.mark.parametrize("row", CONVOLUTIONS, ids=lambda row: row.id)
def test_scratch_has_room_for_the_channels(row: KernelRow) -> None:
    for oc in (1, 5, 16, 33, 200):
        room = unpacking(row, oc, 7)
        used = min(room.channels, -(-oc // (row.nr or 1)) * (row.nr or 1))
        assert room.bytes % 64 == 0
        assert room.bytes >= used * (4 + 7)


@pytest.mark.parametrize("row", HALVES, ids=lambda row: row.id)
def test_halves_of_bytes_are_the_weights(row: KernelRow) -> None:
    rng = np.random.default_rng(6)
    oc, taps, ic, half = row.nr + 3, 2, 2 * row.kr, row.nr // 2
    weights = rng.integers(-8, 8, (oc, taps, ic)).astype(np.int8)
    panels = pack_conv(row, weights, np.arange(oc, dtype=np.int32))
    starts, packed = panels[:, : 4 * row.nr].copy().view("<i4"), panels[:, 4 * row.nr :].astype(np.int8)
    bytes_ = packed.reshape(2, taps, ic // row.kr, half, row.kr).transpose(0, 3, 1, 2, 4).reshape(2, half, taps, ic)
    both = np.concatenate([(bytes_ & 15) - 8, bytes_ >> 4], 1).reshape(2 * row.nr, taps, ic)
    assert np.array_equal(both[:oc], weights)
    starts[:, :half] += 8 * row.x_bias * taps * ic
    assert np.array_equal(starts.reshape(-1)[:oc], np.arange(oc))


def row_of(target: str, pixels: int, weights: Array) -> KernelRow:
    """The kernel of a product of so many rows."""
    x = Value(TensorType(U8, (pixels, len(weights))), "x", NOWHERE)
    sums = Contract(x, constant(weights, NOWHERE), "nk,km->nm", 3, origin=Origin("product", "MatMul", "y")).result
    graph = simplify(collect("product", (x,), {"y": sums}), Stages())
    (call,) = calls(make_plan(graph, Policy(load_target(target), "p"), Stages()).program.steps)
    assert call.unpack is None or call.row.w == I8
    return call.row


@pytest.mark.parametrize("target", [name for name in target_names() if not name.startswith("riscv-rvv")])
def test_few_pixels_take_weights_as_they_are_packed(target: str) -> None:
    weights = np.random.default_rng(7).integers(-8, 8, (40, 30)).astype(np.int8)
    assert row_of(target, 1, weights).w == I4
    assert row_of(target, 20, weights).w == I8
    assert row_of(target, 1, weights[:4]).w == I8  # too few
    assert row_of(target, 1, np.where(weights == 7, 8, weights)).w == I8
    assert row_of(target, 1, np.full((66_000, 1), -8, np.int8)).w == I8  # 16 times their sum would wrap around


def depthwise(element: Element, channels: int, kernel: int, stride: int) -> Graph:
    """Sums of a depthwise layer whose weights 4 bits hold."""
    rng = np.random.default_rng(channels)
    x = Value(TensorType(element, (2, channels, 9, 13)), "x", NOWHERE)
    w = constant(rng.integers(-8, 8, (channels, 1, 3, kernel)).astype(np.int8), NOWHERE)
    pads, strides = ((1, 1), (0, 1)), (1, stride)
    sums = Conv(x, w, strides, pads, (1, 1), channels, (1, 1), 7, origin=Origin("dw", "Conv", "y")).result
    return collect(f"dw{channels}", (x,), {"y": sums})


@pytest.mark.parametrize("target", ["c", "x86-avx2", "x86-avx512"])
def test_depthwise_sums_are_exact(target: str, tmp_path: Path) -> None:
    cases = [(U8, 29, 3, 1), (I8, 64, 3, 2), (U8, 70, 2, 1), (I8, 33, 5, 1)]
    graphs = [depthwise(*case) for case in cases]
    policy = Policy(load_target(target), "dw")
    for graph in graphs:
        (call,) = calls(make_plan(simplify(graph, Stages()), policy, Stages()).program.steps)
        assert call.unpack
    assert not wrong_layers(graphs, usable(target), tmp_path)
