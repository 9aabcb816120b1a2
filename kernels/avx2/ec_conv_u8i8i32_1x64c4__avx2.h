/* SPDX-License-Identifier: 0BSD
 * Convolution with AVX-VNNI, u8 times i8: 1 pixel x 64 output channels. Registers: 8 accumulators + 1 weight + 1
 * input of 16. A step is 8 VPDPBUSD and 9 loads: 4 to 5 cycles. */
#ifndef EC_CONV_U8I8I32_1X64C4__AVX2_H
#define EC_CONV_U8I8I32_1X64C4__AVX2_H

#include "ec_conv_i32__avxvnni.h"

EC_DOT_KERNEL(ec_conv_u8i8i32_1x64c4__avx2, 1, 8, EC_U8I8__AVXVNNI)

#endif
