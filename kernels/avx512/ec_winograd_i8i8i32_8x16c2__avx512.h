/* SPDX-License-Identifier: 0BSD
 * Convolution 3 x 3, i8 times i8, in tiles of 4 x 4 outputs: products of 8 tiles x 16 output channels. Registers: 8
 * accumulators + 1 weight + 1 input of 32. A step is 8 VPDPWSSD and 9 loads: 5 cycles where two of them start per
 * cycle, for 2 channels of what 8 outputs would take 4.5 steps of bytes for. */
#ifndef EC_WINOGRAD_I8I8I32_8X16C2__AVX512_H
#define EC_WINOGRAD_I8I8I32_8X16C2__AVX512_H

#include "ec_conv_i32__avx512.h"

#include "ec_winograd__avx2.h"

EC_WINOGRAD_KERNEL(ec_winograd_i8i8i32_8x16c2__avx512, 8, 1, EC_WORDS__AVX512, ec_winograd_input_i8)

#endif
