/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels (matrix times vector), float with weights of bytes: 1 pixel x 32 output channels.
 *
 * Registers: 8 accumulators, as many as two FMLA pipes keep busy, + 1 x + 8 weights of 32. Four channels: 32 FMLA, 48
 * SXTL, 32 SCVTF, 10 loads, 4 others, 126 instructions for 128 MAC (.98; of floats .41) and a quarter of their bytes:
 * 56 cycles on two pipes, where 512 bytes of floats take more from memory. */
#ifndef EC_CONV_F32I8F32_1X32__NEON_H
#define EC_CONV_F32I8F32_1X32__NEON_H

#include "ec_conv_lanes__neon.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_1x32__neon, 1, 8)

EC_INLINE void ec_conv_f32i8f32_1x32__neon(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                           int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[1 * 32];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 1, 32, acc, ec_conv_f32i8f32_1x32__neon_tile,
                      ec_conv_f32i8f32_1x32__neon_whole);
}

#endif
