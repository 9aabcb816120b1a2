/* SPDX-License-Identifier: 0BSD
 * Words of ec_conv_i32__neon.h for the dot product of ARMv8.2: SDOT by lane multiplies 4 channels of x by those of 4
 * output channels; 16 channels are loaded at a time. */
#ifndef EC_CONV_DOT__NEON_H
#define EC_CONV_DOT__NEON_H

#if !defined(__ARM_FEATURE_DOTPROD)
#error "this kernel needs the dot product: -march=armv8.2-a+dotprod"
#endif

#include "ec_conv_i32__neon.h"

#define EC_SDOT_W_BYTES 1

#define EC_SDOT_WEIGHT(i, j) const int8x16_t w##j = ec_load_bytes__neon(w + 16 * (j));
#define EC_SDOT_INPUT(i, nv) const int8x16_t v##i = veorq_s8(ec_load_bytes__neon(x##i + k), flip);
#define EC_SDOT_MAC(i, j)                                                                                              \
  a##i##_##j = vdotq_laneq_s32(a##i##_##j, w##j, v##i, lane);                                                          \
  EC_NEON_PIN(a##i##_##j);
#define EC_SDOT_MACS(i, nv) EC_VECTORS_##nv(EC_SDOT_MAC, i)
#define EC_SDOT_LANE(index, mr, nv)                                                                                    \
  {                                                                                                                    \
    enum { lane = index };                                                                                             \
    EC_VECTORS_##nv(EC_SDOT_WEIGHT, 0) EC_ROWS_##mr(EC_SDOT_MACS, nv) w += 16 * (nv);                                  \
  }
#define EC_SDOT_LAST(i, nv)                                                                                            \
  const int8x16_t v##i = veorq_s8(vreinterpretq_s8_s32(vld1q_dup_s32((const int32_t *)(const void *)(x##i + k))), flip);

#define EC_SDOT_STEPS(mr, nv)                                                                                          \
  for (; k + 16 <= ic; k += 16) {                                                                                      \
    EC_ROWS_##mr(EC_SDOT_INPUT, nv);                                                                                   \
    EC_SDOT_LANE(0, mr, nv);                                                                                           \
    EC_SDOT_LANE(1, mr, nv);                                                                                           \
    EC_SDOT_LANE(2, mr, nv);                                                                                           \
    EC_SDOT_LANE(3, mr, nv);                                                                                           \
  }                                                                                                                    \
  for (; k < ic; k += 4) {                                                                                             \
    EC_ROWS_##mr(EC_SDOT_LAST, nv);                                                                                    \
    EC_SDOT_LANE(0, mr, nv);                                                                                           \
  }

#endif
