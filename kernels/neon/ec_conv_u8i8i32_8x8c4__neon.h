/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 8 pixels x 8 output channels. */
#ifndef EC_CONV_U8I8I32_8X8C4__NEON_H
#define EC_CONV_U8I8I32_8X8C4__NEON_H

#include "ec_conv_dot__neon.h"

EC_NEON_KERNEL(ec_conv_u8i8i32_8x8c4__neon, 8, 2, EC_SDOT, 0x80)

#endif
