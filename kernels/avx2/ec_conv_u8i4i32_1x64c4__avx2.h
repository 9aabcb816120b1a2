/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels with AVX-VNNI, u8 by i4: 1 pixel x 64 output channels. Registers: 8
 * accumulators + 4 weights + 1 half + 1 input of 16. A step is 8 VPDPBUSD, 4 VPAND and 5 loads: 4 to 5 cycles. */
#ifndef EC_CONV_U8I4I32_1X64C4__AVX2_H
#define EC_CONV_U8I4I32_1X64C4__AVX2_H

#include "ec_conv_i32__avxvnni.h"

EC_DOT_NIBBLES(ec_conv_u8i4i32_1x64c4__avx2, 8, EC_U8I4__AVXVNNI, u8)

#endif
