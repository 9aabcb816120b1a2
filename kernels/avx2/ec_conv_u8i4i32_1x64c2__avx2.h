/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, u8 by i4: 1 pixel x 64 output channels. Registers: 8 accumulators +
 * 4 weights + 1 input + 1 half + 1 product of 16. A step is 8 VPMADDWD, 8 VPADDD, 4 VPMOVSXBW, 4 VPAND and 2 for x: 6
 * cycles where four of them start per cycle. */
#ifndef EC_CONV_U8I4I32_1X64C2__AVX2_H
#define EC_CONV_U8I4I32_1X64C2__AVX2_H

#include "ec_conv_i32__avx2.h"

EC_DOT_NIBBLES(ec_conv_u8i4i32_1x64c2__avx2, 8, EC_U8I4__AVX2, u8)

#endif
