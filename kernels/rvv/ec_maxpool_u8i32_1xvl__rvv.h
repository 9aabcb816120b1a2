/* SPDX-License-Identifier: 0BSD
 * Maximum pooling of u8: one pixel x one vector of channels. A tap is a VLE8, a maximum and an LD. */
#ifndef EC_MAXPOOL_U8I32_1XVL__RVV_H
#define EC_MAXPOOL_U8I32_1XVL__RVV_H

#include "ec_dwconv_i32__rvv.h"

EC_RVV_MAXPOOL_I32(ec_maxpool_u8i32_1xvl__rvv, u8, uint8_t, vuint8m1_t, __riscv_vmaxu_vv_u8m1)

#endif
