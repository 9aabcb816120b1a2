/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of u8: a pixel x 32 channels. A step is a maximum with a load. */
#ifndef EC_MAXPOOL_U8I32_1X32__AVX2_H
#define EC_MAXPOOL_U8I32_1X32__AVX2_H

#include "ec_maxpool_i32__avx2.h"

EC_MAXPOOL_KERNEL__AVX2(ec_maxpool_u8i32_1x32__avx2, epu8, cvtepu8, ec_vload_u8)

#endif
