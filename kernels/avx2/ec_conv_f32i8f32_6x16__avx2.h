/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 6 pixels x 16 output channels.
 *
 * Registers: 12 accumulators + 2 weights + 1 input of 16. A step is 12 FMA, 8 loads, 2 VPMOVSXBD and 2 VCVTDQ2PS: 6
 * cycles where conversions have ports of their own (Zen), 7 where they share those of FMA (Skylake). */
#ifndef EC_CONV_F32I8F32_6X16__AVX2_H
#define EC_CONV_F32I8F32_6X16__AVX2_H

#include "ec_v__avx2.h"

#include "ec_conv_f32.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_6x16__avx2, 6, 2)

EC_INLINE void ec_conv_f32i8f32_6x16__avx2(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                           int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(32) float acc[6 * 16];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 6, 16, acc, ec_conv_f32i8f32_6x16__avx2_tile,
                      ec_conv_f32i8f32_6x16__avx2_whole);
}

#endif
