/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 3 pixels x 2 output channels. A step of 96 products is 5 loads and 6 VMLADAVA. */
#ifndef EC_CONV_U8I8I32_3X2C16__MVE_H
#define EC_CONV_U8I8I32_3X2C16__MVE_H

#include "ec_conv_i32__mve.h"

EC_MVE_CONV(ec_conv_u8i8i32_3x2c16__mve, 1, "s8", EC_MVE_INPUT_U8)

#endif
