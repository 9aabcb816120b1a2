/* SPDX-License-Identifier: 0BSD
 * Maximum pooling, float: 1 pixel x 4 channels. NaN propagates.
 *
 * Registers: 4 accumulators + 1 input. A tap is 5 loads and 4 x 2 comparisons: 13 cycles of a core that starts one of
 * them per cycle. */
#ifndef EC_MAXPOOL_F32_1X4__PORTABLE_H
#define EC_MAXPOOL_F32_1X4__PORTABLE_H

#include "ec_v__portable.h"

#include "ec_pool_f32.h"

EC_POOL_TILE(ec_maxpool_f32_1x4__portable, 4, EC_POOL_MAX)

EC_INLINE void ec_maxpool_f32_1x4__portable(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                            int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[4];
  (void)w;
  ec_pool_f32(d, taps, npx, oc0, pad, e, epi, 4, acc, 0, ec_maxpool_f32_1x4__portable_tile);
}

#endif
