/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of i8: a pixel x 64 channels. A step is a maximum with a load. */
#ifndef EC_MAXPOOL_I8I32_1X64__AVX512_H
#define EC_MAXPOOL_I8I32_1X64__AVX512_H

#include "ec_maxpool_i32__avx512.h"

EC_MAXPOOL_KERNEL__AVX512(ec_maxpool_i8i32_1x64__avx512, epi8, cvtepi8)

#endif
