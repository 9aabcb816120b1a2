/* SPDX-License-Identifier: 0BSD
 * Values of a tensor between its elements, at positions known only when the model runs. */
#ifndef EC_SAMPLE_H
#define EC_SAMPLE_H

#include <math.h>

#include "ec_base.h"

enum { EC_SAMPLE_NEAREST, EC_SAMPLE_LINEAR, EC_SAMPLE_CUBIC, EC_SAMPLE_PEAK };
enum { EC_OUTSIDE_ZERO, EC_OUTSIDE_EDGE, EC_OUTSIDE_REFLECT, EC_OUTSIDE_SYMMETRIC };

/* The element of 0..n-1 that stands for index i, or -1. */
EC_INLINE ptrdiff_t ec_sample_place(ptrdiff_t i, ptrdiff_t n, int outside) {
  ptrdiff_t period = outside == EC_OUTSIDE_SYMMETRIC ? 2 * n : n > 1 ? 2 * (n - 1) : 1;
  if (i >= 0 && i < n) {
    return i;
  }
  if (outside == EC_OUTSIDE_ZERO) {
    return -1;
  }
  if (outside == EC_OUTSIDE_EDGE) {
    return i < 0 ? 0 : n - 1;
  }
  i %= period;
  i = i < 0 ? i + period : i;
  return i < n ? i : outside == EC_OUTSIDE_SYMMETRIC ? period - 1 - i : period - i;
}

/* Indices and weights of the elements around a position of one axis. What is outside does not depend on how far, so
 * positions are kept within what an index can hold; NaN lies outside, too. */
#define EC_SAMPLE_FUNCTIONS(suffix, type, f)                                                                           \
  typedef struct {                                                                                                     \
    int count;                                                                                                         \
    ptrdiff_t index[4];                                                                                                \
    type weight[4];                                                                                                    \
  } ec_taps_##suffix;                                                                                                  \
                                                                                                                       \
  EC_INLINE type ec_cubic_near_##suffix(type d) { return ((type)1.25 * d - (type)2.25) * d * d + 1; }                  \
  EC_INLINE type ec_cubic_far_##suffix(type d) { return (((type) - 0.75 * d + (type)3.75) * d - 6) * d + 3; }          \
                                                                                                                       \
  EC_INLINE void ec_sample_taps_##suffix(ec_taps_##suffix *t, type p, ptrdiff_t n, int method, int outside) {          \
    const type at = p > (type) - 1e9 ? p < (type)1e9 ? p : (type)1e9 : (type) - 1e9;                                   \
    const type low = method == EC_SAMPLE_NEAREST ? rint##f(at) : floor##f(at), d = at - low;                           \
    const ptrdiff_t first = (ptrdiff_t)low - (method == EC_SAMPLE_CUBIC);                                              \
    t->count = method == EC_SAMPLE_NEAREST ? 1 : method == EC_SAMPLE_CUBIC ? 4 : 2;                                    \
    if (method == EC_SAMPLE_NEAREST) {                                                                                 \
      t->weight[0] = 1;                                                                                                \
    } else if (method == EC_SAMPLE_CUBIC) {                                                                            \
      t->weight[0] = ec_cubic_far_##suffix(d + 1);                                                                     \
      t->weight[1] = ec_cubic_near_##suffix(d);                                                                        \
      t->weight[2] = ec_cubic_near_##suffix(1 - d);                                                                    \
      t->weight[3] = ec_cubic_far_##suffix(2 - d);                                                                     \
    } else {                                                                                                           \
      t->weight[0] = 1 - d;                                                                                            \
      t->weight[1] = d;                                                                                                \
    }                                                                                                                  \
    for (int k = 0; k < t->count; k++) {                                                                               \
      t->index[k] = ec_sample_place(first + k, n, outside);                                                            \
    }                                                                                                                  \
  }                                                                                                                    \
                                                                                                                       \
  /* y[c] for all channels of x [c][n0][n1][n2] at position p, which has no coordinate for the first `missing` axes.   \
   */                                                                                                                  \
  EC_INLINE void ec_sample_##suffix(const unsigned char *x, ptrdiff_t xc, ptrdiff_t x0, ptrdiff_t x1, ptrdiff_t x2,    \
                                    const unsigned char *p, ptrdiff_t pa, unsigned char *y, ptrdiff_t yc,              \
                                    ptrdiff_t channels, ptrdiff_t n0, ptrdiff_t n1, ptrdiff_t n2, int missing,         \
                                    int method, int outside) {                                                         \
    const ptrdiff_t extents[3] = {n0, n1, n2};                                                                         \
    ec_taps_##suffix t[3];                                                                                             \
    for (int a = 0; a < 3; a++) {                                                                                      \
      if (a < missing) {                                                                                               \
        t[a].count = 1;                                                                                                \
        t[a].index[0] = 0;                                                                                             \
        t[a].weight[0] = 1;                                                                                            \
      } else {                                                                                                         \
        ec_sample_taps_##suffix(&t[a], ec_load_##suffix(p + (a - missing) * pa), extents[a], method, outside);         \
      }                                                                                                                \
    }                                                                                                                  \
    for (ptrdiff_t c = 0; c < channels; c++) {                                                                         \
      type total = method == EC_SAMPLE_PEAK ? (type) - INFINITY : 0;                                                   \
      for (int i = 0; i < t[0].count; i++)                                                                             \
        for (int j = 0; j < t[1].count; j++)                                                                           \
          for (int k = 0; k < t[2].count; k++) {                                                                       \
            const ptrdiff_t u = t[0].index[i], v = t[1].index[j], w = t[2].index[k];                                   \
            type term = 0;                                                                                             \
            if (u >= 0 && v >= 0 && w >= 0)                                                                            \
              term = ec_load_##suffix(x + c * xc + u * x0 + v * x1 + w * x2) *                                         \
                     (t[0].weight[i] * t[1].weight[j] * t[2].weight[k]);                                               \
            if (method == EC_SAMPLE_PEAK) {                                                                            \
              total = total >= term || total != total ? total : term;                                                  \
            } else {                                                                                                   \
              total += term;                                                                                           \
            }                                                                                                          \
          }                                                                                                            \
      ec_store_##suffix(y + c * yc, total);                                                                            \
    }                                                                                                                  \
  }

EC_SAMPLE_FUNCTIONS(f32, float, f)
EC_SAMPLE_FUNCTIONS(f64, double, )

#endif
