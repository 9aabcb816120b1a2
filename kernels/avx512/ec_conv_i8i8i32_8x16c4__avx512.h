/* SPDX-License-Identifier: 0BSD
 * Convolution, i8 times i8: 8 pixels x 16 output channels. Registers: 8 accumulators + 1 weight + 1 input. A step is
 * 8 VPDPBUSD, 9 loads and 1 XOR for each pixel, which other ports take as a rule: 4.5 cycles. */
#ifndef EC_CONV_I8I8I32_8X16C4__AVX512_H
#define EC_CONV_I8I8I32_8X16C4__AVX512_H

#include "ec_conv_i32__avx512.h"

EC_DOT_KERNEL(ec_conv_i8i8i32_8x16c4__avx512, 8, 1, EC_I8I8__AVX512)

#endif
