/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, i8 times i16, as of weights that have a zero point: 2 pixels x 32 channels, two taps in a
 * step. A step is 4 VPDPWSSD, 16 shuffles and 10 loads: 8 cycles where two shuffles start per cycle. */
#ifndef EC_DWCONV_I8I16I32_2X32C2__AVX512_H
#define EC_DWCONV_I8I16I32_2X32C2__AVX512_H

#include "ec_dwconv_i32__avx512.h"

EC_PAIRS_KERNEL(ec_dwconv_i8i16i32_2x32c2__avx512, 2, 2, EC_PAIRS_I8I16__AVX512)

#endif
