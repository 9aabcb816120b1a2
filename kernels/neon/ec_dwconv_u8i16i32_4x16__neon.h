/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i16: 4 pixels x 16 channels.  */
#ifndef EC_DWCONV_U8I16I32_4X16__NEON_H
#define EC_DWCONV_U8I16I32_4X16__NEON_H

#include "ec_dwconv_i32__neon.h"

EC_DW_KERNEL(ec_dwconv_u8i16i32_4x16__neon, 4, EC_DWL, 0x80)

#endif
