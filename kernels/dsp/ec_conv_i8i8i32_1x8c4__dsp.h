/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, i8 by i8: 1 pixel x 8 output channels. A step of 32 products is 16 SMLAD, 18 extensions
 * and 9 loads. */
#ifndef EC_CONV_I8I8I32_1X8C4__DSP_H
#define EC_CONV_I8I8I32_1X8C4__DSP_H

#include "ec_conv_i32__dsp.h"

EC_DSP_ROW_KERNEL(ec_conv_i8i8i32_1x8c4__dsp, i8)

#endif
