/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 8 pixels x 8 output channels; for few channels, where 6x16 would fill up
 * half a panel.
 *
 * Registers: 8 accumulators + 1 weight + 1 input of 16. A step is 8 FMA, 9 loads, 1 VPMOVSXBD and 1 VCVTDQ2PS: 4.5
 * cycles where two FMA and two loads start per cycle, the latency of FMA being 4. */
#ifndef EC_CONV_F32I8F32_8X8__AVX2_H
#define EC_CONV_F32I8F32_8X8__AVX2_H

#include "ec_v__avx2.h"

#include "ec_conv_f32.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_8x8__avx2, 8, 1)

EC_INLINE void ec_conv_f32i8f32_8x8__avx2(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                          int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(32) float acc[8 * 8];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 8, 8, acc, ec_conv_f32i8f32_8x8__avx2_tile,
                      ec_conv_f32i8f32_8x8__avx2_whole);
}

#endif
