/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of u8: one pixel x 16 channels. */
#ifndef EC_MAXPOOL_U8I32_1X16__NEON_H
#define EC_MAXPOOL_U8I32_1X16__NEON_H

#include "ec_maxpool_i32__neon.h"

EC_MAXPOOL_I32_KERNEL__NEON(ec_maxpool_u8i32_1x16__neon, uint8, u8)

#endif
