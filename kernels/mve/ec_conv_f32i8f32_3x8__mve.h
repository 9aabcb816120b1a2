/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 3 pixels x 8 output channels.
 *
 * Registers: 6 accumulators + 2 weights of 8, 3 x of the core's. Four channels: 24 VFMA, 8 VLDRB that widen, 8 VCVT, 12
 * loads of x, 12 others: 64 instructions for 96 MAC (.67; bound .25). */
#ifndef EC_CONV_F32I8F32_3X8__MVE_H
#define EC_CONV_F32I8F32_3X8__MVE_H

#include "ec_conv_f32__mve.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_3x8__mve, 3, 2)

EC_INLINE void ec_conv_f32i8f32_3x8__mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                         int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[3 * 8];
  (void)pad;
  ec_conv_f32i8(d, taps, npx, w, oc0, e, epi, 3, 8, acc, ec_conv_f32i8f32_3x8__mve_tile);
}

#endif
