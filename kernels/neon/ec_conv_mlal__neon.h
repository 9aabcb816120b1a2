/* SPDX-License-Identifier: 0BSD
 * Words of ec_conv_i32__neon.h for weights of 16 bits: x is widened, 8 channels at a time, and multiplied by lane,
 * SMLAL v.4s, v.4h, v.h[lane]. */
#ifndef EC_CONV_MLAL__NEON_H
#define EC_CONV_MLAL__NEON_H

#include "ec_conv_i32__neon.h"

#define EC_MLAL_W_BYTES 2

#define EC_MLAL_WEIGHT(i, j, k, l) const int16x8_t w##j = vreinterpretq_s16_s8(ec_load_bytes__neon(w + 16 * (j)));
#define EC_MLAL_INPUT(i, nv) const int16x8_t v##i = vmovl_s8(veor_s8(ec_load_half__neon(x##i + k), vget_low_s8(flip)));
#define EC_MLAL_MAC(i, j, k, l)                                                                                        \
  a##i##_##k = vmlal_laneq_s16(a##i##_##k, vget_low_s16(w##j), v##i, lane);                                            \
  EC_NEON_PIN(a##i##_##k);                                                                                             \
  a##i##_##l = vmlal_high_laneq_s16(a##i##_##l, w##j, v##i, lane);                                                     \
  EC_NEON_PIN(a##i##_##l);
#define EC_MLAL_MACS(i, nv) EC_NEON_PAIRS_##nv(EC_MLAL_MAC, i)
#define EC_MLAL_LANE(index, mr, nv)                                                                                    \
  {                                                                                                                    \
    enum { lane = index };                                                                                             \
    EC_NEON_PAIRS_##nv(EC_MLAL_WEIGHT, 0) EC_ROWS_##mr(EC_MLAL_MACS, nv) w += 8 * (nv);                                \
    EC_NEON_AFTER(a0_0);                                                                                               \
  }
#define EC_MLAL_LAST(i, nv)                                                                                            \
  const int16x8_t v##i =                                                                                               \
      vmovl_s8(veor_s8(vreinterpret_s8_u8(vld1_dup_u8(x##i + k)), vget_low_s8(flip))); /* each lane */

#define EC_MLAL_STEPS(mr, nv)                                                                                          \
  for (; k + 8 <= ic; k += 8) {                                                                                        \
    EC_ROWS_##mr(EC_MLAL_INPUT, nv);                                                                                   \
    EC_MLAL_LANE(0, mr, nv);                                                                                           \
    EC_MLAL_LANE(1, mr, nv);                                                                                           \
    EC_MLAL_LANE(2, mr, nv);                                                                                           \
    EC_MLAL_LANE(3, mr, nv);                                                                                           \
    EC_MLAL_LANE(4, mr, nv);                                                                                           \
    EC_MLAL_LANE(5, mr, nv);                                                                                           \
    EC_MLAL_LANE(6, mr, nv);                                                                                           \
    EC_MLAL_LANE(7, mr, nv);                                                                                           \
  }                                                                                                                    \
  for (; k < ic; k++) {                                                                                                \
    EC_ROWS_##mr(EC_MLAL_LAST, nv);                                                                                    \
    EC_MLAL_LANE(0, mr, nv);                                                                                           \
  }

#endif
