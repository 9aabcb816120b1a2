/* SPDX-License-Identifier: 0BSD
 * Convolution, i8 by i16: 4 pixels x 16 output channels. */
#ifndef EC_CONV_I8I16I32_4X16__NEON_H
#define EC_CONV_I8I16I32_4X16__NEON_H

#include "ec_conv_mlal__neon.h"

EC_NEON_KERNEL(ec_conv_i8i16i32_4x16__neon, 4, 4, EC_MLAL, 0)

#endif
