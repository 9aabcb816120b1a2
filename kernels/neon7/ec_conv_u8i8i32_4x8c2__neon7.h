/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 4 pixels x 8 output channels. Any weights. */
#ifndef EC_CONV_U8I8I32_4X8C2__NEON7_H
#define EC_CONV_U8I8I32_4X8C2__NEON7_H

#include "ec_conv_i32__neon7.h"

EC_N7_KERNEL(ec_conv_u8i8i32_4x8c2__neon7, 4, EC_N7_MUL1, 0x80)

#endif
