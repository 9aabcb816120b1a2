/* SPDX-License-Identifier: 0BSD
 * Requantization: one definition for all targets, in 64-bit integers. */
#ifndef EC_RESCALE_H
#define EC_RESCALE_H

#include <math.h>

#include "ec_base.h"

/* The nearest integer to p 2^-s, the even one of two, clamped to its type; |p| < 2^62. Shifts of negative numbers keep
 * the sign, as gcc and clang have it. */
EC_INLINE int32_t ec_rounded_i64(int64_t p, int32_t s) {
  int64_t y;
  if (s > 0) {
    const int32_t right = s < 63 ? s : 63;
    y = (p + ((INT64_C(1) << (right - 1)) - 1) + ((p >> right) & 1)) >> right;
  } else {
    const int64_t limit = INT64_C(1) << 32;
    y = (p < -limit ? -limit : p > limit ? limit : p) * (INT64_C(1) << (s > -8 ? -s : 8));
  }
  return y < INT32_MIN ? INT32_MIN : y > INT32_MAX ? INT32_MAX : (int32_t)y;
}

/* The requantization of all targets: the nearest integer to a times scale, the even one of two, clamped to its type.
 * scale is a positive normal float, m 2^-s with 24 bits of m, and only its bits are read: |a m| < 2^55, so nothing is
 * lost. */
EC_INLINE int32_t ec_rescale_i32(int32_t a, float scale) {
  uint32_t bits;
  memcpy(&bits, &scale, sizeof bits);
  return ec_rounded_i64((int64_t)a * (int64_t)((bits & 0x7FFFFFu) | 0x800000u), 150 - (int32_t)(bits >> 23));
}

/* The same for a multiplier of 2^-s, 1 <= s <= 30, and abs(a) <= 2^31 - 2^s. */
EC_INLINE int32_t ec_round_shift_i32(int32_t a, int32_t s) { return (a + ((1 << (s - 1)) - 1) + ((a >> s) & 1)) >> s; }

/* The same where a is never halfway between two multiples of 2^s. */
EC_INLINE int32_t ec_shift_half_i32(int32_t a, int32_t s) { return (a + (1 << (s - 1))) >> s; }

/* The same where abs(a) < 2^29 or scale is a power of two, scale < 2^24 and the result is within i32: then doubles hold
 * the product, and adding 1.5 2^52 rounds it to an integer, whose bits are the last ones.
 * For cores of 32 bits: integers of 64 take more instructions. */
EC_INLINE int32_t ec_rescale_near_i32(int32_t a, float scale) {
#if defined(__arm__) && defined(__ARM_FP) && (__ARM_FP & 8)
  const double rounded = (double)a * (double)scale + 6755399441055744.0;
  uint64_t bits;
  memcpy(&bits, &rounded, sizeof bits);
  return (int32_t)(uint32_t)bits;
#else
  return ec_rescale_i32(a, scale);
#endif
}

/* The same where abs(a) <= 2^24 and the result is below 2^22: then a is a float, and a fused multiply-add rounds the
 * product just once, to the unit of 1.5 2^23, in whose last bits the result lies. */
#define EC_RESCALE_MAGIC 12582912.0F
#define EC_RESCALE_BITS  0x4B400000

EC_INLINE int32_t ec_rescale_small_i32(int32_t a, float scale) {
#if defined(__FP_FAST_FMAF)
  const float rounded = fmaf((float)a, scale, EC_RESCALE_MAGIC);
  int32_t bits;
  memcpy(&bits, &rounded, sizeof bits);
  return bits - EC_RESCALE_BITS;
#else
  return ec_rescale_near_i32(a, scale);
#endif
}

/* ec_rescale_i32 of sums that 32 bits do not hold: |a| < 2^38. */
EC_INLINE int32_t ec_rescale_i64(int64_t a, float scale) {
  uint32_t bits;
  memcpy(&bits, &scale, sizeof bits);
  return ec_rounded_i64(a * (int64_t)((bits & 0x7FFFFFu) | 0x800000u), 150 - (int32_t)(bits >> 23));
}

#endif
