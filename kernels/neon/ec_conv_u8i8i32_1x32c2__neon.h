/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 1 pixel x 32 output channels. Weights of -128 are refused. */
#ifndef EC_CONV_U8I8I32_1X32C2__NEON_H
#define EC_CONV_U8I8I32_1X32C2__NEON_H

#include "ec_conv_mull__neon.h"

EC_NEON_KERNEL(ec_conv_u8i8i32_1x32c2__neon, 1, 8, EC_MULL2, 0x80)

#endif
