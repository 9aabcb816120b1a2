/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i8: 2 pixels x 16 channels. Any weights. */
#ifndef EC_DWCONV_U8I8I32_2X16__NEON_H
#define EC_DWCONV_U8I8I32_2X16__NEON_H

#include "ec_dwconv_i32__neon.h"

EC_DW_KERNEL(ec_dwconv_u8i8i32_2x16__neon, 2, EC_DW1, 0x80)

#endif
