/* SPDX-License-Identifier: 0BSD
 * Convolution, i8 by i8: 6 pixels x 16 output channels. */
#ifndef EC_CONV_I8I8I32_6X16C4__NEON_H
#define EC_CONV_I8I8I32_6X16C4__NEON_H

#include "ec_conv_dot__neon.h"

EC_NEON_KERNEL(ec_conv_i8i8i32_6x16c4__neon, 6, 4, EC_SDOT, 0)

#endif
