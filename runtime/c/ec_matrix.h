/* SPDX-License-Identifier: 0BSD
 * What is computed of a whole matrix. */
#ifndef EC_MATRIX_H
#define EC_MATRIX_H

#include "ec_base.h"

/* *y = the determinant of the n x n matrix x, by elimination in its copy w, where the largest pivot of a column goes
 * up. */
#define EC_MATRIX_DET(suffix, type)                                                                                    \
  EC_INLINE void ec_det_##suffix(const unsigned char *x, ptrdiff_t x_row, ptrdiff_t x_step, unsigned char *y,          \
                                 unsigned char *w, ptrdiff_t w_row, ptrdiff_t w_step, ptrdiff_t n) {                   \
    type det = 1;                                                                                                      \
    for (ptrdiff_t i = 0; i < n; i++)                                                                                  \
      for (ptrdiff_t j = 0; j < n; j++) {                                                                              \
        ec_store_##suffix(w + i * w_row + j * w_step, ec_load_##suffix(x + i * x_row + j * x_step));                   \
      }                                                                                                                \
    for (ptrdiff_t k = 0; k < n; k++) {                                                                                \
      unsigned char *top = w + k * w_row, *best = top;                                                                 \
      type pivot = ec_load_##suffix(top + k * w_step);                                                                 \
      for (unsigned char *row = top + w_row; row < w + n * w_row; row += w_row) {                                      \
        const type v = ec_load_##suffix(row + k * w_step);                                                             \
        if ((v < 0 ? -v : v) > (pivot < 0 ? -pivot : pivot)) {                                                         \
          pivot = v;                                                                                                   \
          best = row;                                                                                                  \
        }                                                                                                              \
      }                                                                                                                \
      det = best == top ? det * pivot : -det * pivot;                                                                  \
      if (pivot >= 0 && pivot <= 0) {                                                                                  \
        break;                                                                                                         \
      }                                                                                                                \
      for (ptrdiff_t j = k; best != top && j < n; j++) {                                                               \
        const type v = ec_load_##suffix(best + j * w_step);                                                            \
        ec_store_##suffix(best + j * w_step, ec_load_##suffix(top + j * w_step));                                      \
        ec_store_##suffix(top + j * w_step, v);                                                                        \
      }                                                                                                                \
      for (unsigned char *row = top + w_row; row < w + n * w_row; row += w_row) {                                      \
        const type f = ec_load_##suffix(row + k * w_step) / pivot;                                                     \
        for (ptrdiff_t j = k + 1; j < n; j++)                                                                          \
          ec_store_##suffix(row + j * w_step,                                                                          \
                            ec_load_##suffix(row + j * w_step) - f * ec_load_##suffix(top + j * w_step));              \
      }                                                                                                                \
    }                                                                                                                  \
    ec_store_##suffix(y, det);                                                                                         \
  }

EC_MATRIX_DET(f32, float)
EC_MATRIX_DET(f64, double)

#endif
