/* SPDX-License-Identifier: 0BSD
 * Template of float depthwise convolutions; the kernels of an instruction set instantiate it for their tiles.
 *
 * Weights, floats or bytes, are [tap][c]. An inner step, one tap, loads nv vectors of weights and multiplies them with
 * as many of each pixel's inputs. The last channels run by single vectors. */
#ifndef EC_DWCONV_F32_H
#define EC_DWCONV_F32_H

#include "ec_tile.h"

#define EC_DWCONV_ZERO(i, j)    ec_vf32 a##i##_##j = ec_vsplat_f32(0.0F, EC_V_LANES);
#define EC_DWCONV_WEIGHT(wt, j) const ec_vf32 w##j = ec_tile_weights_##wt(w + (j) * EC_V_LANES, n);
#define EC_DWCONV_FMA(i, j)     a##i##_##j = ec_vfma_f32(ec_vload_f32(x + (j) * EC_V_LANES, n), w##j, a##i##_##j, n);
#define EC_DWCONV_STORE(i, j)   ec_vstore_f32(acc + (j) * EC_V_LANES, a##i##_##j, EC_V_LANES);
#define EC_DWCONV_FINISH(i, j)  epi(a##i##_##j, e, px + (i), oc + (j) * EC_V_LANES, EC_V_LANES);

#define EC_DWCONV_ZEROS(i, nv)    EC_VECTORS_##nv(EC_DWCONV_ZERO, i)
#define EC_DWCONV_STORES(i, nv)   EC_VECTORS_##nv(EC_DWCONV_STORE, i) acc += (nv) * EC_V_LANES;
#define EC_DWCONV_FINISHES(i, nv) EC_VECTORS_##nv(EC_DWCONV_FINISH, i)
#define EC_DWCONV_STEP(i, nv)                                                                                          \
  {                                                                                                                    \
    const float *x = (const float *)taps[i * tap_count + t] + c;                                                       \
    EC_VECTORS_##nv(EC_DWCONV_FMA, i);                                                                                 \
  }

#define EC_DWCONV_SUM(mr, nv, wt)                                                                                      \
  EC_ROWS_##mr(EC_DWCONV_ZEROS, nv);                                                                                   \
  for (ptrdiff_t t = 0; t < tap_count; t++, w += w_step) {                                                             \
    EC_VECTORS_##nv(EC_DWCONV_WEIGHT, wt);                                                                             \
    EC_ROWS_##mr(EC_DWCONV_STEP, nv);                                                                                  \
  }

/* Channels from c on: nv vectors or the first n of one, stored; nv vectors handed to the epilogue; and the choice. */
#define EC_DWCONV_TILE(mr, kernel, nv, wt)                                                                             \
  static EC_NOINLINE void kernel##_tile##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c,                 \
                                            const void *weights, ptrdiff_t w_step, float *acc) {                       \
    const EC_TILE_WEIGHT_##wt *w = (const EC_TILE_WEIGHT_##wt *)weights;                                               \
    const int32_t n = EC_V_LANES;                                                                                      \
    EC_DWCONV_SUM(mr, nv, wt);                                                                                         \
    EC_ROWS_##mr(EC_DWCONV_STORES, nv);                                                                                \
  }                                                                                                                    \
  static EC_NOINLINE void kernel##_edge##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c,                 \
                                            const void *weights, ptrdiff_t w_step, int32_t n, float *acc) {            \
    const EC_TILE_WEIGHT_##wt *w = (const EC_TILE_WEIGHT_##wt *)weights;                                               \
    EC_DWCONV_SUM(mr, 1, wt);                                                                                          \
    EC_ROWS_##mr(EC_DWCONV_STORES, 1);                                                                                 \
  }
#define EC_DWCONV_WHOLE(kernel, mr, nv, wt)                                                                            \
  EC_INLINE void kernel##_whole(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const void *weights,        \
                                ptrdiff_t w_step, ptrdiff_t px, int32_t oc, const ec_epilogue *e, ec_epi_f32 epi) {    \
    const EC_TILE_WEIGHT_##wt *w = (const EC_TILE_WEIGHT_##wt *)weights;                                               \
    const int32_t n = EC_V_LANES;                                                                                      \
    EC_DWCONV_SUM(mr, nv, wt);                                                                                         \
    EC_ROWS_##mr(EC_DWCONV_FINISHES, nv);                                                                              \
  }
#define EC_DWCONV_CASE(mr, kernel, nv)                                                                                 \
  case mr:                                                                                                             \
    if (n >= (nv) * EC_V_LANES) {                                                                                      \
      kernel##_tile##mr(taps, tap_count, c, w, w_step, acc);                                                           \
    } else {                                                                                                           \
      kernel##_edge##mr(taps, tap_count, c, w, w_step, n, acc);                                                        \
    }                                                                                                                  \
    break;
#define EC_DWCONV_CHOICE(kernel, mr, nv)                                                                               \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const void *w, \
                               ptrdiff_t w_step, int32_t n, float *acc) {                                              \
    switch (rows) { EC_TILES_##mr(EC_DWCONV_CASE, kernel, nv) }                                                        \
  }

/* Defines <kernel>_tile, 1 … mr pixels x nv vectors of channels or for n < nv * EC_V_LANES one vector, and
 * <kernel>_whole, the largest of them with its epilogue; weights are floats or bytes (I8). */
#define EC_DWCONV_TILES(kernel, mr, nv)    EC_DWCONV_TILES_OF(kernel, mr, nv, f32)
#define EC_DWCONV_I8_TILES(kernel, mr, nv) EC_DWCONV_TILES_OF(kernel, mr, nv, i8)
#define EC_DWCONV_TILES_OF(kernel, mr, nv, wt)                                                                         \
  EC_TILES_##mr(EC_DWCONV_TILE, kernel, nv, wt) EC_DWCONV_WHOLE(kernel, mr, nv, wt) EC_DWCONV_CHOICE(kernel, mr, nv)

typedef void (*ec_dwconv_tile)(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const void *w,
                               ptrdiff_t w_step, int32_t n, float *acc);
typedef void (*ec_dwconv_whole)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const void *w,
                                ptrdiff_t w_step, ptrdiff_t px, int32_t oc, const ec_epilogue *e, ec_epi_f32 epi);

/* The channels from c on of one tile of `rows` pixels, px the first of them; weights are of w_bytes. */
EC_INLINE void ec_dwconv_channels(const ec_window *d, const void *const *taps, ptrdiff_t px, int32_t rows, int32_t c,
                                  const void *w, ptrdiff_t w_bytes, int32_t oc0, const ec_epilogue *e, ec_epi_f32 epi,
                                  int32_t mr, int32_t nr, float *acc, ec_dwconv_tile tile, ec_dwconv_whole whole) {
  const ptrdiff_t tap_count = ec_window_taps(d);
  for (int32_t n; c < d->oc; c += n) {
    const void *const wc = (const unsigned char *)w + c * w_bytes;
    n = ec_tile_channels(d->oc - c, nr);
    if (whole && rows == mr && n == nr) {
      whole(taps, tap_count, c, wc, d->oc, px, oc0 + c, e, epi);
    } else {
      tile(rows, taps, tap_count, c, wc, d->oc, n, acc);
      ec_tile_finish_f32(acc, n < nr ? EC_V_LANES : nr, px, rows, oc0 + c, n, e, epi);
    }
  }
}

/* One block: tiles of at most mr pixels outside, so that inputs are read in their order; nr channels at a time inside.
 * acc has room for mr * nr elements. */
EC_INLINE void ec_dwconv_tiles(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                               ptrdiff_t w_bytes, int32_t oc0, const ec_epilogue *e, ec_epi_f32 epi, int32_t mr,
                               int32_t nr, float *acc, ec_dwconv_tile tile, ec_dwconv_whole whole) {
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  int32_t rows;
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows * ec_window_taps(d)) {
    rows = ec_tile_rows(npx - i, mr);
    ec_dwconv_channels(d, taps, i, rows, 0, w, w_bytes, oc0, &local, epi, mr, nr, acc, tile, whole);
  }
}

/* Kernels of one type of weights: full tiles with their epilogue or, in less code, every tile through acc, with the
 * epilogue inlined once. */
#define EC_DWCONV_KERNELS(name, type)                                                                                  \
  EC_INLINE void name##_whole(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,  \
                              const ec_epilogue *e, ec_epi_f32 epi, int32_t mr, int32_t nr, float *acc,                \
                              ec_dwconv_tile tile, ec_dwconv_whole whole) {                                            \
    ec_dwconv_tiles(d, taps, npx, w, (ptrdiff_t)sizeof(type), oc0, e, epi, mr, nr, acc, tile, whole);                  \
  }                                                                                                                    \
  EC_INLINE void name(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,          \
                      const ec_epilogue *e, ec_epi_f32 epi, int32_t mr, int32_t nr, float *acc, ec_dwconv_tile tile) { \
    ec_dwconv_tiles(d, taps, npx, w, (ptrdiff_t)sizeof(type), oc0, e, epi, mr, nr, acc, tile, NULL);                   \
  }
EC_DWCONV_KERNELS(ec_dwconv_f32, float)
EC_DWCONV_KERNELS(ec_dwconv_f32i8, int8_t)

#endif
