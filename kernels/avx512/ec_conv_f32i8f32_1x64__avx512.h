/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 1 pixel x 64 output channels; a matrix times a vector, bound by the
 * bandwidth of weights.
 *
 * Registers: 4 accumulators + 1 input + 4 weights of 32. A step is 4 FMA, 4 VPMOVSXBD, 4 VCVTDQ2PS and 64 bytes of
 * weights: 6 cycles where FMA, conversions and shuffles share two ports (Cascade Lake), 4 on Zen 5. */
#ifndef EC_CONV_F32I8F32_1X64__AVX512_H
#define EC_CONV_F32I8F32_1X64__AVX512_H

#include "ec_v__avx512.h"

#include "ec_conv_f32.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_1x64__avx512, 1, 4)

EC_INLINE void ec_conv_f32i8f32_1x64__avx512(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                             int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(64) float acc[1 * 64];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 1, 64, acc, ec_conv_f32i8f32_1x64__avx512_tile,
                      ec_conv_f32i8f32_1x64__avx512_whole);
}

#endif
