/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, i8 by i16: 1 pixel x 4 channels; 8 instructions for 4 products. */
#ifndef EC_DWCONV_I8I16I32_1X4__MVE_H
#define EC_DWCONV_I8I16I32_1X4__MVE_H

#include "ec_dwconv_i32__mve.h"

EC_MVE_FEW(ec_dwconv_i8i16i32_1x4__mve, i8, i16, 0)
EC_MVE_DEPTHWISE(ec_dwconv_i8i16i32_1x4__mve, 4, 2)

#endif
