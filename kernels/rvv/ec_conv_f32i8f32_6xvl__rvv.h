/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 6 pixels x one vector (LMUL 4) of output channels; weights [tap][ic][oc].
 *
 * Registers: those of ec_conv_f32_6xvl__rvv.h. Each vector of weights takes VSEXT and VFCVT more: 74 instructions for
 * 24 vectors of MAC (.19 per MAC at VLEN 128). */
#ifndef EC_CONV_F32I8F32_6XVL__RVV_H
#define EC_CONV_F32I8F32_6XVL__RVV_H

#include "ec_conv_f32_6xvl__rvv.h"

EC_INLINE void ec_conv_f32i8f32_6xvl__rvv(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                          int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  (void)pad;
  ec_conv_block__rvv(1, d, taps, npx, w, oc0, e, epi);
}

#endif
