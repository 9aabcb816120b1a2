/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i16: 1 pixel x 4 channels at a time. A step is 2 loads, 1 multiplication and 1 addition.
 */
#ifndef EC_DWCONV_U8I16I32_1X16__MVE_H
#define EC_DWCONV_U8I16I32_1X16__MVE_H

#include "ec_dwconv_i32__mve.h"

EC_MVE_DEPTHWISE_WIDE(ec_dwconv_u8i16i32_1x16__mve, u8)

#endif
