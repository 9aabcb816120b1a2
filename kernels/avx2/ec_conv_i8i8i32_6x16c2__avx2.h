/* SPDX-License-Identifier: 0BSD
 * Convolution, i8 times i8: 6 pixels x 16 output channels. Registers: 12 accumulators + 2 weights + 1 input + 1
 * product of 16. A step is 12 VPMADDWD, 12 VPADDD, 2 VPMOVSXBW and 6 loads: 6.5 cycles where four of them start per
 * cycle. */
#ifndef EC_CONV_I8I8I32_6X16C2__AVX2_H
#define EC_CONV_I8I8I32_6X16C2__AVX2_H

#include "ec_conv_i32__avx2.h"

EC_WIDE_KERNEL(ec_conv_i8i8i32_6x16c2__avx2, 6, 2, EC_BYTES__AVX2, ec_widen_i8_)

#endif
