/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, i8 by i4: 1 pixel x 32 output channels. Four channels take 4 loads of
 * weights, 4 AND and 8 SDOT. */
#ifndef EC_CONV_I8I4I32_1X32C4__NEON_H
#define EC_CONV_I8I4I32_1X32C4__NEON_H

#include "ec_conv_dot__neon.h"

EC_NEON_NIBBLES(ec_conv_i8i4i32_1x32c4__neon, 8, EC_SDOT4, 0, 1, i8)

#endif
