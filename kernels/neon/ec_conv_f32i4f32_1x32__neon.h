/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels (matrix times vector), float with weights of 4 bits: 1 pixel x 32 output channels.
 *
 * Registers: 8 accumulators + 1 x + 8 weights + 2 constants of 32. Of a channel, 2 loads of weights, 6 instructions
 * that unpack them, and what bytes take: 12 SXTL, 8 SCVTF and 8 FMLA. */
#ifndef EC_CONV_F32I4F32_1X32__NEON_H
#define EC_CONV_F32I4F32_1X32__NEON_H

#include "ec_conv_lanes__neon.h"

EC_CONV_I4_TILES(ec_conv_f32i4f32_1x32__neon, 1, 8)

EC_INLINE void ec_conv_f32i4f32_1x32__neon(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                           int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[1 * 32];
  (void)pad;
  ec_conv_f32i4_whole(d, taps, npx, w, oc0, e, epi, 1, 32, acc, ec_conv_f32i4f32_1x32__neon_tile,
                      ec_conv_f32i4f32_1x32__neon_whole);
}

#endif
