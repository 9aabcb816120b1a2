/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, i8 by i4: 1 pixel x 64 output channels. Registers: 4 accumulators +
 * 4 weights + 1 input. A step is 4 VPDPBUSD, 2 VPAND, 3 loads: 4 cycles, for each waits for the one before it. */
#ifndef EC_CONV_I8I4I32_1X64C4__AVX512_H
#define EC_CONV_I8I4I32_1X64C4__AVX512_H

#include "ec_conv_i32__avx512.h"

EC_DOT_NIBBLES(ec_conv_i8i4i32_1x64c4__avx512, 4, EC_I8I4__AVX512, i8)

#endif
