/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, i8 by i8: 3 pixels x one vector of channels. */
#ifndef EC_DWCONV_I8I8I32_3XVL__RVV_H
#define EC_DWCONV_I8I8I32_3XVL__RVV_H

#include "ec_dwconv_i32__rvv.h"

EC_RVV_DWCONV_I32(ec_dwconv_i8i8i32_3xvl__rvv, i8, int8_t, i8)

#endif
