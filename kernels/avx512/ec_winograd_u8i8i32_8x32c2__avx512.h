/* SPDX-License-Identifier: 0BSD
 * Convolution 3 x 3, u8 times i8, in tiles of 4 x 4 outputs: products of 8 tiles x 32 output channels. Registers: 16
 * accumulators + 2 weights + 1 input of 32. A step is 16 VPDPWSSD and 10 loads: 8 cycles where two of them start per
 * cycle, for 2 channels of what 8 outputs would take 4.5 steps of bytes for. */
#ifndef EC_WINOGRAD_U8I8I32_8X32C2__AVX512_H
#define EC_WINOGRAD_U8I8I32_8X32C2__AVX512_H

#include "ec_conv_i32__avx512.h"

#include "ec_winograd__avx2.h"

EC_WINOGRAD_KERNEL(ec_winograd_u8i8i32_8x32c2__avx512, 8, 2, EC_WORDS__AVX512, ec_winograd_input_u8)

#endif
