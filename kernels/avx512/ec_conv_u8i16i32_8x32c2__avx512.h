/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 times i16, as of weights that have a zero point: 8 pixels x 32 output channels. Registers: 16
 * accumulators + 2 weights + 1 input of 32. A step is 16 VPDPWSSD and 10 loads: 8 cycles, for half the channels of
 * bytes. */
#ifndef EC_CONV_U8I16I32_8X32C2__AVX512_H
#define EC_CONV_U8I16I32_8X32C2__AVX512_H

#include "ec_conv_i32__avx512.h"

EC_WIDE_KERNEL(ec_conv_u8i16i32_8x32c2__avx512, 8, 2, EC_WORDS__AVX512, ec_widen_u8_)

#endif
