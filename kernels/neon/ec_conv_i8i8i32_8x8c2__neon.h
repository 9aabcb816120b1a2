/* SPDX-License-Identifier: 0BSD
 * Convolution, i8 by i8: 8 pixels x 8 output channels. Weights of -128 are refused. */
#ifndef EC_CONV_I8I8I32_8X8C2__NEON_H
#define EC_CONV_I8I8I32_8X8C2__NEON_H

#include "ec_conv_mull__neon.h"

EC_NEON_KERNEL(ec_conv_i8i8i32_8x8c2__neon, 8, 2, EC_MULL2, 0)

#endif
