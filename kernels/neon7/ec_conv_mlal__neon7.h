/* SPDX-License-Identifier: 0BSD
 * Words of ec_conv_i32__neon7.h for weights of 16 bits: x is widened, 8 channels at a time, and multiplied by lane,
 * VMLAL.S16 q, d, d[lane], where x must be in d0 … d7: 4 pixels. Registers: 2 mr sums, mr of x, 1 of weights; a step of
 * 8 channels, 64 mr MAC, is 8 + 19 mr instructions, with FLIP mr more; gcc copies x, 2 mr more. */
#ifndef EC_CONV_MLAL__NEON7_H
#define EC_CONV_MLAL__NEON7_H

#include "ec_conv_i32__neon7.h"

#define EC_N7_MLAL_W_BYTES 2

#define EC_N7_MLAL_WIDE(x) vmovl_s8(veor_s8(vreinterpret_s8_u8(x), flip))
#define EC_N7_MLAL_INPUT(i, half)                                                                                      \
  const int16x8_t v##i = EC_N7_MLAL_WIDE(vld1_u8(x##i));                                                               \
  int16x4_t low##i = vget_low_s16(v##i), high##i = vget_high_s16(v##i);                                                \
  EC_NEON7_LOW(low##i);                                                                                                \
  EC_NEON7_LOW(high##i);                                                                                               \
  x##i += 8;                                                                                                           \
  EC_NEON7_OWN(x##i);
#define EC_N7_MLAL_EACH(i, half)                                                                                       \
  const int16x4_t low##i = vget_low_s16(EC_N7_MLAL_WIDE(vld1_dup_u8(x##i)));                                           \
  x##i += 1;
#define EC_N7_MLAL_MAC(i, half)                                                                                        \
  a##i##_0 = vmlal_lane_s16(a##i##_0, vget_low_s16(v), half##i, lane);                                                 \
  a##i##_1 = vmlal_lane_s16(a##i##_1, vget_high_s16(v), half##i, lane);
#define EC_N7_MLAL_CHANNEL(mr, half, index)                                                                            \
  {                                                                                                                    \
    enum { lane = index };                                                                                             \
    const int16x8_t v = vreinterpretq_s16_s8(ec_neon7_bytes(w));                                                       \
    EC_ROWS_##mr(EC_N7_MLAL_MAC, half);                                                                                \
    EC_NEON7_AFTER(a0_0);                                                                                              \
    w += 16;                                                                                                           \
    EC_NEON7_OWN(w);                                                                                                   \
  }
#define EC_N7_MLAL_STEPS(mr)                                                                                           \
  for (; k >= 8; k -= 8) {                                                                                             \
    EC_ROWS_##mr(EC_N7_MLAL_INPUT, low);                                                                               \
    EC_N7_MLAL_CHANNEL(mr, low, 0);                                                                                    \
    EC_N7_MLAL_CHANNEL(mr, low, 1);                                                                                    \
    EC_N7_MLAL_CHANNEL(mr, low, 2);                                                                                    \
    EC_N7_MLAL_CHANNEL(mr, low, 3);                                                                                    \
    EC_N7_MLAL_CHANNEL(mr, high, 0);                                                                                   \
    EC_N7_MLAL_CHANNEL(mr, high, 1);                                                                                   \
    EC_N7_MLAL_CHANNEL(mr, high, 2);                                                                                   \
    EC_N7_MLAL_CHANNEL(mr, high, 3);                                                                                   \
  }                                                                                                                    \
  for (; k > 0; k--) {                                                                                                 \
    EC_ROWS_##mr(EC_N7_MLAL_EACH, low);                                                                                \
    EC_N7_MLAL_CHANNEL(mr, low, 0);                                                                                    \
  }

#endif
