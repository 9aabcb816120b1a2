/* SPDX-License-Identifier: 0BSD
 * Maximum pooling, float: 1 pixel x 32 channels. NaN propagates.
 *
 * Registers: 4 accumulators + 4 inputs of 16. A tap is 4 x 3 operations, for NaN is sought apart, on 5 loads: 6 cycles
 * where two operations on floats start per cycle. */
#ifndef EC_MAXPOOL_F32_1X32__AVX2_H
#define EC_MAXPOOL_F32_1X32__AVX2_H

#include "ec_v__avx2.h"

#include "ec_pool_f32.h"

EC_POOL_TILE(ec_maxpool_f32_1x32__avx2, 4, EC_POOL_MAX)

EC_INLINE void ec_maxpool_f32_1x32__avx2(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                         int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(32) float acc[32];
  (void)w;
  ec_pool_f32(d, taps, npx, oc0, pad, e, epi, 32, acc, 0, ec_maxpool_f32_1x32__avx2_tile);
}

#endif
