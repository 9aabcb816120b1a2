/* SPDX-License-Identifier: 0BSD
 * Convolution with few output channels, float with weights of bytes: 8 pixels x 4 output channels.
 *
 * Registers: 8 accumulators + 8 x + 1 weight of 32. Four channels: 32 FMLA, 8 SXTL, 4 SCVTF, 8 + 2 loads, 6 others, 60
 * instructions for 128 MAC (.47; bound .25). 44 cycles where one of them starts per cycle (Cortex-A72), 22 on two pipes
 * (Neoverse-N1). */
#ifndef EC_CONV_F32I8F32_8X4__NEON_H
#define EC_CONV_F32I8F32_8X4__NEON_H

#include "ec_conv_lanes__neon.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_8x4__neon, 8, 1)

EC_INLINE void ec_conv_f32i8f32_8x4__neon(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                          int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[8 * 4];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 8, 4, acc, ec_conv_f32i8f32_8x4__neon_tile,
                      ec_conv_f32i8f32_8x4__neon_whole);
}

#endif
