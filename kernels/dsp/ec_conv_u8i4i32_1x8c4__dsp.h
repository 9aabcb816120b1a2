/* SPDX-License-Identifier: 0BSD
 * Convolution of few pixels, u8 by i4: 1 pixel x 8 output channels. A step of 32 products is
 * 16 SMLAD, 10 extensions, 8 AND and 5 loads. */
#ifndef EC_CONV_U8I4I32_1X8C4__DSP_H
#define EC_CONV_U8I4I32_1X8C4__DSP_H

#include "ec_conv_i32__dsp.h"

EC_DSP_NIBBLES(ec_conv_u8i4i32_1x8c4__dsp, u8)

#endif
