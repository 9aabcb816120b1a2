/* SPDX-License-Identifier: 0BSD
 * Transposed copy, bytes: y[j][i] = x[i][j] for i < rows, j < columns; strides in bytes, columns of x and rows of y
 * adjacent.
 *
 * 8 x 8 bytes in words of 64 bits: halves, quarters and bytes of pairs of rows change places, 12 times 6 operations for
 * 64 bytes on any core. Blocks of 64 columns keep both sides in L1. The rest runs byte by byte. */
#ifndef EC_TRANSPOSE_U8_H
#define EC_TRANSPOSE_U8_H

#include "ec_base.h"

/* Of two words: the bits of *b in `mask` for those of *a that lie `shift` higher. */
EC_INLINE void ec_transpose_swap(uint64_t *a, uint64_t *b, int32_t shift, uint64_t mask) {
  const uint64_t change = (*a >> shift ^ *b) & mask;
  *b ^= change;
  *a ^= change << shift;
}

EC_INLINE void ec_transpose_8x8_u8(const unsigned char *x, ptrdiff_t x_stride, unsigned char *y, ptrdiff_t y_stride) {
  uint64_t r0, r1, r2, r3, r4, r5, r6, r7;
#define EC_WORD(i)        memcpy(&r##i, x + (i) * x_stride, 8)
#define EC_LINE(i)        memcpy(y + (i) * y_stride, &r##i, 8)
#define EC_HALVES(a, b)   ec_transpose_swap(&r##a, &r##b, 32, UINT64_C(0x00000000FFFFFFFF))
#define EC_QUARTERS(a, b) ec_transpose_swap(&r##a, &r##b, 16, UINT64_C(0x0000FFFF0000FFFF))
#define EC_BYTES(a, b)    ec_transpose_swap(&r##a, &r##b, 8, UINT64_C(0x00FF00FF00FF00FF))
  EC_WORD(0);
  EC_WORD(1);
  EC_WORD(2);
  EC_WORD(3);
  EC_WORD(4);
  EC_WORD(5);
  EC_WORD(6);
  EC_WORD(7);
  EC_HALVES(0, 4);
  EC_HALVES(1, 5);
  EC_HALVES(2, 6);
  EC_HALVES(3, 7);
  EC_QUARTERS(0, 2);
  EC_QUARTERS(1, 3);
  EC_QUARTERS(4, 6);
  EC_QUARTERS(5, 7);
  EC_BYTES(0, 1);
  EC_BYTES(2, 3);
  EC_BYTES(4, 5);
  EC_BYTES(6, 7);
  EC_LINE(0);
  EC_LINE(1);
  EC_LINE(2);
  EC_LINE(3);
  EC_LINE(4);
  EC_LINE(5);
  EC_LINE(6);
  EC_LINE(7);
#undef EC_WORD
#undef EC_LINE
#undef EC_HALVES
#undef EC_QUARTERS
#undef EC_BYTES
}

EC_INLINE void ec_transpose_u8(const unsigned char *x, ptrdiff_t x_stride, unsigned char *y, ptrdiff_t y_stride,
                               ptrdiff_t rows, ptrdiff_t columns) {
  const ptrdiff_t whole_rows = rows & ~(ptrdiff_t)7, whole_columns = columns & ~(ptrdiff_t)7;
  for (ptrdiff_t first = 0; first < whole_columns; first += 64) {
    for (ptrdiff_t i = 0; i < whole_rows; i += 8) {
      for (ptrdiff_t j = first; j < first + 64 && j < whole_columns; j += 8) {
        ec_transpose_8x8_u8(x + i * x_stride + j, x_stride, y + j * y_stride + i, y_stride);
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
