/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 times i8: 1 pixel x 64 output channels. Registers: 8 accumulators + 1 weight + 1 input + 1 product
 * of 16. A step is 8 VPMADDWD, 8 VPADDD, 8 VPMOVSXBW and a load: 6 cycles where four of them start per cycle. */
#ifndef EC_CONV_U8I8I32_1X64C2__AVX2_H
#define EC_CONV_U8I8I32_1X64C2__AVX2_H

#include "ec_conv_i32__avx2.h"

EC_WIDE_KERNEL(ec_conv_u8i8i32_1x64c2__avx2, 1, 8, EC_BYTES__AVX2, ec_widen_u8_)

#endif
