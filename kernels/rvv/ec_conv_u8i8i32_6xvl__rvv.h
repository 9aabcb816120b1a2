/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 6 pixels x one vector of output channels. */
#ifndef EC_CONV_U8I8I32_6XVL__RVV_H
#define EC_CONV_U8I8I32_6XVL__RVV_H

#include "ec_conv_i32__rvv.h"

EC_RVV_CONV_I32(ec_conv_u8i8i32_6xvl__rvv, uint8_t, int8_t, i8)

#endif
