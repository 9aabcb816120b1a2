/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 times i8: 2 pixels x 32 channels, two taps in a step. Registers: 8 accumulators + 4
 * weights + 2 inputs of 16. A step is 8 VPMADDWD, 8 VPADDD, 8 interleavings, 12 widenings and 20 loads: 10 cycles where
 * two shuffles start per cycle. */
#ifndef EC_DWCONV_U8I8I32_2X32C2__AVX2_H
#define EC_DWCONV_U8I8I32_2X32C2__AVX2_H

#include "ec_dwconv_i32__avx2.h"

EC_PAIRS_KERNEL(ec_dwconv_u8i8i32_2x32c2__avx2, 2, 4, EC_PAIRS_U8I8__AVX2)

#endif
