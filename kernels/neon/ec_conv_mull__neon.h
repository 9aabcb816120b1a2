/* SPDX-License-Identifier: 0BSD
 * Words of ec_conv_i32__neon.h for bytes without the dot product: SMULL multiplies pairs of channels, SADALP adds the
 * pairs up in i32.
 *
 * EC_MULL2 adds a second product in 16 bits (SMLAL) before: 3 instructions for 16 MAC. Two products of i8 fit unless
 * all four bytes are -128, so weights must be greater. EC_MULL1 takes all: 4 instructions. LD2R reads 4 channels and
 * repeats both pairs. EC_MULL4 is EC_MULL2 for weights of 4 bits, two vectors of which take an AND and a shift. */
#ifndef EC_CONV_MULL__NEON_H
#define EC_CONV_MULL__NEON_H

#include "ec_conv_i32__neon.h"

#define EC_MULL2_W_BYTES 1
#define EC_MULL1_W_BYTES 1

/* Both steps' weights of 8 output channels; steps are `step` bytes. */
#define EC_MULL_WEIGHT(i, j, k, l)                                                                                     \
  const int8x16_t v##j = ec_load_bytes__neon(w + 16 * (j)), w##j = ec_load_bytes__neon(w + step + 16 * (j));
#define EC_MULL4_WEIGHT(i, j, k, l)                                                                                    \
  const int8x16_t v##j = ec_mull_nibbles__neon(w, j, step / 16), w##j = ec_mull_nibbles__neon(w + step, j, step / 16);
/* Vector j of a step of weights of 4 bits, which lies in the low halves of `count` vectors of bytes, or in the high
 * ones. */
EC_INLINE int8x16_t ec_mull_nibbles__neon(const unsigned char *w, int j, int count) {
  const int8x16_t both = ec_load_bytes__neon(w + 16 * (j % count));
  return j < count ? vandq_s8(both, vdupq_n_s8(15)) : vshrq_n_s8(both, 4);
}

#define EC_MULL_INPUT(i)                                                                                               \
  const int16x8x2_t both = vld2q_dup_s16((const int16_t *)(const void *)x##i);                                         \
  const int8x16_t x = veorq_s8(vreinterpretq_s8_s16(both.val[0]), flip);                                               \
  const int8x16_t y = veorq_s8(vreinterpretq_s8_s16(both.val[1]), flip);                                               \
  x##i += 4;                                                                                                           \
  EC_NEON_OWN(x##i);
#define EC_MULL_ADD(a, product)                                                                                        \
  a = vpadalq_s16(a, product);                                                                                         \
  EC_NEON_PIN(a);

#define EC_MULL2_MAC(i, j, k, l)                                                                                       \
  EC_MULL_ADD(a##i##_##k, vmlal_s8(vmull_s8(vget_low_s8(v##j), vget_low_s8(x)), vget_low_s8(w##j), vget_low_s8(y)))    \
  EC_MULL_ADD(a##i##_##l, vmlal_high_s8(vmull_high_s8(v##j, x), w##j, y))
#define EC_MULL1_MAC(i, j, k, l)                                                                                       \
  EC_MULL_ADD(a##i##_##k, vmull_s8(vget_low_s8(v##j), vget_low_s8(x)))                                                 \
  EC_MULL_ADD(a##i##_##l, vmull_high_s8(v##j, x))                                                                      \
  EC_MULL_ADD(a##i##_##k, vmull_s8(vget_low_s8(w##j), vget_low_s8(y)))                                                 \
  EC_MULL_ADD(a##i##_##l, vmull_high_s8(w##j, y))
#define EC_MULL2_PIXEL(i, nv)                                                                                          \
  {                                                                                                                    \
    EC_MULL_INPUT(i)                                                                                                   \
    EC_NEON_PAIRS_##nv(EC_MULL2_MAC, i) EC_NEON_AFTER(a##i##_1);                                                       \
  }
#define EC_MULL1_PIXEL(i, nv)                                                                                          \
  {                                                                                                                    \
    EC_MULL_INPUT(i)                                                                                                   \
    EC_NEON_PAIRS_##nv(EC_MULL1_MAC, i) EC_NEON_AFTER(a##i##_1);                                                       \
  }

/* The last pair of channels. */
#define EC_MULL_LAST_WEIGHT(i, j, k, l)  const int8x16_t v##j = ec_load_bytes__neon(w + 16 * (j));
#define EC_MULL4_LAST_WEIGHT(i, j, k, l) const int8x16_t v##j = ec_mull_nibbles__neon(w, j, step / 16);
#define EC_MULL_LAST_MAC(i, j, k, l)                                                                                   \
  EC_MULL_ADD(a##i##_##k, vmull_s8(vget_low_s8(v##j), vget_low_s8(x)))                                                 \
  EC_MULL_ADD(a##i##_##l, vmull_high_s8(v##j, x))
#define EC_MULL_LAST_PIXEL(i, nv)                                                                                      \
  {                                                                                                                    \
    const int16x8_t pair = vld1q_dup_s16((const int16_t *)(const void *)x##i);                                         \
    const int8x16_t x = veorq_s8(vreinterpretq_s8_s16(pair), flip);                                                    \
    EC_NEON_PAIRS_##nv(EC_MULL_LAST_MAC, i)                                                                            \
  }

#define EC_MULL_STEPS(mr, nv, W, PIXEL)                                                                                \
  for (; k + 4 <= ic; k += 4, w += 2 * step) {                                                                         \
    EC_NEON_PAIRS_##nv(W##_WEIGHT, 0);                                                                                 \
    EC_ROWS_##mr(PIXEL, nv);                                                                                           \
  }                                                                                                                    \
  if (k < ic) {                                                                                                        \
    EC_NEON_PAIRS_##nv(W##_LAST_WEIGHT, 0);                                                                            \
    EC_ROWS_##mr(EC_MULL_LAST_PIXEL, nv);                                                                              \
    w += step;                                                                                                         \
  }
#define EC_MULL2_STEPS(mr, nv)                                                                                         \
  enum { step = 8 * (nv) };                                                                                            \
  EC_MULL_STEPS(mr, nv, EC_MULL, EC_MULL2_PIXEL)
#define EC_MULL1_STEPS(mr, nv)                                                                                         \
  enum { step = 8 * (nv) };                                                                                            \
  EC_MULL_STEPS(mr, nv, EC_MULL, EC_MULL1_PIXEL)
#define EC_MULL4_STEPS(mr, nv)                                                                                         \
  enum { step = 4 * (nv) };                                                                                            \
  EC_MULL_STEPS(mr, nv, EC_MULL4, EC_MULL2_PIXEL)

#endif
