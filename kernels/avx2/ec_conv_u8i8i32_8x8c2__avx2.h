/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 times i8: 8 pixels x 8 output channels. Registers: 8 accumulators + 1 weight + 1 input + 1 product
 * of 16. A step is 8 VPMADDWD, 8 VPADDD, 1 VPMOVSXBW and 8 loads: 4.3 cycles where four of them start per cycle. */
#ifndef EC_CONV_U8I8I32_8X8C2__AVX2_H
#define EC_CONV_U8I8I32_8X8C2__AVX2_H

#include "ec_conv_i32__avx2.h"

EC_WIDE_KERNEL(ec_conv_u8i8i32_8x8c2__avx2, 8, 1, EC_BYTES__AVX2, ec_widen_u8_)

#endif
