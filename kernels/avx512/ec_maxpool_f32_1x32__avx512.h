/* SPDX-License-Identifier: 0BSD
 * Maximum pooling, float: 1 pixel x 32 channels. NaN propagates.
 *
 * Registers: 2 accumulators + 2 inputs of 32. A tap is 2 x 2 operations, for NaN is sought apart, and 3 loads: 2 cycles
 * but for their latency, 7. */
#ifndef EC_MAXPOOL_F32_1X32__AVX512_H
#define EC_MAXPOOL_F32_1X32__AVX512_H

#include "ec_v__avx512.h"

#include "ec_pool_f32.h"

EC_POOL_TILE(ec_maxpool_f32_1x32__avx512, 2, EC_POOL_MAX)

EC_INLINE void ec_maxpool_f32_1x32__avx512(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                           int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(64) float acc[32];
  (void)w;
  ec_pool_f32(d, taps, npx, oc0, pad, e, epi, 32, acc, 0, ec_maxpool_f32_1x32__avx512_tile);
}

#endif
