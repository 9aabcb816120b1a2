/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 times i8: 1 pixel x 64 output channels. Registers: 4 accumulators + 4 weights + 1 input. A step is
 * 4 VPDPBUSD, 5 loads: 4 cycles, for each waits for the one before it. */
#ifndef EC_CONV_U8I8I32_1X64C4__AVX512_H
#define EC_CONV_U8I8I32_1X64C4__AVX512_H

#include "ec_conv_i32__avx512.h"

EC_DOT_KERNEL(ec_conv_u8i8i32_1x64c4__avx512, 1, 4, EC_U8I8__AVX512)

#endif
