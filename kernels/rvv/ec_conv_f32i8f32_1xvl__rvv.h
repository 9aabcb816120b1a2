/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels (matrix times vector), float with weights of bytes: 1 pixel x 4 vectors (LMUL 4) of output
 * channels, the last ones by single vectors; weights [tap][ic][oc].
 *
 * Registers: those of ec_conv_f32_1xvl__rvv.h. A channel takes 8 instructions more than there, 23 for 4 vectors of MAC
 * (.36 per MAC at VLEN 128), and a quarter of the bytes. */
#ifndef EC_CONV_F32I8F32_1XVL__RVV_H
#define EC_CONV_F32I8F32_1XVL__RVV_H

#include "ec_conv_f32_1xvl__rvv.h"

EC_INLINE void ec_conv_f32i8f32_1xvl__rvv(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                          int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  (void)pad;
  ec_conv_pixels__rvv(1, d, taps, npx, w, oc0, e, epi);
}

#endif
