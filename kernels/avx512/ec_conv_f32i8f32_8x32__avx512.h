/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 8 pixels x 32 output channels. A tile of 12 pixels fills 32 registers and
 * is no faster, for its addresses do not fit in 16.
 *
 * Registers: 16 accumulators + 2 weights + 1 input of 32. A step is 16 FMA, 10 loads, 2 VPMOVSXBD and 2 VCVTDQ2PS: 10
 * cycles where conversions and shuffles share the two ports of FMA, 8 where they have their own. */
#ifndef EC_CONV_F32I8F32_8X32__AVX512_H
#define EC_CONV_F32I8F32_8X32__AVX512_H

#include "ec_v__avx512.h"

#include "ec_conv_f32.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_8x32__avx512, 8, 2)

EC_INLINE void ec_conv_f32i8f32_8x32__avx512(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                             int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(64) float acc[8 * 32];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 8, 32, acc, ec_conv_f32i8f32_8x32__avx512_tile,
                      ec_conv_f32i8f32_8x32__avx512_whole);
}

#endif
