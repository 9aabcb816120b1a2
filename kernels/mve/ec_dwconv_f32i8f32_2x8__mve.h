/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float with weights of bytes: 2 pixels x 8 channels.
 *
 * Registers: 4 accumulators + 2 weights + 1 x of 8. A tap: 4 VFMA, 6 loads of vectors, 2 VCVT, 4 of addresses, 3
 * others: 19 instructions for 16 MAC (1.19). */
#ifndef EC_DWCONV_F32I8F32_2X8__MVE_H
#define EC_DWCONV_F32I8F32_2X8__MVE_H

#include "ec_v__mve.h"

#include "ec_dwconv_f32.h"

EC_DWCONV_I8_TILES(ec_dwconv_f32i8f32_2x8__mve, 2, 2)

EC_INLINE void ec_dwconv_f32i8f32_2x8__mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                           int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[2 * 8];
  (void)pad;
  ec_dwconv_f32i8(d, taps, npx, w, oc0, e, epi, 2, 8, acc, ec_dwconv_f32i8f32_2x8__mve_tile);
}

#endif
