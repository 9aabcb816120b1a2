/* SPDX-License-Identifier: 0BSD
 * Convolution with AVX-VNNI, u8 times i8: 8 pixels x 8 output channels. Registers: 8 accumulators + 1 weight + 1
 * input of 16. A step is 8 VPDPBUSD, 9 loads: 4 to 5 cycles. */
#ifndef EC_CONV_U8I8I32_8X8C4__AVX2_H
#define EC_CONV_U8I8I32_8X8C4__AVX2_H

#include "ec_conv_i32__avxvnni.h"

EC_DOT_KERNEL(ec_conv_u8i8i32_8x8c4__avx2, 8, 1, EC_U8I8__AVXVNNI)

#endif
