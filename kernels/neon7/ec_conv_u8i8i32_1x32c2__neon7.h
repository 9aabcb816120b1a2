/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, u8 by i8: 1 pixel x 32 output channels. Weights of -128 are refused. */
#ifndef EC_CONV_U8I8I32_1X32C2__NEON7_H
#define EC_CONV_U8I8I32_1X32C2__NEON7_H

#include "ec_conv_i32__neon7.h"

EC_N7_ROW_KERNEL(ec_conv_u8i8i32_1x32c2__neon7, EC_N7_MUL2, 0x80)

#endif
