/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 1 pixel x 32 output channels. */
#ifndef EC_CONV_U8I8I32_1X32C4__NEON_H
#define EC_CONV_U8I8I32_1X32C4__NEON_H

#include "ec_conv_dot__neon.h"

EC_NEON_KERNEL(ec_conv_u8i8i32_1x32c4__neon, 1, 8, EC_SDOT, 0x80)

#endif
