/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i8: 4 pixels x 2 output channels. A step of 32 products is 16 SMLAD, 4 extensions and 8 loads. */
#ifndef EC_CONV_U8I8I32_4X2C4__DSP_H
#define EC_CONV_U8I8I32_4X2C4__DSP_H

#include "ec_conv_i32__dsp.h"

EC_DSP_KERNEL(ec_conv_u8i8i32_4x2c4__dsp, u8)

#endif
