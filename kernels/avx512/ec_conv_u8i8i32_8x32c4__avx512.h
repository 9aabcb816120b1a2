/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 times i8: 8 pixels x 32 output channels. Registers: 16 accumulators + 2 weights + 1 input of 32. A
 * step is 16 VPDPBUSD, 10 loads: 8 cycles where two of them start per cycle. */
#ifndef EC_CONV_U8I8I32_8X32C4__AVX512_H
#define EC_CONV_U8I8I32_8X32C4__AVX512_H

#include "ec_conv_i32__avx512.h"

EC_DOT_KERNEL(ec_conv_u8i8i32_8x32c4__avx512, 8, 2, EC_U8I8__AVX512)

#endif
