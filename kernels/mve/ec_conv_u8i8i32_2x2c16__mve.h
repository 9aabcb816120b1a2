/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 2 pixels x 2 output channels. A step of 64 products is 4 loads and 4 VMLADAVA. */
#ifndef EC_CONV_U8I8I32_2X2C16__MVE_H
#define EC_CONV_U8I8I32_2X2C16__MVE_H

#include "ec_conv_i32__mve.h"

EC_INLINE void ec_conv_u8i8i32_2x2c16__mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                           int32_t oc0, const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {
  (void)pad;
  ec_conv_mve(d, taps, npx, w, oc0, e, epi, 0x80);
}

#endif
