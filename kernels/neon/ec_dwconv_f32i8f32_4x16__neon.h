/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float with weights of bytes: 4 pixels x 16 channels; for windows three taps wide and stride 1
 * 4 pixels x 8 channels.
 *
 * A tap: 16 accumulators + 4 weights + 4…12 x; 16 FMLA, 20 loads, 8 SXTL, 4 SCVTF, 62 instructions for 64 MAC (.97).
 * Three taps that neighbours share: 8 accumulators + 6 weights + 6…12 x; 24 FMLA, 18 loads of vectors, 12 SXTL, 6
 * SCVTF, 76 instructions for 96 MAC (.79). Bound: .25. */
#ifndef EC_DWCONV_F32I8F32_4X16__NEON_H
#define EC_DWCONV_F32I8F32_4X16__NEON_H

#include "ec_v__neon.h"

#include "ec_dwconv3_f32.h"

EC_DWCONV_I8_TILES(ec_dwconv_f32i8f32_4x16__neon, 4, 4)
EC_DWCONV3_I8_TILE(ec_dwconv_f32i8f32_4x16__neon, 4, 2)

EC_INLINE void ec_dwconv_f32i8f32_4x16__neon(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                             int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[4 * 16];
  (void)pad;
  ec_dwconv3_f32i8(d, taps, npx, w, oc0, e, epi, 4, 16, acc, ec_dwconv_f32i8f32_4x16__neon_tile,
                   ec_dwconv_f32i8f32_4x16__neon_whole, 8, ec_dwconv_f32i8f32_4x16__neon_shared);
}

#endif
