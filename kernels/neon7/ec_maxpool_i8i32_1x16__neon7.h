/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of i8: one pixel x 16 channels. */
#ifndef EC_MAXPOOL_I8I32_1X16__NEON7_H
#define EC_MAXPOOL_I8I32_1X16__NEON7_H

#include "ec_maxpool_i32__neon7.h"

EC_N7_MAXPOOL(ec_maxpool_i8i32_1x16__neon7, int8, int16, int32, s8, s16, s32)

#endif
