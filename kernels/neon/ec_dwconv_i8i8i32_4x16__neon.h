/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, i8 by i8: 4 pixels x 16 channels. Weights of -128 are refused. */
#ifndef EC_DWCONV_I8I8I32_4X16__NEON_H
#define EC_DWCONV_I8I8I32_4X16__NEON_H

#include "ec_dwconv_i32__neon.h"

EC_DW_KERNEL(ec_dwconv_i8i8i32_4x16__neon, 4, EC_DW2, 0)

#endif
