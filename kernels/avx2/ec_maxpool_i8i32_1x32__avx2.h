/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of i8: a pixel x 32 channels. A step is a maximum with a load. */
#ifndef EC_MAXPOOL_I8I32_1X32__AVX2_H
#define EC_MAXPOOL_I8I32_1X32__AVX2_H

#include "ec_maxpool_i32__avx2.h"

EC_MAXPOOL_KERNEL__AVX2(ec_maxpool_i8i32_1x32__avx2, epi8, cvtepi8, ec_vload_i8)

#endif
