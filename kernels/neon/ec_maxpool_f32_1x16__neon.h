/* SPDX-License-Identifier: 0BSD
 * Maximum pooling, float: 1 pixel x 16 channels. NaN propagates (FMAX).
 *
 * Registers: 4 accumulators + 4 x. A tap: 4 FMAX, 2 loads of two vectors, 1 of the address, 4 others: .6875
 * instructions for an element; 7 cycles on a Cortex-A72, 3 on a Neoverse-N1. */
#ifndef EC_MAXPOOL_F32_1X16__NEON_H
#define EC_MAXPOOL_F32_1X16__NEON_H

#include "ec_v__neon.h"

#include "ec_pool_f32.h"

EC_POOL_TILE(ec_maxpool_f32_1x16__neon, 4, EC_POOL_MAX)

EC_INLINE void ec_maxpool_f32_1x16__neon(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                         int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[16];
  (void)w;
  ec_pool_f32(d, taps, npx, oc0, pad, e, epi, 16, acc, 0, ec_maxpool_f32_1x16__neon_tile);
}

#endif
