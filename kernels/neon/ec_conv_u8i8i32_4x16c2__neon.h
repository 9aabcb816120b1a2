/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 4 pixels x 16 output channels. Weights of -128 are refused. */
#ifndef EC_CONV_U8I8I32_4X16C2__NEON_H
#define EC_CONV_U8I8I32_4X16C2__NEON_H

#include "ec_conv_mull__neon.h"

EC_NEON_KERNEL(ec_conv_u8i8i32_4x16c2__neon, 4, 4, EC_MULL2, 0x80)

#endif
