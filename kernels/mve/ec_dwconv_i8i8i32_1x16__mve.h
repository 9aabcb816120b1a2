/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, i8 by i8: 1 pixel x 16 channels. A step is 4 loads, 4 multiplications and 4 additions. */
#ifndef EC_DWCONV_I8I8I32_1X16__MVE_H
#define EC_DWCONV_I8I8I32_1X16__MVE_H

#include "ec_dwconv_i32__mve.h"

EC_MVE_DEPTHWISE(ec_dwconv_i8i8i32_1x16__mve, i8, "s")

#endif
