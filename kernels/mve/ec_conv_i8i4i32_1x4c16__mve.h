/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, i8 by i4: 1 pixel x 4 output channels. A step of 64 products is 3 loads, 2 VAND and 4
 * VMLADAVA. */
#ifndef EC_CONV_I8I4I32_1X4C16__MVE_H
#define EC_CONV_I8I4I32_1X4C16__MVE_H

#include "ec_conv_i32__mve.h"

EC_MVE_NIBBLES(ec_conv_i8i4i32_1x4c16__mve, EC_MVE_INPUT_I8, i8)

#endif
