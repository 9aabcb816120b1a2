/* SPDX-License-Identifier: 0BSD
 * Depthwise convolution, u8 by i8: 1 pixel x 16 channels. Four products are two loads, 4 extensions and 4 SMLA. */
#ifndef EC_DWCONV_U8I8I32_1X16__DSP_H
#define EC_DWCONV_U8I8I32_1X16__DSP_H

#include "ec_dwconv_i32__dsp.h"

EC_DSP_DEPTHWISE(ec_dwconv_u8i8i32_1x16__dsp, u8, uint8_t)

#endif
