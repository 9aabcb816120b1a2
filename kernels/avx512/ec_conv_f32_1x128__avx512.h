/* SPDX-License-Identifier: 0BSD
 * Convolution, float: 1 pixel x 128 output channels. */
#ifndef EC_CONV_F32_1X128__AVX512_H
#define EC_CONV_F32_1X128__AVX512_H

#include "ec_v__avx512.h"

#include "ec_conv_f32.h"

EC_CONV_TILES(ec_conv_f32_1x128__avx512, 1, 8)

EC_INLINE void ec_conv_f32_1x128__avx512(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                         int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  EC_ALIGNED(64) float acc[1 * 128];
  (void)pad;
  ec_conv_f32_whole(d, taps, npx, w, oc0, e, epi, 1, 128, acc, ec_conv_f32_1x128__avx512_tile,
                    ec_conv_f32_1x128__avx512_whole);
}

#endif
