/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of i8: one pixel x one vector of channels. A tap is a VLE8, a maximum and an LD. */
#ifndef EC_MAXPOOL_I8I32_1XVL__RVV_H
#define EC_MAXPOOL_I8I32_1XVL__RVV_H

#include "ec_dwconv_i32__rvv.h"

EC_RVV_MAXPOOL_I32(ec_maxpool_i8i32_1xvl__rvv, i8, int8_t, vint8m1_t, __riscv_vmax_vv_i8m1)

#endif
