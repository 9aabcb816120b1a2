/* SPDX-License-Identifier: 0BSD
 * Transposed copy, float: y[j][i] = x[i][j] for i < rows, j < columns; strides in bytes, columns of x and rows of y
 * adjacent.
 *
 * 8 x 8 in registers: 8 loads, 24 shuffles (one a cycle), 8 stores: 24 cycles for 64 elements. The rest runs as
 * scalars. */
#ifndef EC_TRANSPOSE_F32_H
#define EC_TRANSPOSE_F32_H

#include <immintrin.h>

#include "ec_base.h"

#ifndef __AVX__
#error "ec_transpose_f32 for AVX2 needs -mavx2"
#endif

EC_INLINE void ec_transpose_8x8(const unsigned char *x, ptrdiff_t x_stride, unsigned char *y, ptrdiff_t y_stride) {
#define EC_ROW(i)    _mm256_loadu_ps((const float *)(const void *)(x + (i) * x_stride))
#define EC_COLUMN(i) (float *)(void *)(y + (i) * y_stride)
  const __m256 r0 = EC_ROW(0), r1 = EC_ROW(1), r2 = EC_ROW(2), r3 = EC_ROW(3);
  const __m256 r4 = EC_ROW(4), r5 = EC_ROW(5), r6 = EC_ROW(6), r7 = EC_ROW(7);
  const __m256 a0 = _mm256_unpacklo_ps(r0, r1), a1 = _mm256_unpackhi_ps(r0, r1);
  const __m256 a2 = _mm256_unpacklo_ps(r2, r3), a3 = _mm256_unpackhi_ps(r2, r3);
  const __m256 a4 = _mm256_unpacklo_ps(r4, r5), a5 = _mm256_unpackhi_ps(r4, r5);
  const __m256 a6 = _mm256_unpacklo_ps(r6, r7), a7 = _mm256_unpackhi_ps(r6, r7);
  const __m256 b0 = _mm256_shuffle_ps(a0, a2, 0x44), b1 = _mm256_shuffle_ps(a0, a2, 0xEE);
  const __m256 b2 = _mm256_shuffle_ps(a1, a3, 0x44), b3 = _mm256_shuffle_ps(a1, a3, 0xEE);
  const __m256 b4 = _mm256_shuffle_ps(a4, a6, 0x44), b5 = _mm256_shuffle_ps(a4, a6, 0xEE);
  const __m256 b6 = _mm256_shuffle_ps(a5, a7, 0x44), b7 = _mm256_shuffle_ps(a5, a7, 0xEE);
  _mm256_storeu_ps(EC_COLUMN(0), _mm256_permute2f128_ps(b0, b4, 0x20));
  _mm256_storeu_ps(EC_COLUMN(1), _mm256_permute2f128_ps(b1, b5, 0x20));
  _mm256_storeu_ps(EC_COLUMN(2), _mm256_permute2f128_ps(b2, b6, 0x20));
  _mm256_storeu_ps(EC_COLUMN(3), _mm256_permute2f128_ps(b3, b7, 0x20));
  _mm256_storeu_ps(EC_COLUMN(4), _mm256_permute2f128_ps(b0, b4, 0x31));
  _mm256_storeu_ps(EC_COLUMN(5), _mm256_permute2f128_ps(b1, b5, 0x31));
  _mm256_storeu_ps(EC_COLUMN(6), _mm256_permute2f128_ps(b2, b6, 0x31));
  _mm256_storeu_ps(EC_COLUMN(7), _mm256_permute2f128_ps(b3, b7, 0x31));
#undef EC_ROW
#undef EC_COLUMN
}

EC_INLINE void ec_transpose_f32(const unsigned char *x, ptrdiff_t x_stride, unsigned char *y, ptrdiff_t y_stride,
                                ptrdiff_t rows, ptrdiff_t columns) {
  const ptrdiff_t whole_rows = rows & ~(ptrdiff_t)7, whole_columns = columns & ~(ptrdiff_t)7;
  for (ptrdiff_t j = 0; j < whole_columns; j += 8) {
    for (ptrdiff_t i = 0; i < whole_rows; i += 8) {
      ec_transpose_8x8(x + i * x_stride + j * 4, x_stride, y + j * y_stride + i * 4, y_stride);
    }
  }
  for (ptrdiff_t i = 0; i < rows; i++) {
    for (ptrdiff_t j = i < whole_rows ? whole_columns : 0; j < columns; j++) {
      ec_store_f32(y + j * y_stride + i * 4, ec_load_f32(x + i * x_stride + j * 4));
    }
  }
}

#endif
