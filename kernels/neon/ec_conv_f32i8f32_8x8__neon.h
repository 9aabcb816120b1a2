/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 8 pixels x 8 output channels.
 *
 * Registers: 16 accumulators + 8 x + 2 weights of 32. Four channels: 64 FMLA, 12 SXTL, 8 SCVTF, 8 + 2 loads, 4 others,
 * 98 instructions for 256 MAC (.38; bound .25). 84 cycles where one of them starts per cycle (Cortex-A72), 42 on two
 * pipes (Neoverse-N1). */
#ifndef EC_CONV_F32I8F32_8X8__NEON_H
#define EC_CONV_F32I8F32_8X8__NEON_H

#include "ec_conv_lanes__neon.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_8x8__neon, 8, 2)

EC_INLINE void ec_conv_f32i8f32_8x8__neon(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                          int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[8 * 8];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 8, 8, acc, ec_conv_f32i8f32_8x8__neon_tile,
                      ec_conv_f32i8f32_8x8__neon_whole);
}

#endif
