/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 times i16: 2 pixels x 32 channels, two taps in a step. Registers: 8 accumulators + 4
 * weights + 2 inputs of 16. A step is 8 VPMADDWD, 8 VPADDD, 8 interleavings, 8 widenings and 20 loads: 8 cycles where
 * two shuffles start per cycle. */
#ifndef EC_DWCONV_U8I16I32_2X32C2__AVX2_H
#define EC_DWCONV_U8I16I32_2X32C2__AVX2_H

#include "ec_dwconv_i32__avx2.h"

EC_PAIRS_KERNEL(ec_dwconv_u8i16i32_2x32c2__avx2, 2, 4, EC_PAIRS_U8I16__AVX2)

#endif
