/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 times i8: 4 pixels x 16 output channels. Registers: 8 accumulators + 2 weights + 1 input + 2
 * products of 16; gcc keeps one of 12 accumulators in memory, which costs more than larger tiles gain. A step is 8
 * VPMADDWD, 8 VPADDD, 2 VPMOVSXBW and 4 loads: 4.5 cycles where four of them start per cycle. */
#ifndef EC_CONV_U8I8I32_4X16C2__AVX2_H
#define EC_CONV_U8I8I32_4X16C2__AVX2_H

#include "ec_conv_i32__avx2.h"

EC_WIDE_KERNEL(ec_conv_u8i8i32_4x16c2__avx2, 4, 2, EC_BYTES__AVX2, ec_widen_u8_)

#endif
