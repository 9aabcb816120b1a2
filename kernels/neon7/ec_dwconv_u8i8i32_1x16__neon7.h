/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i8: 1 pixel x 16 channels. Any weights. */
#ifndef EC_DWCONV_U8I8I32_1X16__NEON7_H
#define EC_DWCONV_U8I8I32_1X16__NEON7_H

#include "ec_dwconv_i32__neon7.h"

EC_N7_DEPTHWISE(ec_dwconv_u8i8i32_1x16__neon7, 1, EC_N7_TAPS1, 0x80)

#endif
