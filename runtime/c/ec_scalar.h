/* SPDX-License-Identifier: 0BSD
 * Scalar functions that generated loops use: one definition for each element type.
 *
 * Integers wrap around, a division by zero gives 0, a shift by the width or more 0. NaN of floats propagates. */
#ifndef EC_SCALAR_H
#define EC_SCALAR_H

#include <math.h>

#include "ec_base.h"
#include "ec_half.h"
#include "ec_rescale.h"

/* Arithmetic in `wide`, an unsigned type that int does not promote. */
#define EC_INTEGER(suffix, type, wide)                                                                                 \
  EC_INLINE type ec_min_##suffix(type a, type b) { return a < b ? a : b; }                                             \
  EC_INLINE type ec_max_##suffix(type a, type b) { return a > b ? a : b; }                                             \
  EC_INLINE type ec_add_##suffix(type a, type b) { return (type)((wide)a + (wide)b); }                                 \
  EC_INLINE type ec_sub_##suffix(type a, type b) { return (type)((wide)a - (wide)b); }                                 \
  EC_INLINE type ec_mul_##suffix(type a, type b) { return (type)((wide)a * (wide)b); }                                 \
  EC_INLINE type ec_neg_##suffix(type a) { return (type)((wide)0 - (wide)a); }

/* x to the power of n >= 0. */
#define EC_INTEGER_POWER(suffix, type, wide)                                                                           \
  EC_INLINE type ec_power_##suffix(type x, type n) {                                                                   \
    type result = 1;                                                                                                   \
    for (; n > 0; n = (type)(n / 2)) {                                                                                 \
      if (n % 2) {                                                                                                     \
        result = ec_mul_##suffix(result, x);                                                                           \
      }                                                                                                                \
      x = ec_mul_##suffix(x, x);                                                                                       \
    }                                                                                                                  \
    return result;                                                                                                     \
  }

/* Division is towards zero, a remainder has the sign of the dividend; the least number over -1 wraps around. A negative
 * power is the inverse of a positive one: 0 but for 1 and -1. */
#define EC_SIGNED(suffix, type, wide)                                                                                  \
  EC_INTEGER(suffix, type, wide)                                                                                       \
  EC_INTEGER_POWER(suffix, type, wide)                                                                                 \
  EC_INLINE type ec_abs_##suffix(type a) { return a < 0 ? ec_neg_##suffix(a) : a; }                                    \
  EC_INLINE type ec_div_##suffix(type a, type b) { return b == 0 ? 0 : b == -1 ? ec_neg_##suffix(a) : (type)(a / b); } \
  EC_INLINE type ec_rem_##suffix(type a, type b) { return b == 0 || b == -1 ? 0 : (type)(a % b); }                     \
  EC_INLINE type ec_pow_##suffix(type a, type b) {                                                                     \
    if (b < 0) {                                                                                                       \
      return a == 1 ? 1 : a == -1 ? (type)(b % 2 ? -1 : 1) : 0;                                                        \
    }                                                                                                                  \
    return ec_power_##suffix(a, b);                                                                                    \
  }

#define EC_UNSIGNED(suffix, type, wide, width)                                                                         \
  EC_INTEGER(suffix, type, wide)                                                                                       \
  EC_INTEGER_POWER(suffix, type, wide)                                                                                 \
  EC_INLINE type ec_abs_##suffix(type a) { return a; }                                                                 \
  EC_INLINE type ec_div_##suffix(type a, type b) { return b == 0 ? 0 : (type)(a / b); }                                \
  EC_INLINE type ec_rem_##suffix(type a, type b) { return b == 0 ? 0 : (type)(a % b); }                                \
  EC_INLINE type ec_pow_##suffix(type a, type b) { return ec_power_##suffix(a, b); }                                   \
  EC_INLINE type ec_shl_##suffix(type a, type b) { return b < width ? (type)((wide)a << b) : 0; }                      \
  EC_INLINE type ec_shr_##suffix(type a, type b) { return b < width ? (type)((wide)a >> b) : 0; }

EC_SIGNED(i8, int8_t, uint32_t)
EC_SIGNED(i16, int16_t, uint32_t)
EC_SIGNED(i32, int32_t, uint32_t)
EC_SIGNED(i64, int64_t, uint64_t)
EC_UNSIGNED(u8, uint8_t, uint32_t, 8)
EC_UNSIGNED(u16, uint16_t, uint32_t, 16)
EC_UNSIGNED(u32, uint32_t, uint32_t, 32)
EC_UNSIGNED(u64, uint64_t, uint64_t, 64)

/* The position that an index means: negative ones count from the end; -1 for what is out of range. */
EC_INLINE ptrdiff_t ec_position(int64_t i, ptrdiff_t extent) {
  const int64_t from_start = i < 0 ? i + (int64_t)extent : i;
  return from_start >= 0 && from_start < (int64_t)extent ? (ptrdiff_t)from_start : -1;
}

/* The same, kept within the table whatever the data says. */
EC_INLINE ptrdiff_t ec_index(int64_t i, ptrdiff_t extent) {
  const int64_t from_start = i < 0 ? i + (int64_t)extent : i;
  return from_start < 0 ? 0 : from_start < (int64_t)extent ? (ptrdiff_t)from_start : extent - 1;
}

/* A row index of a streamed step, kept within 0..rows. */
EC_INLINE int32_t ec_clip(int32_t row, int32_t rows) { return row < 0 ? 0 : row > rows ? rows : row; }

/* A comparison with NaN is false, so the first operand is kept where it is NaN. */
#define EC_FLOAT(suffix, type, f)                                                                                      \
  EC_INLINE type ec_min_##suffix(type a, type b) { return a < b || a != a ? a : b; }                                   \
  EC_INLINE type ec_max_##suffix(type a, type b) { return a > b || a != a ? a : b; }                                   \
  EC_INLINE type ec_abs_##suffix(type a) { return fabs##f(a); }                                                        \
  EC_INLINE type ec_rem_##suffix(type a, type b) { return fmod##f(a, b); }                                             \
  EC_INLINE type ec_sqrt_##suffix(type a) { return sqrt##f(a); }                                                       \
  EC_INLINE type ec_floor_##suffix(type a) { return floor##f(a); }                                                     \
  EC_INLINE type ec_ceil_##suffix(type a) { return ceil##f(a); }                                                       \
  EC_INLINE type ec_round_##suffix(type a) { return rint##f(a); }                                                      \
  EC_INLINE type ec_exp_##suffix(type a) { return exp##f(a); }                                                         \
  EC_INLINE type ec_log_##suffix(type a) { return log##f(a); }                                                         \
  EC_INLINE type ec_tanh_##suffix(type a) { return tanh##f(a); }                                                       \
  EC_INLINE type ec_sigmoid_##suffix(type a) { return (type)1 / ((type)1 + exp##f(-a)); }                              \
  EC_INLINE type ec_erf_##suffix(type a) { return erf##f(a); }                                                         \
  EC_INLINE type ec_pow_##suffix(type a, type b) { return pow##f(a, b); }                                              \
  EC_INLINE type ec_sin_##suffix(type a) { return sin##f(a); }                                                         \
  EC_INLINE type ec_cos_##suffix(type a) { return cos##f(a); }                                                         \
  EC_INLINE type ec_tan_##suffix(type a) { return tan##f(a); }                                                         \
  EC_INLINE type ec_asin_##suffix(type a) { return asin##f(a); }                                                       \
  EC_INLINE type ec_acos_##suffix(type a) { return acos##f(a); }                                                       \
  EC_INLINE type ec_atan_##suffix(type a) { return atan##f(a); }                                                       \
  EC_INLINE type ec_sinh_##suffix(type a) { return sinh##f(a); }                                                       \
  EC_INLINE type ec_cosh_##suffix(type a) { return cosh##f(a); }                                                       \
  EC_INLINE type ec_asinh_##suffix(type a) { return asinh##f(a); }                                                     \
  EC_INLINE type ec_acosh_##suffix(type a) { return acosh##f(a); }                                                     \
  EC_INLINE type ec_atanh_##suffix(type a) { return atanh##f(a); }

EC_FLOAT(f32, float, f)
EC_FLOAT(f64, double, )

/* Float to integer: towards zero, clamped to the range, NaN as 0. */
#define EC_FROM(suffix, type, low, high)                                                                               \
  EC_INLINE type ec_##suffix##_from_f32(float a) {                                                                     \
    return a != a ? 0 : a <= (float)(low) ? (low) : a >= (float)(high) ? (high) : (type)a;                             \
  }                                                                                                                    \
  EC_INLINE type ec_##suffix##_from_f64(double a) {                                                                    \
    return a != a ? 0 : a <= (double)(low) ? (low) : a >= (double)(high) ? (high) : (type)a;                           \
  }

EC_FROM(i8, int8_t, INT8_MIN, INT8_MAX)
EC_FROM(i16, int16_t, INT16_MIN, INT16_MAX)
EC_FROM(i32, int32_t, INT32_MIN, INT32_MAX)
EC_FROM(i64, int64_t, INT64_MIN, INT64_MAX)
EC_FROM(u8, uint8_t, 0, UINT8_MAX)
EC_FROM(u16, uint16_t, 0, UINT16_MAX)
EC_FROM(u32, uint32_t, 0, UINT32_MAX)
EC_FROM(u64, uint64_t, 0, UINT64_MAX)

/* The bits of one type read as another. */
#define EC_BITS(to, to_type, from, from_type)                                                                          \
  EC_INLINE to_type ec_bits_##to##_##from(from_type a) {                                                               \
    to_type b;                                                                                                         \
    memcpy(&b, &a, sizeof b);                                                                                          \
    return b;                                                                                                          \
  }

EC_BITS(u32, uint32_t, f32, float)
EC_BITS(f32, float, u32, uint32_t)
EC_BITS(u64, uint64_t, f64, double)
EC_BITS(f64, double, u64, uint64_t)
EC_INLINE uint16_t ec_bits_u16_f16(float a) { return ec_f16_from_f32(a); }
EC_INLINE float ec_bits_f16_u16(uint16_t a) { return ec_f32_from_f16(a); }
EC_INLINE uint16_t ec_bits_u16_bf16(float a) { return ec_bf16_from_f32(a); }
EC_INLINE float ec_bits_bf16_u16(uint16_t a) { return ec_f32_from_bf16(a); }

#endif
