/* SPDX-License-Identifier: 0BSD
 * Average pooling, float: 1 pixel x 32 channels.
 *
 * Registers: 4 accumulators of 16, inputs in memory. A tap is 4 additions and 5 loads: 2.5 cycles where two loads start
 * per cycle, but for the latency of additions, 4. */
#ifndef EC_AVGPOOL_F32_1X32__AVX2_H
#define EC_AVGPOOL_F32_1X32__AVX2_H

#include "ec_v__avx2.h"

#include "ec_pool_f32.h"

EC_POOL_TILE(ec_avgpool_f32_1x32__avx2, 4, EC_POOL_MEAN)

EC_INLINE void ec_avgpool_f32_1x32__avx2(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                         int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(32) float acc[32];
  (void)w;
  ec_pool_f32(d, taps, npx, oc0, pad, e, epi, 32, acc, 1, ec_avgpool_f32_1x32__avx2_tile);
}

#endif
