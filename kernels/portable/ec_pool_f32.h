/* SPDX-License-Identifier: 0BSD
 * Template of float poolings; the kernels of an instruction set instantiate it for their tiles: one pixel x nv vectors
 * of channels, the last channels by single vectors. */
#ifndef EC_POOL_F32_H
#define EC_POOL_F32_H

#include <math.h>

#include "ec_tile.h"

/* How a pooling starts, goes on and ends. A mean over no tap at all is zero. */
#define EC_POOL_MAX_START     (-INFINITY)
#define EC_POOL_MAX(a, x, n)  ec_vmax_f32(a, x, n)
#define EC_POOL_MAX_END(a)    a
#define EC_POOL_MEAN_START    0.0F
#define EC_POOL_MEAN(a, x, n) ec_vadd_f32(a, x, n)
#define EC_POOL_MEAN_END(a)   ec_vdiv_f32(a, ec_vsplat_f32(divisor, EC_V_LANES), EC_V_LANES)

#define EC_POOL_BEGIN(op, j) ec_vf32 a##j = ec_vsplat_f32(op##_START, EC_V_LANES);
#define EC_POOL_STEP(op, j)  a##j = op(a##j, ec_vload_f32(x + (j) * EC_V_LANES, n), n);
#define EC_POOL_STORE(op, j) ec_vstore_f32(acc + (j) * EC_V_LANES, op##_END(a##j), EC_V_LANES);

#define EC_POOL_FOLD(nv, op)                                                                                           \
  EC_VECTORS_##nv(EC_POOL_BEGIN, op);                                                                                  \
  for (ptrdiff_t t = 0; t < tap_count; t++) {                                                                          \
    const float *x = (const float *)taps[t] + c;                                                                       \
    EC_VECTORS_##nv(EC_POOL_STEP, op);                                                                                 \
  }                                                                                                                    \
  (void)divisor;                                                                                                       \
  EC_VECTORS_##nv(EC_POOL_STORE, op);

/* Defines <kernel>_tile: one pixel, nv vectors of channels from c on, or for n < nv * EC_V_LANES the first n of one. */
#define EC_POOL_TILE(kernel, nv, op)                                                                                   \
  static EC_NOINLINE void kernel##_full(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, float divisor,      \
                                        float *acc) {                                                                  \
    const int32_t n = EC_V_LANES;                                                                                      \
    EC_POOL_FOLD(nv, op);                                                                                              \
  }                                                                                                                    \
  static EC_NOINLINE void kernel##_edge(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, float divisor,      \
                                        int32_t n, float *acc) {                                                       \
    EC_POOL_FOLD(1, op);                                                                                               \
  }                                                                                                                    \
  EC_INLINE void kernel##_tile(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, float divisor, int32_t n,    \
                               float *acc) {                                                                           \
    if (n >= (nv) * EC_V_LANES) {                                                                                      \
      kernel##_full(taps, tap_count, c, divisor, acc);                                                                 \
    } else {                                                                                                           \
      kernel##_edge(taps, tap_count, c, divisor, n, acc);                                                              \
    }                                                                                                                  \
  }

typedef void (*ec_pool_tile)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, float divisor, int32_t n,
                             float *acc);

/* Taps that a mean divides by: all of them, or those that are not padding. */
EC_INLINE float ec_pool_divisor(const ec_window *d, const void *const *taps, ptrdiff_t tap_count, const void *pad) {
  ptrdiff_t count = 0;
  if (d->count_pad != 0) {
    return (float)tap_count;
  }
  for (ptrdiff_t t = 0; t < tap_count; t++) {
    count += taps[t] != pad;
  }
  return count > 0 ? (float)count : 1.0F;
}

/* One block: pixels outside, nr channels at a time inside. acc has room for nr elements. */
EC_INLINE void ec_pool_f32(const ec_window *d, const void *const *taps, ptrdiff_t npx, int32_t oc0, const void *pad,
                           const ec_epilogue *e, ec_epi_f32 epi, int32_t nr, float *acc, int mean, ec_pool_tile tile) {
  const ptrdiff_t tap_count = ec_window_taps(d);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  int32_t n;
  for (ptrdiff_t i = 0; i < npx; i++, taps += tap_count) {
    const float divisor = mean ? ec_pool_divisor(d, taps, tap_count, pad) : 1.0F;
    for (int32_t c = 0; c < d->oc; c += n) {
      n = ec_tile_channels(d->oc - c, nr);
      tile(taps, tap_count, c, divisor, n, acc);
      ec_tile_finish_f32(acc, nr, i, 1, oc0 + c, n, &local, epi);
    }
  }
}

#endif
