/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 6 pixels x 8 output channels. Any weights. */
#ifndef EC_CONV_U8I8I32_6X8C2__NEON_H
#define EC_CONV_U8I8I32_6X8C2__NEON_H

#include "ec_conv_mull__neon.h"

EC_NEON_KERNEL(ec_conv_u8i8i32_6x8c2__neon, 6, 2, EC_MULL1, 0x80)

#endif
