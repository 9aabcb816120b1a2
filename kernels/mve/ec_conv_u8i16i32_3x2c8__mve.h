/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i16: 3 pixels x 2 output channels. A step of 48 products is 5 loads and 6 VMLADAVA. */
#ifndef EC_CONV_U8I16I32_3X2C8__MVE_H
#define EC_CONV_U8I16I32_3X2C8__MVE_H

#include "ec_conv_i32__mve.h"

EC_MVE_CONV(ec_conv_u8i16i32_3x2c8__mve, 2, "s16", EC_MVE_INPUT_U16)

#endif
