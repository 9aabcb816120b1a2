/* SPDX-License-Identifier: 0BSD
 * Convolution with AVX-VNNI, u8 times i8: 6 pixels x 16 output channels. Registers: 12 accumulators + 2 weights + 1
 * input of 16. A step is 12 VPDPBUSD, 8 loads: 6 cycles where two of them start per cycle. */
#ifndef EC_CONV_U8I8I32_6X16C4__AVX2_H
#define EC_CONV_U8I8I32_6X16C4__AVX2_H

#include "ec_conv_i32__avxvnni.h"

EC_DOT_KERNEL(ec_conv_u8i8i32_6x16c4__avx2, 6, 2, EC_U8I8__AVXVNNI)

#endif
