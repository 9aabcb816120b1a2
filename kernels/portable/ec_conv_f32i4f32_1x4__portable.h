/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels (matrix times vector), float with weights of 4 bits: 1 pixel x 4 output channels.
 *
 * Registers: 4 accumulators + 4 weights + 1 input. A step is 4 multiply-adds, 3 loads, 6 instructions that unpack and 4
 * conversions: 17 cycles. */
#ifndef EC_CONV_F32I4F32_1X4__PORTABLE_H
#define EC_CONV_F32I4F32_1X4__PORTABLE_H

#include "ec_v__portable.h"

#include "ec_conv_f32.h"

EC_CONV_I4_TILES(ec_conv_f32i4f32_1x4__portable, 1, 4)

EC_INLINE void ec_conv_f32i4f32_1x4__portable(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                              int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[1 * 4];
  (void)pad;
  ec_conv_f32i4(d, taps, npx, w, oc0, e, epi, 1, 4, acc, ec_conv_f32i4f32_1x4__portable_tile);
}

#endif
