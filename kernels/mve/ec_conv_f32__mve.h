/* SPDX-License-Identifier: 0BSD
 * Float convolution of Armv8.1-M: ec_conv_f32.h with inputs in registers of the core, which VFMA multiplies with all
 * lanes. Registers: mr * nv accumulators + nv weights of 8. Nothing is fetched ahead. */
#ifndef EC_CONV_F32__MVE_H
#define EC_CONV_F32__MVE_H

#include "ec_v__mve.h"

#include "ec_conv_f32.h"

#undef EC_TILE_FAR
#define EC_TILE_FAR(steps) 0

#undef EC_CONV_FMA
#define EC_CONV_FMA(i, j) a##i##_##j = vfmaq_n_f32(a##i##_##j, w##j, x);
#undef EC_CONV_STEP
#define EC_CONV_STEP(i, nv)                                                                                            \
  {                                                                                                                    \
    const float x = ec_load_f32(x##i + c);                                                                             \
    EC_VECTORS_##nv(EC_CONV_FMA, i);                                                                                   \
  }

#endif
