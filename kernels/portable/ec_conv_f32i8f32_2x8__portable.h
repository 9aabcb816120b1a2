/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 2 pixels x 8 output channels.
 *
 * Registers: 16 accumulators + 8 weights + 1 input. A step is 16 multiply-adds, 10 loads and 8 conversions, which on
 * Cortex-M move to a register of the FPU before: 42 cycles of a core that starts one of them per cycle. */
#ifndef EC_CONV_F32I8F32_2X8__PORTABLE_H
#define EC_CONV_F32I8F32_2X8__PORTABLE_H

#include "ec_v__portable.h"

#include "ec_conv_f32.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_2x8__portable, 2, 8)

EC_INLINE void ec_conv_f32i8f32_2x8__portable(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                              int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[2 * 8];
  (void)pad;
  ec_conv_f32i8(d, taps, npx, w, oc0, e, epi, 2, 8, acc, ec_conv_f32i8f32_2x8__portable_tile);
}

#endif
