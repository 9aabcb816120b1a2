/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i16: 3 pixels x one vector of channels. */
#ifndef EC_DWCONV_U8I16I32_3XVL__RVV_H
#define EC_DWCONV_U8I16I32_3XVL__RVV_H

#include "ec_dwconv_i32__rvv.h"

EC_RVV_DWCONV_I32(ec_dwconv_u8i16i32_3xvl__rvv, u8, int16_t, i16)

#endif
