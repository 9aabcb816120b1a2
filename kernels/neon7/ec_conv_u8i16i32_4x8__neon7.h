/* SPDX-License-Identifier: 0BSD
 * Convolution, u8 by i16: 4 pixels x 8 output channels. */
#ifndef EC_CONV_U8I16I32_4X8__NEON7_H
#define EC_CONV_U8I16I32_4X8__NEON7_H

#include "ec_conv_mlal__neon7.h"

EC_N7_KERNEL(ec_conv_u8i16i32_4x8__neon7, 4, EC_N7_MLAL, 0x80)

#endif
