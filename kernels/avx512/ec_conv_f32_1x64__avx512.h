/* SPDX-License-Identifier: 0BSD
 * Convolution, float: 1 pixel x 64 output channels; a matrix times a vector, bound by the bandwidth of weights.
 *
 * Registers: 4 accumulators + 4 weights of 32, input in memory. A step is 4 FMA and 5 loads, 256 bytes of weights: 4
 * cycles, the latency of FMA; 7 from L2. */
#ifndef EC_CONV_F32_1X64__AVX512_H
#define EC_CONV_F32_1X64__AVX512_H

#include "ec_v__avx512.h"

#include "ec_conv_f32.h"

EC_CONV_TILES(ec_conv_f32_1x64__avx512, 1, 4)

EC_INLINE void ec_conv_f32_1x64__avx512(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                        int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(64) float acc[1 * 64];
  (void)pad;
  ec_conv_f32_whole(d, taps, npx, w, oc0, e, epi, 1, 64, acc, ec_conv_f32_1x64__avx512_tile,
                    ec_conv_f32_1x64__avx512_whole);
}

#endif
