/* SPDX-License-Identifier: 0BSD
 * Convolution with AVX-VNNI, i8 times i8: 8 pixels x 8 output channels. Registers: 8 accumulators + 1 weight + 1
 * input of 16. A step is 8 VPDPBUSD, 9 loads and 1 XOR for each pixel, which other ports take as a rule: 4 to 5 cycles.
 */
#ifndef EC_CONV_I8I8I32_8X8C4__AVX2_H
#define EC_CONV_I8I8I32_8X8C4__AVX2_H

#include "ec_conv_i32__avxvnni.h"

EC_DOT_KERNEL(ec_conv_i8i8i32_8x8c4__avx2, 8, 1, EC_I8I8__AVXVNNI)

#endif
