/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i8: channel by channel. A step is a multiply-add and 3 loads. */
#ifndef EC_DWCONV_U8I8I32_1X16__PORTABLE_H
#define EC_DWCONV_U8I8I32_1X16__PORTABLE_H

#include "ec_dwconv_i32__portable.h"

EC_DWCONV_I32_KERNEL(ec_dwconv_u8i8i32_1x16__portable, uint8_t, int8_t)

#endif
