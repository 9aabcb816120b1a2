/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, i8 by i4: 1 pixel x 4 output channels. A step is 8 multiply-adds,
 * 6 loads, 4 AND and 2 address steps. */
#ifndef EC_CONV_I8I4I32_1X4C2__PORTABLE_H
#define EC_CONV_I8I4I32_1X4C2__PORTABLE_H

#include "ec_conv_i32__portable.h"

EC_CONV_I32_NIBBLES(ec_conv_i8i4i32_1x4c2__portable, i8)

#endif
