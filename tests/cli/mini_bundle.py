"""A bundle written by hand: y = 2x + 1 over [1, 2, 3], its middle tensor traced channels last, its output not at all."""

from pathlib import Path

from embedc.manifest import (
    Layer,
    Manifest,
    ModelInfo,
    Options,
    Port,
    ScratchBound,
    Selftest,
    Tap,
    manifest_bytes,
)

HEADER = """
#ifndef MINI_H
#define MINI_H
#include <stddef.h>
#include <stdint.h>
typedef enum { MINI_OK = 0, MINI_NULL_POINTER, MINI_SCRATCH_TOO_SMALL, MINI_SCRATCH_MISALIGNED, MINI_SELFTEST_FAILED } mini_status;
typedef struct {
  const float *x;
  float *y;
} mini_io;
#define MINI_SCRATCH_BYTES 64
#define MINI_SCRATCH_ALIGN 64
#define MINI_SELFTEST_BYTES 64
mini_status mini_run(const mini_io *io, void *scratch, size_t scratch_bytes);
mini_status mini_selftest(void *memory, int32_t *layer);
#endif
"""

SOURCE = """
#include "mini.h"
#include <math.h>
#if defined(MINI_SELFTEST_LAYERS)
void mini_selftest_layer(int32_t id, const void *data);
#define EC_TRACE(id, data) mini_selftest_layer(id, data)
#elif defined(MINI_TRACE)
void mini_trace(int32_t id, const void *data);
#define EC_TRACE(id, data) mini_trace(id, data)
#else
#define EC_TRACE(id, data) ((void)0)
#endif
static float scaled(const float *x, int i) { return x[i] * FACTOR; }
mini_status mini_run(const mini_io *io, void *scratch, size_t scratch_bytes) {
  float *middle = scratch;
  int c, w;
  if (!io || !io->x || !io->y || !scratch) return MINI_NULL_POINTER;
  if (scratch_bytes < MINI_SCRATCH_BYTES) return MINI_SCRATCH_TOO_SMALL;
  if ((uintptr_t)scratch % MINI_SCRATCH_ALIGN) return MINI_SCRATCH_MISALIGNED;
  for (c = 0; c < 2; c++)
    for (w = 0; w < 3; w++) middle[w * 2 + c] = scaled(io->x, c * 3 + w);
  EC_TRACE(0, middle);
  for (c = 0; c < 2; c++)
    for (w = 0; w < 3; w++) io->y[c * 3 + w] = middle[w * 2 + c] + 1.0f;
  EC_TRACE(1, io->y);
  AFTER
  return MINI_OK;
}
"""

SELFTEST = """
#include "mini.h"
#ifdef MINI_SELFTEST_LAYERS
void mini_selftest_layer(int32_t id, const void *data);
void mini_selftest_layer(int32_t id, const void *data) {
  (void)id;
  (void)data;
}
#endif
mini_status mini_selftest(void *memory, int32_t *layer) {
  static const float x[6] = {0, 1, 2, 3, 4, 5};
  float y[6];
  const mini_io io = {x, y};
  mini_status status = mini_run(&io, memory, MINI_SCRATCH_BYTES);
  *layer = y[1] != 3.0f ? 0 : -1;
  return status ? status : *layer < 0 ? MINI_OK : MINI_SELFTEST_FAILED;
}
"""


def port(name: str, c_name: str) -> Port:
    return Port(name, c_name, "f32", (1, 2, 3), 24, "row-major", (0, 1, 2), None, None)


def write_mini_bundle(folder: Path, target: str = "c", factor: str = "2.0f", after: str = "") -> Path:
    """`factor` scales in place of 2; `after` is C that runs before the end."""
    folder.mkdir(parents=True, exist_ok=True)
    source = SOURCE.replace("FACTOR", factor).replace("AFTER", after)
    (folder / "mini.h").write_text(HEADER)
    (folder / "mini.c").write_text(source)
    (folder / "mini_selftest.c").write_text(SELFTEST)
    layers = [("scale", "Mul", "map", 6, "mid\x1b[31m"), ("shift", "Add", "map", 0, "[bold]y")]
    manifest = Manifest(
        format=1,
        version="0",
        name="mini",
        model=ModelInfo("mini.onnx", ""),
        options=Options(target, "", "speed", {}, (), {}, {}, {}, False, False, "auto"),
        inputs=(port("[bold]x", "x"),),
        outputs=(port("[bold]y", "y"),),
        parameters=2,
        macs=6,
        scratch_bytes=64,
        scratch_align=64,
        scratch_bound=ScratchBound(24, 0, False, ""),
        state_bytes=0,
        state_align=1,
        states=(),
        weights_bytes=8,
        flash_bytes=8,
        code_bytes=None,
        stack_bytes=None,
        measured_with=None,
        selftest=Selftest(64, 1, 0.0, ""),
        layers=tuple(Layer(i, n, o, k, m, t, "f32", "") for i, (n, o, k, m, t) in enumerate(layers)),
        trace=(
            Tap(0, 0, layers[0][4], "f32", (1, 2, 3), (24, 4, 8)),
            Tap(1, 1, layers[1][4], "f32", (1, 2, 3), (24, 12, 4)),
        ),
        sources=("mini.c", "mini_selftest.c"),
        files=("manifest.json", "mini.c", "mini.h", "mini_selftest.c"),
    )
    (folder / "manifest.json").write_bytes(manifest_bytes(manifest))
    return folder
