/* SPDX-License-Identifier: 0BSD
 * Transposed copy, bytes: y[j][i] = x[i][j] for i < rows, j < columns; strides in bytes, columns of x and rows of y
 * adjacent.
 *
 * 16 x 8 in registers: 16 loads of 8 bytes, 28 shuffles (two a cycle), 8 stores of 16: 16 cycles for 128 bytes. The
 * rest runs byte by byte. */
#ifndef EC_TRANSPOSE_U8_H
#define EC_TRANSPOSE_U8_H

#include <immintrin.h>

#include "ec_base.h"

EC_INLINE void ec_transpose_16x8_u8(const unsigned char *x, ptrdiff_t x_stride, unsigned char *y, ptrdiff_t y_stride) {
#define EC_ROW(i)  _mm_loadl_epi64((const __m128i *)(const void *)(x + (i) * x_stride))
#define EC_PAIR(i) _mm_unpacklo_epi8(EC_ROW(i), EC_ROW((i) + 1))
  const __m128i a0 = EC_PAIR(0), a1 = EC_PAIR(2), a2 = EC_PAIR(4), a3 = EC_PAIR(6);
  const __m128i a4 = EC_PAIR(8), a5 = EC_PAIR(10), a6 = EC_PAIR(12), a7 = EC_PAIR(14);
  const __m128i b0 = _mm_unpacklo_epi16(a0, a1), b1 = _mm_unpackhi_epi16(a0, a1);
  const __m128i b2 = _mm_unpacklo_epi16(a2, a3), b3 = _mm_unpackhi_epi16(a2, a3);
  const __m128i b4 = _mm_unpacklo_epi16(a4, a5), b5 = _mm_unpackhi_epi16(a4, a5);
  const __m128i b6 = _mm_unpacklo_epi16(a6, a7), b7 = _mm_unpackhi_epi16(a6, a7);
#define EC_COLUMN(i, v) _mm_storeu_si128((__m128i *)(void *)(y + (i) * y_stride), v)
#define EC_COLUMNS(i, unpack, low, high, far_low, far_high)                                                            \
  {                                                                                                                    \
    const __m128i near = unpack(low, high), far = unpack(far_low, far_high);                                           \
    EC_COLUMN(i, _mm_unpacklo_epi64(near, far));                                                                       \
    EC_COLUMN((i) + 1, _mm_unpackhi_epi64(near, far));                                                                 \
  }
  EC_COLUMNS(0, _mm_unpacklo_epi32, b0, b2, b4, b6);
  EC_COLUMNS(2, _mm_unpackhi_epi32, b0, b2, b4, b6);
  EC_COLUMNS(4, _mm_unpacklo_epi32, b1, b3, b5, b7);
  EC_COLUMNS(6, _mm_unpackhi_epi32, b1, b3, b5, b7);
#undef EC_ROW
#undef EC_PAIR
#undef EC_COLUMN
#undef EC_COLUMNS
}

EC_INLINE void ec_transpose_u8(const unsigned char *x, ptrdiff_t x_stride, unsigned char *y, ptrdiff_t y_stride,
                               ptrdiff_t rows, ptrdiff_t columns) {
  const ptrdiff_t whole_rows = rows & ~(ptrdiff_t)15, whole_columns = columns & ~(ptrdiff_t)7;
  for (ptrdiff_t first = 0; first < whole_columns; first += 64) {
    for (ptrdiff_t i = 0; i < whole_rows; i += 16) {
      for (ptrdiff_t j = first; j < first + 64 && j < whole_columns; j += 8) {
        ec_transpose_16x8_u8(x + i * x_stride + j, x_stride, y + j * y_stride + i, y_stride);
      }
    }
  }
  for (ptrdiff_t i = 0; i < rows; i++) {
    for (ptrdiff_t j = i < whole_rows ? whole_columns : 0; j < columns; j++) {
      y[j * y_stride + i] = x[i * x_stride + j];
    }
  }
}

#endif
