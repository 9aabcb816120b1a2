/* SPDX-License-Identifier: 0BSD
 * Runs window kernels of one instruction set: window INPUT OUTPUT. headers.inc includes their headers, rows.inc lists
 * them as ROW(id, type of sums). Each case of the input names a kernel and holds its geometry and operands; the answer
 * is the whole output buffer. The epilogue adds the bias and, if there is one, the residual. */
#define _GNU_SOURCE
#include "memory.h"

#include "ec_gather.h"

#include "headers.inc"

#define NAME_BYTES 64

#define FINISH(type)                                                                                                   \
  EC_INLINE void finish_##type(ec_v##type acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n) {            \
    const ptrdiff_t c = oc * 4;                                                                                        \
    ec_v##type y = ec_vadd_##type(acc, ec_vload_##type(e->ch[0] + c, n), n);                                           \
    if (e->px[1]) {                                                                                                    \
      y = ec_vadd_##type(y, ec_vload_##type(e->px[1] + px * e->px_step[1] + c, n), n);                                 \
    }                                                                                                                  \
    ec_vstore_##type(e->px[0] + px * e->px_step[0] + c, y, n);                                                         \
  }
FINISH(f32)
#if defined(EC_W_LANES)
static ec_wi32 sum_i32(ec_wi32 a, ec_wi32 b) {
  int32_t x[EC_W_LANES], y[EC_W_LANES];
  ec_wstore_i32(x, a, EC_W_LANES), ec_wstore_i32(y, b, EC_W_LANES);
  for (int32_t k = 0; k < EC_W_LANES; k++) {
    x[k] = (int32_t)((uint32_t)x[k] + (uint32_t)y[k]);
  }
  return ec_wload_i32(x, EC_W_LANES);
}
EC_INLINE void finish_i32(ec_wi32 acc, ec_wchannels *kept, int loaded, const ec_epilogue *e, ptrdiff_t px, int32_t oc,
                          int32_t n) {
  const ptrdiff_t c = oc * 4;
  ec_wi32 y;
  if (!loaded) {
    kept->ch[0] = ec_wload_i32(e->ch[0] + c, n);
  }
  y = sum_i32(kept->ch[0], acc);
  if (e->px[1]) {
    y = sum_i32(y, ec_wload_i32(e->px[1] + px * e->px_step[1] + c, n));
  }
  ec_wstore_i32(e->px[0] + px * e->px_step[0] + c, y, n);
}
#else
FINISH(i32)
#endif

typedef void (*run_fn)(const ec_window *d, const void *x, const void *w, const void *pad, void *scratch,
                       void *const *px, const void *const *ch, int32_t row0, int32_t row1, int joined);

#define ROW(id, type)                                                                                                  \
  static void block_##id(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,       \
                         const void *pad, const ec_epilogue *e) {                                                      \
    const ec_window rows = ec_window_gathered(d);                                                                      \
    id(d->gather > 0 ? &rows : d, taps, npx, w, oc0, pad, e, finish_##type);                                           \
  }                                                                                                                    \
  static void joined_##id(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,      \
                          const void *pad, const ec_epilogue *e) {                                                     \
    const ec_window rows = ec_window_joined(d);                                                                        \
    id(&rows, taps, npx, w, oc0, pad, e, finish_##type);                                                               \
  }                                                                                                                    \
  static void run_##id(const ec_window *d, const void *x, const void *w, const void *pad, void *scratch,               \
                       void *const *px, const void *const *ch, int32_t row0, int32_t row1, int joined) {               \
    ec_window_run(d, x, w, pad, (const void **)scratch, px, ch, 1, row0, row1,                                         \
                  joined          ? ec_window_join                                                                     \
                  : d->gather > 0 ? ec_window_gather                                                                   \
                                  : ec_window_fill,                                                                    \
                  joined ? joined_##id : block_##id);                                                                  \
  }
#define TILES(id, type)                                                                                                \
  static void run_##id(const ec_window *d, const void *x, const void *w, const void *pad, void *scratch,               \
                       void *const *px, const void *const *ch, int32_t row0, int32_t row1, int joined) {               \
    (void)joined;                                                                                                      \
    id(d, x, w, pad, scratch, px, ch, 1, row0, row1, finish_##type);                                                   \
  }
#include "rows.inc"
#undef ROW
#undef TILES

static const struct {
  const char *id;
  run_fn run;
} rows[] = {
#define ROW(id, type)   {#id, run_##id},
#define TILES(id, type) {#id, run_##id},
#include "rows.inc"
#undef ROW
#undef TILES
};

static run_fn find(const char *id) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    if (strcmp(rows[i].id, id) == 0) {
      return rows[i].run;
    }
  }
  fail(id);
  return NULL;
}

static void read_extents(FILE *in, int32_t *to, int count) {
  for (int i = 0; i < count; i++) {
    to[i] = (int32_t)read_integer(in);
  }
}

static void read_offsets(FILE *in, ptrdiff_t *to, int count) {
  for (int i = 0; i < count; i++) {
    to[i] = (ptrdiff_t)read_integer(in);
  }
}

/* Bytes, padded to 8 in the file. */
static buffer read_bytes(FILE *file) {
  const size_t count = (size_t)read_integer(file);
  buffer b = allocate(count);
  if (fread(b.data, 1, count, file) != count || fseek(file, (long)((8 - count % 8) % 8), SEEK_CUR) != 0) {
    fail("input ends early");
  }
  return b;
}

static ec_window read_window(FILE *in) {
  ec_window d;
  memset(&d, 0, sizeof d);
  read_extents(in, &d.images, 1);
  read_extents(in, &d.groups, 1);
  read_extents(in, &d.ic, 1);
  read_extents(in, &d.oc, 1);
  read_extents(in, d.in, 3);
  read_extents(in, d.out, 3);
  read_extents(in, d.kernel, 3);
  read_extents(in, d.stride, 3);
  read_extents(in, d.dilation, 3);
  read_extents(in, d.pad, 3);
  read_extents(in, &d.block, 1);
  read_extents(in, &d.pixel_step, 1);
  read_extents(in, &d.tap_step, 1);
  read_extents(in, &d.spans_rows, 1);
  read_extents(in, &d.backwards, 1);
  read_extents(in, &d.x_ring, 1);
  read_extents(in, &d.count_pad, 1);
  read_extents(in, &d.gather, 1);
  read_offsets(in, &d.x_image, 1);
  read_offsets(in, &d.x_group, 1);
  read_offsets(in, d.x_step, 3);
  read_offsets(in, &d.w_group, 1);
  read_extents(in, &d.px_count, 1);
  for (int k = 0; k < d.px_count; k++) {
    read_extents(in, &d.px_ring[k], 1);
    read_offsets(in, &d.px_image[k], 1);
    read_offsets(in, d.px_step[k], 3);
  }
  return d;
}

static void run_case(FILE *in, FILE *out) {
  char id[NAME_BYTES];
  if (fread(id, 1, sizeof id, in) != sizeof id) {
    fail("input ends early");
  }
  const run_fn run = find(id);
  const ec_window d = read_window(in);
  const int32_t row0 = (int32_t)read_integer(in), row1 = (int32_t)read_integer(in);
  const int joined = (int)read_integer(in);
  const buffer scratch = allocate((size_t)read_integer(in));
  const buffer x = read_bytes(in), w = read_bytes(in), pad = read_bytes(in), bias = read_array(in);
  const buffer y = read_array(in), residual = read_array(in);
  void *px[2];
  const void *ch[1];
  px[0] = y.data, px[1] = residual.data, ch[0] = bias.data;
  run(&d, x.data, w.data, pad.data, scratch.data, px, ch, row0, row1, joined);
  write_array(out, y.data, y.bytes / 4);
  release(x), release(w), release(pad), release(bias), release(y), release(residual), release(scratch);
}

int main(int argc, char **argv) { return answer(argc, argv, run_case); }
