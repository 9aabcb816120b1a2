"""The house carries what comes later: integers, streaming and single bits go through the same Call, plan and layout."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embedc.bundle import Bundle
from embedc.emit import headers
from embedc.emit.bundle import emit
from embedc.ir.scalar import ScalarBuilder, identity
from embedc.ir.types import BIPOLAR1, F32, F64, I8, I32, U8, Array, Element, TensorType
from embedc.kernels.registry import ROWS
from embedc.kernels.row import Family, KernelRow, Packing
from embedc.manifest import ModelInfo
from embedc.plan.plan import plan_arena
from embedc.policy import Policy
from embedc.program.layout import Layout, row_major
from embedc.program.pack import pack_conv
from embedc.program.program import (
    Buffer,
    Call,
    Counter,
    For,
    Geometry,
    Layer,
    Nest,
    Pixels,
    Port,
    Program,
    Rows,
    Step,
    Storage,
    Strides,
    View,
)
from embedc.resources import kernels_folder
from embedc.targets.load import load_target

POLICY = Policy(load_target("c", ""), "spike")

INT8_KERNEL = """
#ifndef EC_CONV_I8_1X1__PORTABLE_H
#define EC_CONV_I8_1X1__PORTABLE_H
#include "ec_window.h"
typedef void (*ec_epi_i32)(int32_t acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n);
EC_INLINE void ec_conv_i8_1x1__portable(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                        int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {
  const int32_t count = d->kernel[0] * d->kernel[1] * d->kernel[2];
  (void)pad;
  for (ptrdiff_t i = 0; i < npx; i++)
    for (int32_t c = 0; c < d->oc; c++) {
      int32_t acc = 0;
      for (int32_t t = 0; t < count; t++)
        for (int32_t k = 0; k < d->ic; k++)
          acc += ec_load_i8((const int8_t *)taps[i + t * d->tap_step] + k) *
                 ec_load_i8((const int8_t *)w + ((ptrdiff_t)c * count + t) * d->ic + k);
      epi(acc, e, i, oc0 + c, 1);
    }
}
#endif
"""


def nhwc(buffer: Buffer, shape: tuple[int, ...], element: Element = F32, ring: int = 0) -> Pixels:
    """[1, C, H, W] stored channels last, of which `ring` rows exist."""
    strides = Layout((0, 2, 3, 1)).strides(shape, element)
    return Pixels(View(buffer, element, shape, strides), Strides(0, (0, strides[2], strides[3])), ring)


def geometry(size: int, ic: int, oc: int) -> Geometry:
    line = (1, size, size)
    return Geometry(1, 1, ic, oc, line, line, (1, 3, 3), (1, 1, 1), (1, 1, 1), (0, 1, 1))


def run(program: Program, folder: Path, inputs: dict[str, Array]) -> dict[str, Array]:
    files = emit(plan_arena(program, POLICY), POLICY, ModelInfo("spike", "0" * 64))
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return Bundle(folder).run_samples([inputs])[0][0]


def direct(x: Array, w: Array) -> Array:
    """3x3 convolution with padding 1 of [1, H, W, C] by [O, 9, C], in the arrays' own type."""
    size = x.shape[1]
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)))
    taps = [padded[:, y : y + size, z : z + size] for y in range(3) for z in range(3)]
    return sum(t @ w[:, k].T for k, t in enumerate(taps))  # pyright: ignore[reportReturnType]


def test_int8_convolution_goes_through_the_same_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = tmp_path / "kernels" / "portable"
    kernels.mkdir(parents=True)
    (kernels / "ec_conv_i8_1x1__portable.h").write_text(INT8_KERNEL)
    for words in (kernels_folder() / "portable").glob("ec_v*.h"):
        (kernels / words.name).write_bytes(words.read_bytes())
    monkeypatch.setattr(headers, "kernels_folder", lambda: tmp_path / "kernels")
    size, ic, oc = 7, 5, 6
    rng = np.random.default_rng(3)
    x = rng.integers(-128, 128, (1, size, size, ic)).astype(np.int8)
    w = rng.integers(-128, 128, (oc, 9, ic)).astype(np.int8)
    bias = rng.integers(-5000, 5000, oc).astype(np.int32)
    row = KernelRow("ec_conv_i8_1x1__portable", Family.CONV, "portable", I8, I8, I32, 1, 1, Packing.PANELS, 1.0)
    packed = pack_conv(row, w)
    source = Buffer("x", Storage.INPUT, x.nbytes)
    target = Buffer("y", Storage.OUTPUT, size * size * oc)
    taps = Buffer("taps", Storage.ARENA, 8 * 9 * 8)
    weights = Buffer("w", Storage.CONST, packed.nbytes, 64, packed)
    zeros = Buffer("pad", Storage.CONST, ic, 16, np.zeros(ic, np.int8))
    biases = Buffer("b", Storage.CONST, bias.nbytes, 16, bias)
    scale = 1 / 512
    b = ScalarBuilder(I32, I32)
    real = b.call("mul", b.cast(b.call("add", 0, 1), F64), b.const(scale, F64))
    clamped = b.call("min", b.call("max", b.call("round", real), b.const(-128.0, F64)), b.const(127.0, F64))
    epilogue = b.build(b.cast(clamped, I8))
    call = Call(
        Layer("conv", "QLinearConv"),
        row,
        geometry(size, ic, oc),
        nhwc(source, (1, ic, size, size), I8),
        0,
        weights,
        0,
        zeros,
        (nhwc(target, (1, oc, size, size), I8),),
        (View(biases, I32, (oc,), (4,)),),
        epilogue,
        taps,
        8,
        (1, 8),
        True,
    )
    ports = tuple(
        Port(name, buffer, TensorType(I8, dims), row_major(4))
        for name, buffer, dims in (("x", source, x.shape), ("y", target, (1, size, size, oc)))
    )
    got = run(Program("spike", (ports[0],), (ports[1],), (call,)), tmp_path / "kernels", {"x": x})["y"]
    exact = direct(x.astype(np.int64), w.astype(np.int64)) + bias
    assert np.array_equal(got, np.clip(np.rint(exact * scale), -128, 127).astype(np.int8))


def test_two_layers_stream_over_a_row_ring(tmp_path: Path) -> None:
    """The second convolution follows one row behind the first; three rows of the tensor between them ever exist."""
    row = next(r for r in ROWS if r.isa == "portable" and r.family is Family.CONV)
    size, channels = 9, 4
    rng = np.random.default_rng(4)
    x = rng.standard_normal((1, size, size, channels)).astype(np.float32)
    w = [rng.standard_normal((channels, 9, channels)).astype(np.float32) for _ in range(2)]
    zeros = Buffer("pad", Storage.CONST, channels * 4, 16, np.zeros(channels, np.float32))
    source, target = Buffer("x", Storage.INPUT, x.nbytes), Buffer("y", Storage.OUTPUT, x.nbytes)
    ring = Buffer("ring", Storage.ARENA, 3 * size * channels * 4)
    taps = Buffer("taps", Storage.ARENA, size * 9 * 8)
    shape = (1, channels, size, size)

    def call(read: Pixels, written: Pixels, weights: Array, rows: Rows) -> Call:
        packed = pack_conv(row, weights)
        constant = Buffer("w", Storage.CONST, packed.nbytes, 64, packed)
        args = (geometry(size, channels, channels), read, 0, constant, 0, zeros, (written,), (), identity(F32), taps)
        return Call(Layer("conv", "Conv"), row, *args, size, (1, size), False, rows)

    steps: tuple[Step, ...] = (
        call(nhwc(source, shape), nhwc(ring, shape, ring=3), w[0], Rows(0, 1, 1)),
        call(nhwc(ring, shape, ring=3), nhwc(target, shape), w[1], Rows(-1, 1, 1)),
    )
    loop = For(Layer("rows", "Conv"), Counter(size + 1), steps)
    kind = TensorType(F32, x.shape)
    ports = Port("x", source, kind, row_major(4)), Port("y", target, kind, row_major(4))
    program = Program("spike", ports[:1], ports[1:], (loop,))
    got = run(program, tmp_path, {"x": x})["y"]
    assert np.allclose(got, direct(direct(x, w[0]), w[1]), atol=1e-4)
    assert plan_arena(program, POLICY).size < x.nbytes + taps.bytes


def test_one_bit_tensor_has_a_type_a_layout_and_a_place() -> None:
    kind = TensorType(BIPOLAR1, (1, 70, 8, 8))
    assert str(kind) == "bip1[1,70,8,8]"
    packed = Layout((0, 2, 3, 1), planes=1, word_bits=32)
    assert packed.bytes(kind.dims, kind.element) == 8 * 8 * 3 * 4  # 70 channels need three words
    assert replace(packed, planes=2).bytes(kind.dims, kind.element) == 2 * 8 * 8 * 3 * 4
    with pytest.raises(ValueError, match="no byte stride"):
        packed.strides(kind.dims, kind.element)
    bits = Buffer("bits", Storage.ARENA, packed.bytes(kind.dims, kind.element))
    other = Buffer("other", Storage.ARENA, 8 * 8 * 4)
    steps: list[Step] = []
    for number, (source, target) in enumerate([(None, bits), (bits, other), (other, None)]):
        read = source or Buffer("x", Storage.INPUT, 8 * 8)
        written = target or Buffer("y", Storage.OUTPUT, 8 * 8)
        words = [View(b, U8, (8, 8), (b.bytes // 8, b.bytes // 64)) for b in (read, written)]
        steps.append(Nest(Layer(f"step {number}", "sign"), (8, 8), (words[0],), words[1], identity(U8)))
    plan = plan_arena(Program("bits", (), (), tuple(steps)), POLICY)
    assert plan.size == bits.bytes + other.bytes
    assert {plan.offsets[bits], plan.offsets[other]} in ({0, bits.bytes}, {0, other.bytes})
