/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of u8: one pixel x 16 channels. */
#ifndef EC_MAXPOOL_U8I32_1X16__NEON7_H
#define EC_MAXPOOL_U8I32_1X16__NEON7_H

#include "ec_maxpool_i32__neon7.h"

EC_N7_MAXPOOL(ec_maxpool_u8i32_1x16__neon7, uint8, uint16, uint32, u8, u16, u32)

#endif
