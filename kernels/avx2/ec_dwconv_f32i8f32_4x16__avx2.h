/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float with weights of bytes: 4 pixels x 16 channels.
 *
 * Registers: 8 accumulators + 2 weights of 16, inputs in memory. A tap is 8 FMA, 10 loads of vectors, 4 of addresses, 2
 * VPMOVSXBD and 2 VCVTDQ2PS: 7 cycles where two loads start per cycle. */
#ifndef EC_DWCONV_F32I8F32_4X16__AVX2_H
#define EC_DWCONV_F32I8F32_4X16__AVX2_H

#include "ec_v__avx2.h"

#include "ec_dwconv_f32.h"

EC_DWCONV_I8_TILES(ec_dwconv_f32i8f32_4x16__avx2, 4, 2)

EC_INLINE void ec_dwconv_f32i8f32_4x16__avx2(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                             int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(32) float acc[4 * 16];
  (void)pad;
  ec_dwconv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 4, 16, acc, ec_dwconv_f32i8f32_4x16__avx2_tile,
                        ec_dwconv_f32i8f32_4x16__avx2_whole);
}

#endif
