/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float with weights of bytes: 4 pixels x 16 channels.
 *
 * Registers: 16 accumulators + 4 weights + 4…12 x of 32. A tap: 16 FMLA, 20 loads, 12 to make floats of bytes, about 50
 * instructions for 64 MAC (.78; bound .25). */
#ifndef EC_DWCONV_F32I8F32_4X16__NEON_H
#define EC_DWCONV_F32I8F32_4X16__NEON_H

#include "ec_v__neon.h"

#include "ec_dwconv_f32.h"

EC_DWCONV_I8_TILES(ec_dwconv_f32i8f32_4x16__neon, 4, 4)

EC_INLINE void ec_dwconv_f32i8f32_4x16__neon(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                             int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[4 * 16];
  (void)pad;
  ec_dwconv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 4, 16, acc, ec_dwconv_f32i8f32_4x16__neon_tile,
                        ec_dwconv_f32i8f32_4x16__neon_whole);
}

#endif
