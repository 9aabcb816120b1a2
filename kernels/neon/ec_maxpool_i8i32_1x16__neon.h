/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of i8: one pixel x 16 channels. */
#ifndef EC_MAXPOOL_I8I32_1X16__NEON_H
#define EC_MAXPOOL_I8I32_1X16__NEON_H

#include "ec_maxpool_i32__neon.h"

EC_MAXPOOL_I32_KERNEL__NEON(ec_maxpool_i8i32_1x16__neon, int8, s8)

#endif
