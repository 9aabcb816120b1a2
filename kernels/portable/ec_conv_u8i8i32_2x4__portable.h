/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 2 pixels x 4 output channels. A step is 8 multiply-adds, 6 loads and 4 address steps. */
#ifndef EC_CONV_U8I8I32_2X4__PORTABLE_H
#define EC_CONV_U8I8I32_2X4__PORTABLE_H

#include "ec_conv_i32__portable.h"

EC_CONV_I32_KERNEL(ec_conv_u8i8i32_2x4__portable, u8i8)

#endif
