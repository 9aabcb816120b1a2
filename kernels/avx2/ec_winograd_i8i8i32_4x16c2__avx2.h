/* SPDX-License-Identifier: 0BSD
 * Convolution 3 x 3, i8 times i8, in tiles of 4 x 4 outputs: products of 4 tiles x 16 output channels. Registers: 8
 * accumulators + 2 weights + 1 input + 1 product of 16. A step is 8 VPMADDWD, 8 VPADDD and 6 loads: 4 cycles where four
 * of them start per cycle, for 2 channels of what 4 outputs would take 9 steps for. */
#ifndef EC_WINOGRAD_I8I8I32_4X16C2__AVX2_H
#define EC_WINOGRAD_I8I8I32_4X16C2__AVX2_H

#include "ec_conv_i32__avx2.h"

#include "ec_winograd__avx2.h"

EC_WINOGRAD_KERNEL(ec_winograd_i8i8i32_4x16c2__avx2, 4, 2, EC_WORDS__AVX2, ec_winograd_input_i8)

#endif
