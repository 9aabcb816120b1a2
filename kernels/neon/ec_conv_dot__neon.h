/* SPDX-License-Identifier: 0BSD
 * Words of ec_conv_i32__neon.h for the dot product of ARMv8.2: SDOT by lane multiplies 4 channels of x by those of 4
 * output channels; 16, 8 or 4 channels are loaded at a time.
 *
 * Registers of 6 pixels x 16 output channels: 24 sums, 6 inputs and a pair of weights of 32; 16 channels are 96 SDOT, 6
 * loads of x and 8 of pairs of weights. Of 8 x 8: 16 sums, 8 inputs and a pair; 64 SDOT, 8 and 4 loads. */
#ifndef EC_CONV_DOT__NEON_H
#define EC_CONV_DOT__NEON_H

#if !defined(__ARM_FEATURE_DOTPROD)
#error "this kernel needs the dot product: -march=armv8.2-a+dotprod"
#endif

#include "ec_conv_i32__neon.h"

#define EC_SDOT_W_BYTES 1

/* gcc moves accumulators about and spills some where it may choose their registers; an instruction that it does not
 * know stays in place and in order. */
#if defined(__GNUC__) && !defined(__clang__)
#define EC_SDOT__NEON(a, w, x, lane)                                                                                   \
  __asm__ volatile("sdot %0.4s, %1.16b, %2.4b[%3]" : "+w"(a) : "w"(w), "w"(x), "i"(lane))
#else
#define EC_SDOT__NEON(a, w, x, lane) a = vdotq_laneq_s32(a, w, x, lane)
#endif

#define EC_SDOT_INPUT(i, nv) const int8x16_t v##i = veorq_s8(ec_load_bytes__neon(x##i + k), flip);
#define EC_SDOT_MAC(i, j, w) EC_SDOT__NEON(a##i##_##j, w, v##i, lane);

/* Weights are loaded in pairs, each after the one before is used: registers for 24 sums, 6 inputs and a pair. */
#define EC_SDOT_PAIRS_2(X, mr) X(0, mr)
#define EC_SDOT_PAIRS_4(X, mr) X(0, mr) X(2, mr)
#define EC_SDOT_PAIRS_8(X, mr) EC_SDOT_PAIRS_4(X, mr) X(4, mr) X(6, mr)
#define EC_SDOT_MACS(i, j, k)  EC_SDOT_MAC(i, j, wj) EC_SDOT_MAC(i, k, wk)
#define EC_SDOT_MACS_0(i, nv)  EC_SDOT_MACS(i, 0, 1)
#define EC_SDOT_MACS_2(i, nv)  EC_SDOT_MACS(i, 2, 3)
#define EC_SDOT_MACS_4(i, nv)  EC_SDOT_MACS(i, 4, 5)
#define EC_SDOT_MACS_6(i, nv)  EC_SDOT_MACS(i, 6, 7)
#define EC_SDOT_PAIR(j, mr)                                                                                            \
  {                                                                                                                    \
    int8x16_t wj = ec_load_bytes__neon(w + 16 * (j)), wk = ec_load_bytes__neon(w + 16 * (j) + 16);                     \
    EC_NEON_PIN(wj);                                                                                                   \
    EC_NEON_AFTER(wk);                                                                                                 \
    EC_ROWS_##mr(EC_SDOT_MACS_##j, 0);                                                                                 \
  }
#define EC_SDOT_LANE(index, mr, nv)                                                                                    \
  {                                                                                                                    \
    enum { lane = index };                                                                                             \
    EC_SDOT_PAIRS_##nv(EC_SDOT_PAIR, mr) w += 16 * (nv);                                                               \
  }
#define EC_SDOT_HALF(i, nv)                                                                                            \
  const int8x16_t v##i = veorq_s8(vcombine_s8(ec_load_half__neon(x##i + k), vdup_n_s8(0)), flip);
#define EC_SDOT_LAST(i, nv)                                                                                            \
  const int8x16_t v##i = veorq_s8(vreinterpretq_s8_s32(vld1q_dup_s32((const int32_t *)(const void *)(x##i + k))), flip);

#define EC_SDOT_TAP(mr, nv, LANE)                                                                                      \
  for (; k + 16 <= ic; k += 16) {                                                                                      \
    EC_ROWS_##mr(EC_SDOT_INPUT, nv);                                                                                   \
    LANE(0, mr, nv);                                                                                                   \
    LANE(1, mr, nv);                                                                                                   \
    LANE(2, mr, nv);                                                                                                   \
    LANE(3, mr, nv);                                                                                                   \
  }                                                                                                                    \
  if (k < ic) {                                                                                                        \
    if (k + 8 <= ic) {                                                                                                 \
      EC_ROWS_##mr(EC_SDOT_HALF, nv);                                                                                  \
      LANE(0, mr, nv);                                                                                                 \
      LANE(1, mr, nv);                                                                                                 \
      k += 8;                                                                                                          \
    }                                                                                                                  \
    if (k < ic) {                                                                                                      \
      EC_ROWS_##mr(EC_SDOT_LAST, nv);                                                                                  \
      LANE(0, mr, nv);                                                                                                 \
    }                                                                                                                  \
  }

#define EC_SDOT_STEPS(mr, nv) EC_SDOT_TAP(mr, nv, EC_SDOT_LANE)

/* Weights of 4 bits, for one pixel x 8 vectors: of a pair of loads, vectors j and k as well as l and m. */
#define EC_SDOT4_PAIR(at, j, k, l, m)                                                                                  \
  {                                                                                                                    \
    int8x16_t wj = ec_load_bytes__neon(w + 16 * (at)), wk = ec_load_bytes__neon(w + 16 * (at) + 16);                   \
    EC_NEON_PIN(wj);                                                                                                   \
    EC_NEON_AFTER(wk);                                                                                                 \
    EC_SDOT_MACS(0, k, m)                                                                                              \
    wj = vandq_s8(wj, vdupq_n_s8(15)), wk = vandq_s8(wk, vdupq_n_s8(15));                                              \
    EC_SDOT_MACS(0, j, l)                                                                                              \
  }
#define EC_SDOT4_LANE(index, mr, nv)                                                                                   \
  {                                                                                                                    \
    enum { lane = index };                                                                                             \
    EC_SDOT4_PAIR(0, 0, 4, 1, 5) EC_SDOT4_PAIR(2, 2, 6, 3, 7) w += 8 * (nv);                                           \
  }
#define EC_SDOT4_STEPS(mr, nv) EC_SDOT_TAP(mr, nv, EC_SDOT4_LANE)

#endif
