/* SPDX-License-Identifier: 0BSD
 * What runs along the line of one axis: positions of extremes, running sums and products, the best few elements.
 *
 * A line is the address of its first element and a step in bytes, which may be negative. */
#ifndef EC_LINES_H
#define EC_LINES_H

#include "ec_base.h"

/* Every element type with the one in which it adds and multiplies: unsigned for integers, which wrap around. */
#define EC_FOR_INTEGERS(EACH)                                                                                          \
  EACH(i8, int8_t, uint32_t)                                                                                           \
  EACH(i16, int16_t, uint32_t)                                                                                         \
  EACH(i32, int32_t, uint32_t)                                                                                         \
  EACH(i64, int64_t, uint64_t)                                                                                         \
  EACH(u8, uint8_t, uint32_t)                                                                                          \
  EACH(u16, uint16_t, uint32_t)                                                                                        \
  EACH(u32, uint32_t, uint32_t)                                                                                        \
  EACH(u64, uint64_t, uint64_t)
#define EC_FOR_FLOATS(EACH)  EACH(f32, float, float) EACH(f64, double, double)
#define EC_FOR_NUMBERS(EACH) EC_FOR_INTEGERS(EACH) EC_FOR_FLOATS(EACH)

/* a > b and a < b where NaN wins both over every number, and a < b where NaN is the largest. */
#define EC_LINES_ORDER_INTEGER(suffix, type, wide)                                                                     \
  EC_INLINE int ec_above_##suffix(type a, type b) { return a > b; }                                                    \
  EC_INLINE int ec_below_##suffix(type a, type b) { return a < b; }                                                    \
  EC_INLINE int ec_under_##suffix(type a, type b) { return a < b; }
#define EC_LINES_ORDER_FLOAT(suffix, type, wide)                                                                       \
  EC_INLINE int ec_above_##suffix(type a, type b) { return a > b || (a != a && b == b); }                              \
  EC_INLINE int ec_below_##suffix(type a, type b) { return a < b || (a != a && b == b); }                              \
  EC_INLINE int ec_under_##suffix(type a, type b) { return ec_above_##suffix(b, a); }

EC_FOR_INTEGERS(EC_LINES_ORDER_INTEGER)
EC_FOR_FLOATS(EC_LINES_ORDER_FLOAT)

/* *y = the position of the extreme among n elements of x, the first of equals or the `last`. */
#define EC_LINES_ARG(name, suffix, type, wins)                                                                         \
  EC_INLINE void name(const unsigned char *x, ptrdiff_t x_step, unsigned char *y, ptrdiff_t n, int last) {             \
    type best = ec_load_##suffix(x);                                                                                   \
    ptrdiff_t at = 0;                                                                                                  \
    for (ptrdiff_t i = 1; i < n; i++) {                                                                                \
      const type v = ec_load_##suffix(x + i * x_step);                                                                 \
      if (wins(v, best) || (last && !wins(best, v))) {                                                                 \
        best = v;                                                                                                      \
        at = i;                                                                                                        \
      }                                                                                                                \
    }                                                                                                                  \
    ec_store_i64(y, at);                                                                                               \
  }

/* y[i] = x[0] op … op x[i], without x[i] if `exclusive`. */
#define EC_LINES_CUMULATE(name, suffix, type, wide, op, neutral)                                                       \
  EC_INLINE void name(const unsigned char *x, ptrdiff_t x_step, unsigned char *y, ptrdiff_t y_step, ptrdiff_t n,       \
                      int exclusive) {                                                                                 \
    type before = neutral;                                                                                             \
    for (ptrdiff_t i = 0; i < n; i++) {                                                                                \
      const type after = (type)((wide)before op(wide) ec_load_##suffix(x + i * x_step));                               \
      ec_store_##suffix(y + i * y_step, exclusive ? before : after);                                                   \
      before = after;                                                                                                  \
    }                                                                                                                  \
  }

/* The `count` best of n elements of x, best first, as values y and positions p; of equals the first.
 * While x is read, y and p are a heap of the best so far with the worst of them at its root; then it is sorted. */
#define EC_LINES_TOPK(name, suffix, type, wins)                                                                        \
  EC_INLINE int name##_wins(type a, int64_t i, type b, int64_t j) { return wins(a, b) || (!wins(b, a) && i < j); }     \
                                                                                                                       \
  /* Puts v, i into a heap of n whose root is free. */                                                                 \
  static EC_NOINLINE void name##_sift(unsigned char *y, ptrdiff_t y_step, unsigned char *p, ptrdiff_t p_step,          \
                                      ptrdiff_t root, ptrdiff_t n, type v, int64_t i) {                                \
    for (ptrdiff_t child = 2 * root + 1; child < n; root = child, child = 2 * root + 1) {                              \
      type w = ec_load_##suffix(y + child * y_step);                                                                   \
      int64_t j = ec_load_i64(p + child * p_step);                                                                     \
      if (child + 1 < n) {                                                                                             \
        const type other = ec_load_##suffix(y + (child + 1) * y_step);                                                 \
        const int64_t k = ec_load_i64(p + (child + 1) * p_step);                                                       \
        if (name##_wins(w, j, other, k)) {                                                                             \
          w = other;                                                                                                   \
          j = k;                                                                                                       \
          child++;                                                                                                     \
        }                                                                                                              \
      }                                                                                                                \
      if (!name##_wins(v, i, w, j)) {                                                                                  \
        break;                                                                                                         \
      }                                                                                                                \
      ec_store_##suffix(y + root * y_step, w);                                                                         \
      ec_store_i64(p + root * p_step, j);                                                                              \
    }                                                                                                                  \
    ec_store_##suffix(y + root * y_step, v);                                                                           \
    ec_store_i64(p + root * p_step, i);                                                                                \
  }                                                                                                                    \
                                                                                                                       \
  EC_INLINE void name(const unsigned char *x, ptrdiff_t x_step, unsigned char *y, ptrdiff_t y_step, unsigned char *p,  \
                      ptrdiff_t p_step, ptrdiff_t n, ptrdiff_t count) {                                                \
    for (ptrdiff_t i = count - 1; i >= 0; i--) {                                                                       \
      name##_sift(y, y_step, p, p_step, i, count, ec_load_##suffix(x + i * x_step), i);                                \
    }                                                                                                                  \
    for (ptrdiff_t i = count; i < n; i++) {                                                                            \
      const type v = ec_load_##suffix(x + i * x_step);                                                                 \
      if (wins(v, ec_load_##suffix(y))) {                                                                              \
        name##_sift(y, y_step, p, p_step, 0, count, v, i);                                                             \
      }                                                                                                                \
    }                                                                                                                  \
    for (ptrdiff_t rest = count - 1; rest > 0; rest--) {                                                               \
      const type v = ec_load_##suffix(y + rest * y_step);                                                              \
      const int64_t i = ec_load_i64(p + rest * p_step);                                                                \
      ec_store_##suffix(y + rest * y_step, ec_load_##suffix(y));                                                       \
      ec_store_i64(p + rest * p_step, ec_load_i64(p));                                                                 \
      name##_sift(y, y_step, p, p_step, 0, rest, v, i);                                                                \
    }                                                                                                                  \
  }

#define EC_LINES_FUNCTIONS(suffix, type, wide)                                                                         \
  EC_LINES_ARG(ec_argmax_##suffix, suffix, type, ec_above_##suffix)                                                    \
  EC_LINES_ARG(ec_argmin_##suffix, suffix, type, ec_below_##suffix)                                                    \
  EC_LINES_CUMULATE(ec_cumadd_##suffix, suffix, type, wide, +, 0)                                                      \
  EC_LINES_CUMULATE(ec_cummul_##suffix, suffix, type, wide, *, 1)                                                      \
  EC_LINES_TOPK(ec_topmax_##suffix, suffix, type, ec_above_##suffix)                                                   \
  EC_LINES_TOPK(ec_topmin_##suffix, suffix, type, ec_under_##suffix)

EC_FOR_NUMBERS(EC_LINES_FUNCTIONS)

#endif
