/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i8 above -128: 1 pixel x 16 channels; 25 instructions for 32 products. */
#ifndef EC_DWCONV_U8I8I32_1X16__MVE_H
#define EC_DWCONV_U8I8I32_1X16__MVE_H

#include "ec_dwconv_i32__mve.h"

EC_MVE_SIXTEEN(ec_dwconv_u8i8i32_1x16__mve, u8)
EC_MVE_EIGHT(ec_dwconv_u8i8i32_1x16__mve, flipped)
EC_MVE_FEW(ec_dwconv_u8i8i32_1x16__mve, u8, i8, -128)
EC_MVE_DEPTHWISE(ec_dwconv_u8i8i32_1x16__mve, 16, 1)

#endif
