/* SPDX-License-Identifier: 0BSD
 * Gathered windows: for kernels of bytes whose steps take more channels than a tap has. The bytes of each pixel's
 * window lie in a row of d->gather bytes that ends in zeros; rows lie behind the block's addresses, which are theirs.
 */
#ifndef EC_GATHER_H
#define EC_GATHER_H

#include "ec_window.h"

/* Copies n bytes, few as a rule; the last ones of several words are copied twice. */
EC_INLINE void ec_gather_copy(unsigned char *to, const unsigned char *from, ptrdiff_t n) {
  if (n >= 8) {
    for (ptrdiff_t i = 0; i < n - 8; i += 8) {
      memcpy(to + i, from + i, 8);
    }
    memcpy(to + n - 8, from + n - 8, 8);
  } else if (n >= 4) {
    memcpy(to, from, 4);
    memcpy(to + n - 4, from + n - 4, 4);
  } else {
    to[0] = from[0];
    if (n >= 2) {
      memcpy(to + n - 2, from + n - 2, 2);
    }
  }
}

/* An ec_fill_fn. A row of the kernel is one copy where it lies inside the input, and its taps side by side. */
static EC_NOINLINE void ec_window_gather(const ec_window *d, const unsigned char *x, const void *pad, const void **taps,
                                         ptrdiff_t done, const int32_t at[3], int32_t count) {
  const ptrdiff_t size = d->kernel[2] * (ptrdiff_t)d->ic;
  const int32_t left = at[2] * d->stride[2] - d->pad[2];
  const int near = d->kernel[2] == 1 || (d->dilation[2] == 1 && d->x_step[2] == d->ic);
  unsigned char *const rows = (unsigned char *)(taps + d->block) + done * d->gather;
  unsigned char *to = rows;
  for (int32_t kz = 0; kz < d->kernel[0]; kz++) {
    const int32_t iz = at[0] * d->stride[0] - d->pad[0] + kz * d->dilation[0];
    for (int32_t ky = 0; ky < d->kernel[1]; ky++, to += size) {
      const int32_t iy = at[1] * d->stride[1] - d->pad[1] + ky * d->dilation[1];
      const int inside = iz >= 0 && iz < d->in[0] && iy >= 0 && iy < d->in[1];
      const int32_t width = inside ? d->in[2] : 0, most = near ? width - d->kernel[2] : -1;
      const int32_t line = inside && d->x_ring > 0 ? iy % d->x_ring : iy;
      const ptrdiff_t start = iz * d->x_step[0] + line * d->x_step[1];
      int32_t ix = left;
      for (int32_t i = 0; i < count; i++, ix += d->stride[2]) {
        if (ix >= 0 && ix <= most) {
          ec_gather_copy(to + i * d->gather, x + start + ix * d->x_step[2], size);
          continue;
        }
        for (int32_t kx = 0; kx < d->kernel[2]; kx++) {
          const int32_t column = ix + kx * d->dilation[2];
          const int outside = column < 0 || column >= width;
          ec_gather_copy(to + i * d->gather + kx * (ptrdiff_t)d->ic,
                         outside ? (const unsigned char *)pad : x + start + column * d->x_step[2], d->ic);
        }
      }
    }
  }
  for (int32_t i = 0; i < count; i++) {
    memset(to + i * d->gather, 0, (size_t)(rows + d->gather - to));
    taps[done + i] = rows + i * d->gather;
  }
}

/* The geometry as kernels are to see it: one tap. */
EC_INLINE ec_window ec_window_gathered(const ec_window *d) {
  ec_window rows = *d;
  rows.ic = d->gather;
  rows.kernel[0] = rows.kernel[1] = rows.kernel[2] = 1;
  return rows;
}

#endif
