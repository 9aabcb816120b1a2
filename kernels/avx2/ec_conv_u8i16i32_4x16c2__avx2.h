/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 times i16, as of weights that have a zero point: 4 pixels x 16 output channels. Registers: 8
 * accumulators + 2 weights + 1 input + 1 product of 16. A step is 8 VPMADDWD, 8 VPADDD and 6 loads: 4 cycles where four
 * of them start per cycle. */
#ifndef EC_CONV_U8I16I32_4X16C2__AVX2_H
#define EC_CONV_U8I16I32_4X16C2__AVX2_H

#include "ec_conv_i32__avx2.h"

EC_WIDE_KERNEL(ec_conv_u8i16i32_4x16c2__avx2, 4, 2, EC_WORDS__AVX2, ec_widen_u8_)

#endif
