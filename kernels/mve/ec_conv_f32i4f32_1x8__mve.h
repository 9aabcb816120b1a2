/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels (matrix times vector), float with weights of 4 bits: 1 pixel x 8 output channels.
 *
 * Registers: 2 accumulators + 2 weights + 2 constants of 8. A step is 2 VFMA, a VLDRB that widens, VAND, VSUB, VSHR, 2
 * VCVT and a load of x. */
#ifndef EC_CONV_F32I4F32_1X8__MVE_H
#define EC_CONV_F32I4F32_1X8__MVE_H

#include "ec_conv_f32__mve.h"

EC_CONV_I4_TILES(ec_conv_f32i4f32_1x8__mve, 1, 2)

EC_INLINE void ec_conv_f32i4f32_1x8__mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                         int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[1 * 8];
  (void)pad;
  ec_conv_f32i4(d, taps, npx, w, oc0, e, epi, 1, 8, acc, ec_conv_f32i4f32_1x8__mve_tile);
}

#endif
