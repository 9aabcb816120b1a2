/* SPDX-License-Identifier: 0BSD
 * Maximum pooling, float: 1 pixel x 16 channels. NaN propagates, which takes 4 instructions for a maximum.
 *
 * Registers: 4 accumulators + 2 of 8. A tap: 16 for maxima, 4 loads, 3 others: 23 instructions for 16 elements. */
#ifndef EC_MAXPOOL_F32_1X16__MVE_H
#define EC_MAXPOOL_F32_1X16__MVE_H

#include "ec_v__mve.h"

#include "ec_pool_f32.h"

EC_POOL_TILE(ec_maxpool_f32_1x16__mve, 4, EC_POOL_MAX)

EC_INLINE void ec_maxpool_f32_1x16__mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                        int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[16];
  (void)w;
  ec_pool_f32(d, taps, npx, oc0, pad, e, epi, 16, acc, 0, ec_maxpool_f32_1x16__mve_tile);
}

#endif
