/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float: 4 pixels x 16 channels; for windows three taps wide and stride 1 4 pixels x 8 channels.
 *
 * A tap: 16 accumulators + 4 weights + 4…12 x; 16 FMLA, 20 loads, 38 instructions for 64 MAC (.59), 24 cycles where one
 * load starts per cycle (Cortex-A72), 12 on Neoverse-N1. Three taps that neighbours share: 8 accumulators + 6 weights +
 * 6…12 x; 24 FMLA, 18 loads of vectors, 52 instructions for 96 MAC (.54), 27 and 12 cycles. Bound: .25. */
#ifndef EC_DWCONV_F32_4X16__NEON_H
#define EC_DWCONV_F32_4X16__NEON_H

#include "ec_v__neon.h"

#include "ec_dwconv3_f32.h"

EC_DWCONV_TILES(ec_dwconv_f32_4x16__neon, 4, 4)
EC_DWCONV3_TILE(ec_dwconv_f32_4x16__neon, 4, 2)

EC_INLINE void ec_dwconv_f32_4x16__neon(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                        int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[4 * 16];
  (void)pad;
  ec_dwconv3_f32(d, taps, npx, w, oc0, e, epi, 4, 16, acc, ec_dwconv_f32_4x16__neon_tile,
                 ec_dwconv_f32_4x16__neon_whole, 8, ec_dwconv_f32_4x16__neon_shared);
}

#endif
