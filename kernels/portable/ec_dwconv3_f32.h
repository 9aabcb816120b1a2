/* SPDX-License-Identifier: 0BSD
 * Template of float depthwise convolutions with windows three taps wide, for cores that load slower than they multiply:
 * neighbours of stride 1 share taps, so a row of mr + 2 inputs serves mr pixels x 3 taps. Written over ec_v.
 *
 * Whether they do is seen from the addresses, for each tile: at the end of an image row, for other strides and widths
 * and for the last channels, the tiles of ec_dwconv_f32.h do the work. Weights, floats or bytes, are [tap][c]. */
#ifndef EC_DWCONV3_F32_H
#define EC_DWCONV3_F32_H

#include "ec_dwconv_f32.h"

/* X(pixel, its second tap's input, its third tap's input, nv) */
#define EC_DWCONV3_PIXELS_4(X, nv) X(0, 1, 2, nv) X(1, 2, 3, nv) X(2, 3, 4, nv) X(3, 4, 5, nv)

#define EC_DWCONV3_WEIGHTS(wt, j)                                                                                      \
  const ec_vf32 u##j = ec_tile_weights_##wt(w + (j) * EC_V_LANES, EC_V_LANES);                                         \
  const ec_vf32 v##j = ec_tile_weights_##wt(w + w_step + (j) * EC_V_LANES, EC_V_LANES);                                \
  const ec_vf32 w##j = ec_tile_weights_##wt(w + 2 * w_step + (j) * EC_V_LANES, EC_V_LANES);
#define EC_DWCONV3_INPUT(k, j) const ec_vf32 x##k##_##j = ec_vload_f32(x##k + (j) * EC_V_LANES, EC_V_LANES);
#define EC_DWCONV3_INPUTS(k, address, nv)                                                                              \
  const float *x##k = (const float *)(address) + c;                                                                    \
  EC_VECTORS_##nv(EC_DWCONV3_INPUT, k)
#define EC_DWCONV3_FMA(i, k, l, j)                                                                                     \
  a##i##_##j = ec_vfma_f32(x##i##_##j, u##j, a##i##_##j, EC_V_LANES);                                                  \
  a##i##_##j = ec_vfma_f32(x##k##_##j, v##j, a##i##_##j, EC_V_LANES);                                                  \
  a##i##_##j = ec_vfma_f32(x##l##_##j, w##j, a##i##_##j, EC_V_LANES);
#define EC_DWCONV3_FMAS_1(i, k, l) EC_DWCONV3_FMA(i, k, l, 0)
#define EC_DWCONV3_FMAS_2(i, k, l) EC_DWCONV3_FMAS_1(i, k, l) EC_DWCONV3_FMA(i, k, l, 1)
#define EC_DWCONV3_STEP(i, k, l, nv)                                                                                   \
  EC_DWCONV3_INPUTS(l, taps[i * tap_count + t + 2], nv)                                                                \
  EC_DWCONV3_FMAS_##nv(i, k, l)

/* Defines <kernel>_shared: mr pixels x nv vectors of channels from c on, handed to the epilogue; weights are floats or
 * bytes (I8). */
#define EC_DWCONV3_TILE(kernel, mr, nv)    EC_DWCONV3_TILE_OF(kernel, mr, nv, f32)
#define EC_DWCONV3_I8_TILE(kernel, mr, nv) EC_DWCONV3_TILE_OF(kernel, mr, nv, i8)
#define EC_DWCONV3_TILE_OF(kernel, mr, nv, wt)                                                                         \
  EC_INLINE void kernel##_shared(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const void *weights,       \
                                 ptrdiff_t w_step, ptrdiff_t px, int32_t oc, const ec_epilogue *e, ec_epi_f32 epi) {   \
    const EC_TILE_WEIGHT_##wt *w = (const EC_TILE_WEIGHT_##wt *)weights;                                               \
    EC_ROWS_##mr(EC_DWCONV_ZEROS, nv) for (ptrdiff_t t = 0; t < tap_count; t += 3, w += 3 * w_step){                   \
        EC_VECTORS_##nv(EC_DWCONV3_WEIGHTS, wt) EC_DWCONV3_INPUTS(0, taps[t], nv)                                      \
            EC_DWCONV3_INPUTS(1, taps[t + 1], nv)                                                                      \
                EC_DWCONV3_PIXELS_##mr(EC_DWCONV3_STEP, nv)} EC_ROWS_##mr(EC_DWCONV_FINISHES, nv)                      \
  }

/* 1 if the first two taps of each kernel row of a pixel are the last two of the pixel before. */
EC_INLINE int ec_dwconv3_shares(const void *const *taps, ptrdiff_t tap_count, int32_t mr) {
  for (const void *const *end = taps + (mr - 1) * tap_count; taps < end; taps += 3) {
    if (taps[1] != taps[tap_count] || taps[2] != taps[tap_count + 1]) {
      return 0;
    }
  }
  return 1;
}

/* One block: as ec_dwconv_tiles, but nr3 channels at a time where taps are shared. */
EC_INLINE void ec_dwconv3_tiles(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                ptrdiff_t w_bytes, int32_t oc0, const ec_epilogue *e, ec_epi_f32 epi, int32_t mr,
                                int32_t nr, float *acc, ec_dwconv_tile tile, ec_dwconv_whole whole, int32_t nr3,
                                ec_dwconv_whole shared) {
  const ptrdiff_t tap_count = ec_window_taps(d);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  int32_t rows;
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows * tap_count) {
    int32_t c = 0;
    rows = ec_tile_rows(npx - i, mr);
    if (rows == mr && d->kernel[2] == 3 && ec_dwconv3_shares(taps, tap_count, mr)) {
      for (; c + nr3 <= d->oc; c += nr3) {
        shared(taps, tap_count, c, (const unsigned char *)w + c * w_bytes, d->oc, i, oc0 + c, &local, epi);
      }
    }
    ec_dwconv_channels(d, taps, i, rows, c, w, w_bytes, oc0, &local, epi, mr, nr, acc, tile, whole);
  }
}

#define EC_DWCONV3_KERNEL(name, type)                                                                                  \
  EC_INLINE void name(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,          \
                      const ec_epilogue *e, ec_epi_f32 epi, int32_t mr, int32_t nr, float *acc, ec_dwconv_tile tile,   \
                      ec_dwconv_whole whole, int32_t nr3, ec_dwconv_whole shared) {                                    \
    ec_dwconv3_tiles(d, taps, npx, w, (ptrdiff_t)sizeof(type), oc0, e, epi, mr, nr, acc, tile, whole, nr3, shared);    \
  }
EC_DWCONV3_KERNEL(ec_dwconv3_f32, float)
EC_DWCONV3_KERNEL(ec_dwconv3_f32i8, int8_t)

#endif
