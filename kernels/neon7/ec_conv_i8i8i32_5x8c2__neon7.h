/* SPDX-License-Identifier: 0BSD
 * Convolution, i8 by i8: 5 pixels x 8 output channels. Weights of -128 are refused. */
#ifndef EC_CONV_I8I8I32_5X8C2__NEON7_H
#define EC_CONV_I8I8I32_5X8C2__NEON7_H

#include "ec_conv_i32__neon7.h"

EC_N7_KERNEL(ec_conv_i8i8i32_5x8c2__neon7, 5, EC_N7_MUL2, 0)

#endif
