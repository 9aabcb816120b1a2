/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, i8 by i16: 2 pixels x 16 channels. */
#ifndef EC_DWCONV_I8I16I32_2X16__NEON7_H
#define EC_DWCONV_I8I16I32_2X16__NEON7_H

#include "ec_dwconv_i32__neon7.h"

EC_N7_DEPTHWISE(ec_dwconv_i8i16i32_2x16__neon7, 2, EC_N7_TAPSL, 0)

#endif
