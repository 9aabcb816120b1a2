/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float: 2 pixels x 8 channels.
 *
 * Registers: 4 accumulators + 2 weights + 1 x of 8. A tap: 4 VFMA, 6 loads of vectors, 4 of addresses, 3 others: 17
 * instructions for 16 MAC (1.06). */
#ifndef EC_DWCONV_F32_2X8__MVE_H
#define EC_DWCONV_F32_2X8__MVE_H

#include "ec_v__mve.h"

#include "ec_dwconv_f32.h"

EC_DWCONV_TILES(ec_dwconv_f32_2x8__mve, 2, 2)

EC_INLINE void ec_dwconv_f32_2x8__mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                      int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[2 * 8];
  (void)pad;
  ec_dwconv_f32(d, taps, npx, w, oc0, e, epi, 2, 8, acc, ec_dwconv_f32_2x8__mve_tile);
}

#endif
