/* SPDX-License-Identifier: 0BSD
 * Convolution, i8 by i8: 2 pixels x 2 output channels. A step of 64 products is 4 loads and 4 VMLADAVA. */
#ifndef EC_CONV_I8I8I32_2X2C16__MVE_H
#define EC_CONV_I8I8I32_2X2C16__MVE_H

#include "ec_conv_i32__mve.h"

EC_MVE_CONV(ec_conv_i8i8i32_2x2c16__mve, 1, "s8", EC_MVE_VECTOR_I8, "0")

#endif
