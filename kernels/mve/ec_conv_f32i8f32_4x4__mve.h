/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 4 pixels x 4 output channels; for few channels, where 3x8 would fill up
 * half a panel.
 *
 * Registers: 4 accumulators + 1 weight of 8, 4 x of the core's. Four channels: 16 VFMA, 4 VLDRB that widen, 4 VCVT, 16
 * loads of x and addresses: about 52 instructions for 64 MAC (.81). */
#ifndef EC_CONV_F32I8F32_4X4__MVE_H
#define EC_CONV_F32I8F32_4X4__MVE_H

#include "ec_conv_f32__mve.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_4x4__mve, 4, 1)

EC_INLINE void ec_conv_f32i8f32_4x4__mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                         int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[4 * 4];
  (void)pad;
  ec_conv_f32i8(d, taps, npx, w, oc0, e, epi, 4, 4, acc, ec_conv_f32i8f32_4x4__mve_tile);
}

#endif
