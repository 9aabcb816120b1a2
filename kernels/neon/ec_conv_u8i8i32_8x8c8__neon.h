/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 8 pixels x 8 output channels. */
#ifndef EC_CONV_U8I8I32_8X8C8__NEON_H
#define EC_CONV_U8I8I32_8X8C8__NEON_H

#include "ec_conv_mmla__neon.h"

EC_MMLA_KERNEL(ec_conv_u8i8i32_8x8c8__neon, u8)

#endif
