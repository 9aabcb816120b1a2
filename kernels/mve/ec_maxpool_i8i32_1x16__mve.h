/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of i8: one pixel x 16 channels. */
#ifndef EC_MAXPOOL_I8I32_1X16__MVE_H
#define EC_MAXPOOL_I8I32_1X16__MVE_H

#include "ec_maxpool_i32__mve.h"

EC_MAXPOOL_I32_KERNEL__MVE(ec_maxpool_i8i32_1x16__mve, int8, s8, i8)

#endif
