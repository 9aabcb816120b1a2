/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 1 pixel x 64 output channels; a matrix times a vector, bound by the
 * bandwidth of weights.
 *
 * Registers: 8 accumulators + 8 weights of 16, input in memory. A step is 8 FMA and 9 loads, 256 bytes of weights:
 * 4.5 cycles from L1, 9 from L2. */
#ifndef EC_CONV_F32I8F32_1X64__AVX2_H
#define EC_CONV_F32I8F32_1X64__AVX2_H

#include "ec_v__avx2.h"

#include "ec_conv_f32.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_1x64__avx2, 1, 8)

EC_INLINE void ec_conv_f32i8f32_1x64__avx2(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                           int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(32) float acc[1 * 64];
  (void)pad;
  ec_conv_f32i8_whole(d, taps, npx, w, oc0, e, epi, 1, 64, acc, ec_conv_f32i8f32_1x64__avx2_tile,
                      ec_conv_f32i8f32_1x64__avx2_whole);
}

#endif
