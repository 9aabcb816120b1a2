/* SPDX-License-Identifier: 0BSD
 * Convolution, float with weights of bytes: 4 pixels x 4 output channels; for few channels, where 2x8 would fill up
 * half a panel.
 *
 * Registers: 16 accumulators + 4 weights + 1 input. A step is 16 multiply-adds, 8 loads and 4 conversions, which on
 * Cortex-M move to a register of the FPU before: 32 cycles of a core that starts one of them per cycle. */
#ifndef EC_CONV_F32I8F32_4X4__PORTABLE_H
#define EC_CONV_F32I8F32_4X4__PORTABLE_H

#include "ec_v__portable.h"

#include "ec_conv_f32.h"

EC_CONV_I8_TILES(ec_conv_f32i8f32_4x4__portable, 4, 4)

EC_INLINE void ec_conv_f32i8f32_4x4__portable(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                              int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_f32 epi) {
  float acc[4 * 4];
  (void)pad;
  ec_conv_f32i8(d, taps, npx, w, oc0, e, epi, 4, 4, acc, ec_conv_f32i8f32_4x4__portable_tile);
}

#endif
