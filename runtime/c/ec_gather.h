/* SPDX-License-Identifier: 0BSD
 * Windows that kernels see with fewer taps than they have.
 *
 * Gathered windows: for kernels of bytes whose steps take more channels than a tap has. The bytes of each pixel's
 * window lie in a row of d->gather bytes that ends in zeros; rows lie behind the block's addresses, which are theirs.
 *
 * Joined windows: the taps of a row of the kernel, where they lie side by side in the input, are one tap of so many
 * times the channels. At the left and right borders they are copied, with their padding, behind the block's addresses.
 */
#ifndef EC_GATHER_H
#define EC_GATHER_H

#include "ec_window.h"

/* Copies n bytes, few as a rule; the last ones of several words are copied twice. */
EC_INLINE void ec_gather_copy(unsigned char *to, const unsigned char *from, ptrdiff_t n) {
  if (n >= 16) {
    for (ptrdiff_t i = 0; i < n - 16; i += 16) {
      memcpy(to + i, from + i, 16);
    }
    memcpy(to + n - 16, from + n - 16, 16);
  } else if (n >= 8) {
    memcpy(to, from, 8);
    memcpy(to + n - 8, from + n - 8, 8);
  } else if (n >= 4) {
    memcpy(to, from, 4);
    memcpy(to + n - 4, from + n - 4, 4);
  } else {
    for (ptrdiff_t i = 0; i < n; i++) {
      to[i] = from[i];
    }
  }
}

/* The same for each of `count` pixels; what their number of bytes asks for is decided once. */
EC_INLINE void ec_gather_copies(unsigned char *to, ptrdiff_t to_step, const unsigned char *from, ptrdiff_t from_step,
                                ptrdiff_t n, int32_t count) {
  if (n >= 8 && n <= 16) {
    EC_UNROLL(4)
    for (int32_t i = 0; i < count; i++, to += to_step, from += from_step) {
      memcpy(to, from, 8);
      memcpy(to + n - 8, from + n - 8, 8);
    }
  } else if (n >= 4 && n < 8) {
    EC_UNROLL(4)
    for (int32_t i = 0; i < count; i++, to += to_step, from += from_step) {
      memcpy(to, from, 4);
      memcpy(to + n - 4, from + n - 4, 4);
    }
  } else if (n == 3) {
    EC_UNROLL(4)
    for (int32_t i = 0; i < count; i++, to += to_step, from += from_step) {
      memcpy(to, from, 2);
      to[2] = from[2];
    }
  } else {
    for (int32_t i = 0; i < count; i++, to += to_step, from += from_step) {
      ec_gather_copy(to, from, n);
    }
  }
}

/* The taps of a row of the kernel, side by side, for a pixel that reads from column ix on, partly in the padding. */
EC_INLINE void ec_gather_part(const ec_window *d, unsigned char *to, const unsigned char *line, int32_t ix,
                              ptrdiff_t tap, const unsigned char *pad) {
  const int32_t right = d->in[2] - ix, begin = ix < 0 ? -ix : 0, end = right < d->kernel[2] ? right : d->kernel[2];
  ec_gather_copy(to, pad, d->kernel[2] * tap);
  if (begin < end) {
    ec_gather_copy(to + begin * tap, line + (ix + begin) * tap, (end - begin) * tap);
  }
}

/* The same tap by tap. */
EC_INLINE void ec_gather_taps(const ec_window *d, unsigned char *to, const unsigned char *line, int32_t ix,
                              const unsigned char *pad) {
  for (int32_t kx = 0; kx < d->kernel[2]; kx++, ix += d->dilation[2], to += d->ic) {
    ec_gather_copy(to, ix < 0 || ix >= d->in[2] ? pad : line + ix * d->x_step[2], d->ic);
  }
}

/* An ec_fill_fn. A row of the kernel is one copy where it lies inside the input, and its taps side by side; `pad` has
 * as many bytes. */
static EC_NOINLINE void ec_window_gather(const ec_window *d, const unsigned char *x, const void *pad, const void **taps,
                                         ptrdiff_t done, const int32_t at[3], int32_t count) {
  const ptrdiff_t size = d->kernel[2] * (ptrdiff_t)d->ic, used = ec_window_taps(d) * d->ic, gather = d->gather;
  const int32_t left = at[2] * d->stride[2] - d->pad[2];
  const int near = d->kernel[2] == 1 || (d->dilation[2] == 1 && d->x_step[2] == d->ic);
  unsigned char *to = (unsigned char *)(taps + d->block) + done * gather;
  int32_t first = count, end = count;
  if (near) {
    ec_window_inside(d, left, (d->kernel[2] - 1) * d->dilation[2], count, &first, &end);
  }
  for (int32_t i = 0; i < count; i++) { /* zeros in pairs, of which the first byte may be a tap's: that comes later */
    unsigned char *const row = to + i * gather;
    taps[done + i] = row;
    for (ptrdiff_t k = used & ~(ptrdiff_t)1; k < gather; k += 2) {
      memset(row + k, 0, 2);
    }
  }
  for (int32_t kz = 0; kz < d->kernel[0]; kz++) {
    for (int32_t ky = 0; ky < d->kernel[1]; ky++, to += size) {
      const ptrdiff_t row = ec_window_row(d, at, kz, ky);
      if (row == EC_OUTSIDE) {
        ec_gather_copies(to, gather, (const unsigned char *)pad, 0, size, count);
        continue;
      }
      for (int32_t i = first > 0 ? 0 : end; i < count; i = i + 1 == first ? end : i + 1) {
        const int32_t ix = left + i * d->stride[2];
        if (near) {
          ec_gather_part(d, to + i * gather, x + row, ix, d->ic, (const unsigned char *)pad);
        } else {
          ec_gather_taps(d, to + i * gather, x + row, ix, (const unsigned char *)pad);
        }
      }
      if (first < end) {
        ec_gather_copies(to + first * gather, gather, x + row + (left + first * d->stride[2]) * d->x_step[2],
                         d->stride[2] * d->x_step[2], size, end - first);
      }
    }
  }
}

/* The geometry as kernels are to see it: one tap. */
EC_INLINE ec_window ec_window_gathered(const ec_window *d) {
  ec_window rows = *d;
  rows.ic = d->gather;
  rows.kernel[0] = rows.kernel[1] = rows.kernel[2] = 1;
  return rows;
}

/* An ec_fill_fn for joined windows: addresses of rows of the kernel, of which `pad` holds one in the padding. The
 * block's addresses are followed by copies for the pixels at the borders of each row that it touches. */
static EC_NOINLINE void ec_window_join(const ec_window *d, const unsigned char *x, const void *pad, const void **taps,
                                       ptrdiff_t done, const int32_t at[3], int32_t count) {
  const ptrdiff_t rows = (ptrdiff_t)d->kernel[0] * d->kernel[1], step = d->stride[2] * d->x_step[2];
  const ptrdiff_t size = d->kernel[2] * d->x_step[2];
  const int32_t reach = d->kernel[2] - 1, left = at[2] * d->stride[2] - d->pad[2];
  int32_t first, end, row_first, row_end;
  unsigned char *copies = (unsigned char *)(taps + d->block * rows);
  const void **tap = taps + done * rows;
  ec_window_inside(d, left, reach, count, &first, &end);
  ec_window_inside(d, -d->pad[2], reach, d->out[2], &row_first, &row_end);
  copies += (done + d->out[2] - 1) / d->out[2] * (row_first + d->out[2] - row_end) * rows * size;
  for (int32_t kz = 0; kz < d->kernel[0]; kz++) {
    for (int32_t ky = 0; ky < d->kernel[1]; ky++, tap++, copies += size) {
      const ptrdiff_t row = ec_window_row(d, at, kz, ky);
      const int inside = row != EC_OUTSIDE;
      const unsigned char *from = inside ? x + row + left * d->x_step[2] + first * step : (const unsigned char *)pad;
      const ptrdiff_t by = inside ? step : 0;
      const void **to = tap + first * rows;
      for (int32_t i = first > 0 ? 0 : end; i < count; i = i + 1 == first ? end : i + 1) {
        const int32_t column = at[2] + i, place = column < row_first ? column : row_first + column - row_end;
        unsigned char *copy = copies + place * rows * size;
        tap[i * rows] = inside ? copy : (const unsigned char *)pad;
        if (inside) {
          ec_gather_part(d, copy, x + row, left + i * d->stride[2], d->x_step[2], (const unsigned char *)pad);
        }
      }
      EC_UNROLL(4)
      for (int32_t i = first; i < end; i++, to += rows, from += by) {
        *to = from;
      }
    }
  }
}

/* The geometry as kernels are to see it: rows of the kernel as taps. */
EC_INLINE ec_window ec_window_joined(const ec_window *d) {
  ec_window rows = *d;
  rows.ic = d->ic * d->kernel[2];
  rows.kernel[2] = 1;
  return rows;
}

#endif
