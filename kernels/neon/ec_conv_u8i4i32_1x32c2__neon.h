/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, u8 by i4: 1 pixel x 32 output channels. Four channels take 4 loads of
 * weights, 8 instructions that unpack them and 24 that multiply and add. */
#ifndef EC_CONV_U8I4I32_1X32C2__NEON_H
#define EC_CONV_U8I4I32_1X32C2__NEON_H

#include "ec_conv_mull__neon.h"

EC_NEON_NIBBLES(ec_conv_u8i4i32_1x32c2__neon, 8, EC_MULL4, 0x80, 0, u8)

#endif
