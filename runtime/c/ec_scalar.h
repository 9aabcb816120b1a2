/* SPDX-License-Identifier: 0BSD
 * Scalar functions that generated loops use: one definition for each element type, NaN propagating. */
#ifndef EC_SCALAR_H
#define EC_SCALAR_H

#include <math.h>

#include "ec_base.h"

#define EC_ORDER(suffix, type)                                                                                         \
  EC_INLINE type ec_min_##suffix(type a, type b) { return a < b ? a : b; }                                             \
  EC_INLINE type ec_max_##suffix(type a, type b) { return a > b ? a : b; }

EC_ORDER(i8, int8_t)
EC_ORDER(i16, int16_t)
EC_ORDER(i32, int32_t)
EC_ORDER(i64, int64_t)
EC_ORDER(u8, uint8_t)
EC_ORDER(u16, uint16_t)
EC_ORDER(u32, uint32_t)
EC_ORDER(u64, uint64_t)

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

EC_INLINE int8_t ec_abs_i8(int8_t a) { return (int8_t)(a < 0 ? -a : a); }
EC_INLINE int16_t ec_abs_i16(int16_t a) { return (int16_t)(a < 0 ? -a : a); }
EC_INLINE int32_t ec_abs_i32(int32_t a) { return a < 0 ? -a : a; }
EC_INLINE int64_t ec_abs_i64(int64_t a) { return a < 0 ? -a : a; }

/* A comparison with NaN is false, so the first operand is kept where it is NaN. */
#define EC_FLOAT(suffix, type, f)                                                                                      \
  EC_INLINE type ec_min_##suffix(type a, type b) { return a < b || a != a ? a : b; }                                   \
  EC_INLINE type ec_max_##suffix(type a, type b) { return a > b || a != a ? a : b; }                                   \
  EC_INLINE type ec_abs_##suffix(type a) { return fabs##f(a); }                                                        \
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
  EC_INLINE type ec_cos_##suffix(type a) { return cos##f(a); }

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

#endif
