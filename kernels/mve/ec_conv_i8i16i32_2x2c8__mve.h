/* SPDX-License-Identifier: 0BSD
 * Convolution, i8 by i16: 2 pixels x 2 output channels. A step of 32 products is 4 loads and 4 VMLADAVA. */
#ifndef EC_CONV_I8I16I32_2X2C8__MVE_H
#define EC_CONV_I8I16I32_2X2C8__MVE_H

#include "ec_conv_i32__mve.h"

EC_MVE_CONV(ec_conv_i8i16i32_2x2c8__mve, 2, "s16", EC_MVE_VECTOR_I16, "0")

#endif
