/* SPDX-License-Identifier: 0BSD
 * Convolution, float: 2 pixels x 8 output channels.
 *
 * Registers: 16 accumulators + 8 weights + 1 input. A step is 16 multiply-adds and 10 loads: 26 cycles of a core that
 * starts one of them per cycle, 16 of one that pairs them (Cortex-M7). */
#ifndef EC_CONV_F32_2X8__PORTABLE_H
#define EC_CONV_F32_2X8__PORTABLE_H

#include "ec_v__portable.h"

#include "ec_conv_f32.h"

EC_CONV_TILES(ec_conv_f32_2x8__portable, 2, 8)

EC_INLINE void ec_conv_f32_2x8__portable(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                         int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[2 * 8];
  (void)pad;
  ec_conv_f32(d, taps, npx, w, oc0, e, epi, 2, 8, acc, ec_conv_f32_2x8__portable_tile);
}

#endif
