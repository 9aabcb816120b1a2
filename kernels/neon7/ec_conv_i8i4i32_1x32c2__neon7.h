/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, i8 by i4: 1 pixel x 32 output channels. */
#ifndef EC_CONV_I8I4I32_1X32C2__NEON7_H
#define EC_CONV_I8I4I32_1X32C2__NEON7_H

#include "ec_conv_i32__neon7.h"

EC_N7_NIBBLES(ec_conv_i8i4i32_1x32c2__neon7, 0, i8)

#endif
