/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i8: 1 pixel x 8 channels; 10 instructions for 8 products. */
#ifndef EC_DWCONV_U8I8I32_1X8__MVE_H
#define EC_DWCONV_U8I8I32_1X8__MVE_H

#include "ec_dwconv_i32__mve.h"

EC_MVE_EIGHT(ec_dwconv_u8i8i32_1x8__mve, u8)
EC_MVE_FEW(ec_dwconv_u8i8i32_1x8__mve, u8, i8, 0)
EC_MVE_DEPTHWISE(ec_dwconv_u8i8i32_1x8__mve, 8, 1)

#endif
