/* SPDX-License-Identifier: 0BSD
 * Convolution, float: 8 pixels x 16 output channels; for few channels, where 8x32 would fill up half a panel.
 *
 * Registers: 8 accumulators + 1 weight + 1 input of 32. A step is 8 FMA and 9 loads: 4.5 cycles where two FMA and two
 * loads start per cycle, the latency of FMA being 4. */
#ifndef EC_CONV_F32_8X16__AVX512_H
#define EC_CONV_F32_8X16__AVX512_H

#include "ec_v__avx512.h"

#include "ec_conv_f32.h"

EC_CONV_TILES(ec_conv_f32_8x16__avx512, 8, 1)

EC_INLINE void ec_conv_f32_8x16__avx512(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                        int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(64) float acc[8 * 16];
  (void)pad;
  ec_conv_f32_whole(d, taps, npx, w, oc0, e, epi, 8, 16, acc, ec_conv_f32_8x16__avx512_tile,
                    ec_conv_f32_8x16__avx512_whole);
}

#endif
