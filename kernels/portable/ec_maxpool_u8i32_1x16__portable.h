/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of u8: channel by channel. A step is a comparison and 2 loads. */
#ifndef EC_MAXPOOL_U8I32_1X16__PORTABLE_H
#define EC_MAXPOOL_U8I32_1X16__PORTABLE_H

#include "ec_dwconv_i32__portable.h"

EC_MAXPOOL_I32_KERNEL(ec_maxpool_u8i32_1x16__portable, uint8_t, 0)

#endif
