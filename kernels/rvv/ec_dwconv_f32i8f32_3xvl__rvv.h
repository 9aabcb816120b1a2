/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float with weights of bytes: 3 pixels x one vector (LMUL 4) of channels; weights [tap][c].
 *
 * Registers: those of ec_dwconv_f32_3xvl__rvv.h. A tap: 20 instructions for 3 vectors of MAC (.42 per MAC at VLEN 128).
 */
#ifndef EC_DWCONV_F32I8F32_3XVL__RVV_H
#define EC_DWCONV_F32I8F32_3XVL__RVV_H

#include "ec_dwconv_f32_3xvl__rvv.h"

EC_INLINE void ec_dwconv_f32i8f32_3xvl__rvv(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                            int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  (void)pad;
  ec_dwconv_block__rvv(1, d, taps, npx, w, oc0, e, epi);
}

#endif
