/* SPDX-License-Identifier: 0BSD
 * Transposed copy, float: y[j][i] = x[i][j] for i < rows, j < columns; strides in bytes, columns of x and rows of y
 * adjacent.
 *
 * Blocks of 16 x 16 keep both sides in L1; a step is one load and one store. */
#ifndef EC_TRANSPOSE_F32_H
#define EC_TRANSPOSE_F32_H

#include "ec_base.h"

EC_INLINE void ec_transpose_f32(const unsigned char *x, ptrdiff_t x_stride, unsigned char *y, ptrdiff_t y_stride,
                                ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t i0 = 0; i0 < rows; i0 += 16) {
    for (ptrdiff_t j0 = 0; j0 < columns; j0 += 16) {
      for (ptrdiff_t j = j0; j < j0 + 16 && j < columns; j++) {
        for (ptrdiff_t i = i0; i < i0 + 16 && i < rows; i++) {
          ec_store_f32(y + j * y_stride + i * 4, ec_load_f32(x + i * x_stride + j * 4));
        }
      }
    }
  }
}

#endif
