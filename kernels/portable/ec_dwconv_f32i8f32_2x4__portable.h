/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, float with weights of bytes: 2 pixels x 4 channels.
 *
 * Registers: 8 accumulators + 4 weights + 1 input. A tap is 8 multiply-adds, 14 loads and 4 conversions, which on
 * Cortex-M move to a register of the FPU before: 30 cycles of a core that starts one of them per cycle. */
#ifndef EC_DWCONV_F32I8F32_2X4__PORTABLE_H
#define EC_DWCONV_F32I8F32_2X4__PORTABLE_H

#include "ec_v__portable.h"

#include "ec_dwconv_f32.h"

EC_DWCONV_I8_TILES(ec_dwconv_f32i8f32_2x4__portable, 2, 4)

EC_INLINE void ec_dwconv_f32i8f32_2x4__portable(const ec_window *d, const void *const *taps, ptrdiff_t npx,
                                                const void *w, int32_t oc0, const void *pad, const ec_epilogue *e,
                                                ec_epi_f32 epi) {
  float acc[2 * 4];
  (void)pad;
  ec_dwconv_f32i8(d, taps, npx, w, oc0, e, epi, 2, 4, acc, ec_dwconv_f32i8f32_2x4__portable_tile);
}

#endif
