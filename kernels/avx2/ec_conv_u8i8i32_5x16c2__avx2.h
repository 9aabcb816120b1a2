/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 times i8, of many pixels: 5 pixels x 16 output channels. Registers: 10 accumulators + 2 weights + 1
 * input + 1 product of 16. A step is 10 VPMADDWD, 10 VPADDD and 7 loads: 5 cycles where four of them start per cycle.
 */
#ifndef EC_CONV_U8I8I32_5X16C2__AVX2_H
#define EC_CONV_U8I8I32_5X16C2__AVX2_H

#include "ec_conv_i32__avx2.h"

EC_PANEL_KERNEL(ec_conv_u8i8i32_5x16c2__avx2, 5, 2, EC_WORDS__AVX2, ec_widen_u8_, ec_widen_weights)

#endif
