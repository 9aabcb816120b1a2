/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 8 pixels x 16 output channels; for few channels, where 8x32 would fill up
 * half a panel.
 *
 * Registers: 8 accumulators + 1 weight + 1 input of 32. A step is 8 FMA, 9 loads, 1 VPMOVSXBD and 1 VCVTDQ2PS: 5 cycles
 * where conversions and shuffles share the two ports of FMA. */
#ifndef EC_CONV_F32I8F32_8X16__AVX512_H
#define EC_CONV_F32I8F32_8X16__AVX512_H

#include "ec_v__avx512.h"

#include "ec_conv_f32.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_8x16__avx512, 8, 1)

EC_INLINE void ec_conv_f32i8f32_8x16__avx512(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                             int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(64) float acc[8 * 16];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 8, 16, acc, ec_conv_f32i8f32_8x16__avx512_tile,
                      ec_conv_f32i8f32_8x16__avx512_whole);
}

#endif
