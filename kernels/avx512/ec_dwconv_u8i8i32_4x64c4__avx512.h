/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 times i8: 4 pixels, one after the other, x 64 channels, four taps in a step. A step of
 * one is 4 VPDPBUSD, 12 shuffles, 4 loads of inputs and 4 of weights: 6 cycles where two shuffles start per cycle. */
#ifndef EC_DWCONV_U8I8I32_4X64C4__AVX512_H
#define EC_DWCONV_U8I8I32_4X64C4__AVX512_H

#include "ec_dwconv_i32__avx512.h"

EC_DW_KERNEL__AVX512(ec_dwconv_u8i8i32_4x64c4__avx512, 4, 0)

#endif
