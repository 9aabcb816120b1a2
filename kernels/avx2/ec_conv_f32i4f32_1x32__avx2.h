/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels (matrix times vector), float with weights of 4 bits: 1 pixel x 32 output channels.
 *
 * Registers: 4 accumulators + 1 input + 4 weights + 2 constants of 16. A step is 4 FMA, 2 VPMOVSXBD, 6 instructions
 * that unpack and 4 VCVTDQ2PS: 5 cycles where four of them start per cycle. */
#ifndef EC_CONV_F32I4F32_1X32__AVX2_H
#define EC_CONV_F32I4F32_1X32__AVX2_H

#include "ec_v__avx2.h"

#include "ec_conv_f32.h"

EC_CONV_I4_TILES(ec_conv_f32i4f32_1x32__avx2, 1, 4)

EC_INLINE void ec_conv_f32i4f32_1x32__avx2(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                           int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(32) float acc[1 * 32];
  (void)pad;
  ec_conv_f32i4_whole(d, taps, npx, w, oc0, e, epi, 1, 32, acc, ec_conv_f32i4f32_1x32__avx2_tile,
                      ec_conv_f32i4f32_1x32__avx2_whole);
}

#endif
