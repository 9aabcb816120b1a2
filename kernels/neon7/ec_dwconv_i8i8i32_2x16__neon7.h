/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, i8 by i8: 2 pixels x 16 channels. Weights of -128 are refused. */
#ifndef EC_DWCONV_I8I8I32_2X16__NEON7_H
#define EC_DWCONV_I8I8I32_2X16__NEON7_H

#include "ec_dwconv_i32__neon7.h"

EC_N7_DEPTHWISE(ec_dwconv_i8i8i32_2x16__neon7, 2, EC_N7_TAPS2, 0)

#endif
