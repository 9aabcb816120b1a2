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

/* The windows of `count` pixels of a row, the first at here[0..2], behind each other from `to` on. A row of the kernel
 * is one copy where it lies inside the input, and its taps side by side; `pad` has as many bytes. */
EC_INLINE void ec_gather_row(const ec_window *d, const unsigned char *x, const void *pad, unsigned char *to,
                             const int32_t here[3], int32_t count) {
  const ptrdiff_t size = d->kernel[2] * (ptrdiff_t)d->ic, gather = d->gather;
  const int32_t left = here[2] * d->stride[2] - d->pad[2];
  const int near = d->kernel[2] == 1 || (d->dilation[2] == 1 && d->x_step[2] == d->ic);
  int32_t first = count, end = count;
  if (near) {
    ec_window_inside(d, left, (d->kernel[2] - 1) * d->dilation[2], count, &first, &end);
  }
  for (int32_t kz = 0; kz < d->kernel[0]; kz++) {
    for (int32_t ky = 0; ky < d->kernel[1]; ky++, to += size) {
      const ptrdiff_t row = ec_window_row(d, here, kz, ky);
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

/* An ec_fill_fn for gathered windows. */
static EC_NOINLINE void ec_window_gather(const ec_window *d, const unsigned char *x, const void *pad, const void **taps,
                                         const int32_t at[3], int32_t npx) {
  const ptrdiff_t gather = d->gather, used = ec_window_taps(d) * d->ic;
  unsigned char *const rows = (unsigned char *)(taps + d->block), *row = rows;
  int32_t here[3] = {at[0], at[1], at[2]};
  EC_UNROLL(4)
  for (int32_t i = 0; i < npx; i++, row += gather) {
    taps[i] = row;
  }
  for (ptrdiff_t k = used & ~(ptrdiff_t)1; k < gather; k += 2) { /* in pairs: a tap's byte comes later */
    row = rows + k;
    EC_UNROLL(4)
    for (int32_t i = 0; i < npx; i++, row += gather) {
      memset(row, 0, 2);
    }
  }
  for (int32_t done = 0, count; done < npx; done += count, here[1]++, here[2] = 0) {
    count = ec_window_count(d, here, npx - done);
    ec_gather_row(d, x, pad, rows + done * gather, here, count);
  }
}

/* The geometry as kernels are to see it: one tap. */
EC_INLINE ec_window ec_window_gathered(const ec_window *d) {
  ec_window rows = *d;
  rows.ic = d->gather;
  rows.kernel[0] = rows.kernel[1] = rows.kernel[2] = 1;
  return rows;
}

/* Addresses of `count` pixels in one row of the input, `offset` bytes behind x or EC_OUTSIDE, from column `left` on;
 * those from `first` to `end` lie inside. The others are copied to `copy`; returns what follows. */
EC_INLINE unsigned char *ec_window_join_row(const ec_window *d, const unsigned char *x, const void *pad,
                                            const void **to, unsigned char *copy, ptrdiff_t offset, int32_t left,
                                            int32_t first, int32_t end, int32_t count) {
  const int inside = offset != EC_OUTSIDE;
  const unsigned char *const row = inside ? x + offset : x, *from = (const unsigned char *)pad;
  const ptrdiff_t tap = d->x_step[2], step = inside ? d->stride[2] * tap : 0;
  for (int32_t i = first > 0 ? 0 : end; i < count; i = i + 1 == first ? end : i + 1) {
    to[i] = from;
    if (inside) {
      to[i] = copy;
      ec_gather_part(d, copy, row, left + i * d->stride[2], tap, (const unsigned char *)pad);
      copy += d->kernel[2] * tap;
    }
  }
  if (inside) {
    from = row + (left + first * d->stride[2]) * tap;
  }
  EC_UNROLL(4)
  for (int32_t i = first; i < end; i++, from += step) {
    to[i] = from;
  }
  return copy;
}

/* An ec_fill_fn for joined windows: addresses of rows of the kernel, of which `pad` holds one in the padding. Copies of
 * what reaches into it on the left and right lie behind the addresses.
 *
 * Blocks of whole rows at a vertical stride of 1 share addresses: those of a row of the input serve each tap that reads
 * it, as tap_step is the distance of such rows. */
static EC_NOINLINE void ec_window_join(const ec_window *d, const unsigned char *x, const void *pad, const void **taps,
                                       const int32_t at[3], int32_t npx) {
  const int32_t rows = d->kernel[0] * d->kernel[1], reach = d->kernel[2] - 1, width = d->out[2];
  unsigned char *copy = (unsigned char *)(taps + d->block + (ptrdiff_t)(rows - 1) * d->tap_step);
  int32_t here[3] = {at[0], at[1], at[2]}, first, end;
  if (d->tap_step < d->block) {
    const int32_t below = (d->kernel[1] - 1) * d->dilation[1];
    ec_window_inside(d, -d->pad[2], reach, width, &first, &end);
    for (int32_t done = 0; done < npx + below * width; done += width, here[1]++) {
      copy =
          ec_window_join_row(d, x, pad, taps + done, copy, ec_window_row(d, here, 0, 0), -d->pad[2], first, end, width);
    }
    return;
  }
  for (int32_t done = 0, count; done < npx; done += count, here[1]++, here[2] = 0) {
    const int32_t left = here[2] * d->stride[2] - d->pad[2];
    count = ec_window_count(d, here, npx - done);
    ec_window_inside(d, left, reach, count, &first, &end);
    for (int32_t row = 0; row < rows; row++) {
      const ptrdiff_t offset = ec_window_row(d, here, row / d->kernel[1], row % d->kernel[1]);
      copy = ec_window_join_row(d, x, pad, taps + (ptrdiff_t)row * d->tap_step + done, copy, offset, left, first, end,
                                count);
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
