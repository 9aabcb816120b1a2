/* SPDX-License-Identifier: 0BSD
 * Sliding-window operators (convolution, depthwise, pooling, matrix product as a window of one tap).
 *
 * A kernel never sees stride, dilation, borders, rings or row ranges: it gets, for each output pixel of a block and
 * each tap, the address of that pixel's contiguous input channels; taps in the padding point at `pad`, a row of ic
 * elements. Its results go to an epilogue functor, which also stores. All strides are in bytes. */
#ifndef EC_WINDOW_H
#define EC_WINDOW_H

#include "ec_base.h"

#define EC_PX_MAX 4 /* pixel operands of an epilogue: the output, then residuals */
#define EC_CH_MAX 6 /* channel operands of an epilogue: bias, slopes, … */

/* Geometry of one call; index 0, 1, 2 = depth, height, width. */
typedef struct {
  int32_t images, groups, ic, oc; /* ic, oc: channels per group */
  int32_t in[3], out[3], kernel[3], stride[3], dilation[3];
  int32_t pad[3];     /* in front; negative crops */
  int32_t block;      /* output pixels per tap block */
  int32_t pixel_step; /* addresses from a pixel to the next one: taps[pixel * pixel_step + tap * tap_step] */
  int32_t tap_step;
  int32_t spans_rows;        /* 1: pixel operands are linear over the whole image, so a block may span rows */
  int32_t backwards;         /* 1: the last block comes first */
  int32_t x_ring;            /* rows that the input's ring buffer holds; 0: the whole input is there */
  int32_t count_pad;         /* average pooling: padding counts in the divisor */
  int32_t gather;            /* bytes of a row of a gathered window; 0: kernels read the input itself */
  int32_t unpack, unpack_oc; /* bytes of scratch and channels that are unpacked at a time (ec_unpack.h); 0: none */
  ptrdiff_t x_image, x_group, x_step[3];
  ptrdiff_t w_group; /* packed weights of one group */
  int32_t px_count;
  int32_t px_ring[EC_PX_MAX];
  ptrdiff_t px_image[EC_PX_MAX], px_step[EC_PX_MAX][3];
} ec_window;

/* What an epilogue reads and writes, for one block: pixel i of operand k lies at px[k] + i * px_step[k]; channel
 * operands are indexed by the absolute output channel. px[0] is the output. */
typedef struct {
  unsigned char *px[EC_PX_MAX];
  ptrdiff_t px_step[EC_PX_MAX];
  const unsigned char *ch[EC_CH_MAX];
} ec_epilogue;

/* A kernel bound to its epilogue: npx pixels, all channels of one group; oc0 is the group's first output channel. */
typedef void (*ec_block_fn)(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                            const void *pad, const ec_epilogue *e);

/* Writes the tap addresses of a block of npx pixels, the first at depth, height, width at[0..2]. x is the first channel
 * of the image and group. */
typedef void (*ec_fill_fn)(const ec_window *d, const unsigned char *x, const void *pad, const void **taps,
                           const int32_t at[3], int32_t npx);

/* The next pixels of a block that lie in one row, of which `left` remain. */
EC_INLINE int32_t ec_window_count(const ec_window *d, const int32_t at[3], int32_t left) {
  return left < d->out[2] - at[2] ? left : d->out[2] - at[2];
}

EC_INLINE ptrdiff_t ec_window_taps(const ec_window *d) { return (ptrdiff_t)d->kernel[0] * d->kernel[1] * d->kernel[2]; }

/* Which of `count` pixels of a row lie inside the input's width, from column ix of the first one to ix + reach: those
 * from *first to *end - 1, where *first <= *end. */
EC_INLINE void ec_window_inside(const ec_window *d, int32_t ix, int32_t reach, int32_t count, int32_t *first,
                                int32_t *end) {
  int32_t i = 0, n = count;
  while (i < count && ix + i * d->stride[2] < 0) {
    i++;
  }
  while (n > i && ix + (n - 1) * d->stride[2] + reach >= d->in[2]) {
    n--;
  }
  *first = i, *end = n;
}

/* Where a row of the kernel reads: the offset of the input's row, or EC_OUTSIDE where that is padding. */
#define EC_OUTSIDE PTRDIFF_MIN
EC_INLINE ptrdiff_t ec_window_row(const ec_window *d, const int32_t at[3], int32_t kz, int32_t ky) {
  const int32_t iz = at[0] * d->stride[0] - d->pad[0] + kz * d->dilation[0];
  const int32_t iy = at[1] * d->stride[1] - d->pad[1] + ky * d->dilation[1];
  if (iz < 0 || iz >= d->in[0] || iy < 0 || iy >= d->in[1]) {
    return EC_OUTSIDE;
  }
  return iz * d->x_step[0] + (d->x_ring > 0 ? iy % d->x_ring : iy) * d->x_step[1];
}

/* What lies behind the addresses and gathered windows of a block, from the next 64 bytes on. */
EC_INLINE void *ec_window_scratch(const ec_window *d, const void *const *taps) {
  const uintptr_t end = (uintptr_t)(taps + d->block * ec_window_taps(d)) + (uintptr_t)d->block * (uintptr_t)d->gather;
  return (void *)((end + 63) & ~(uintptr_t)63);
}

/* Addresses of one tap for `count` pixels, from column ix on and `stride` apart; p is that of column ix. */
EC_INLINE void ec_window_line(const void **to, ptrdiff_t pixel_step, int32_t count, int32_t ix, int32_t stride,
                              int32_t width, const unsigned char *p, ptrdiff_t by, const void *pad) {
  int32_t i = 0, end = count;
  for (; i < count && ix + i * stride < 0; i++, to += pixel_step, p += by) {
    *to = pad;
  }
  while (end > i && ix + (end - 1) * stride >= width) {
    end--;
    to[(end - i) * pixel_step] = pad;
  }
  EC_UNROLL(4)
  for (; i < end; i++, to += pixel_step, p += by) {
    *to = p;
  }
}

#define EC_SHORT_ROW 16 /* pixels, at most, of rows whose addresses are those of the row above moved */

/* The taps of a short row below one of the same block, where neither reads above or below the input: those of that row,
 * a row further. `taps` are those of the row's first pixel. Returns 0 where that is not so. */
EC_INLINE int ec_window_below(const ec_window *d, const void *pad, const void **taps, ptrdiff_t done,
                              const int32_t at[3], int32_t count) {
  const int32_t top = at[1] * d->stride[1] - d->pad[1], bottom = top + (d->kernel[1] - 1) * d->dilation[1];
  const ptrdiff_t tap_count = ec_window_taps(d), row = (ptrdiff_t)count * d->pixel_step;
  const ptrdiff_t runs = d->pixel_step == 1 ? tap_count : 1, step = d->stride[1] * d->x_step[1];
  if (count != d->out[2] || count > EC_SHORT_ROW || done < count || d->x_ring > 0 || top < d->stride[1] ||
      bottom >= d->in[1]) {
    return 0;
  }
  for (ptrdiff_t run = 0; run < runs; run++, taps += d->tap_step) {
    for (ptrdiff_t i = 0; i < count * tap_count / runs; i++) {
      const unsigned char *p = (const unsigned char *)taps[i - row];
      taps[i] = p == pad ? p : p + step;
    }
  }
  return 1;
}

/* The addresses of all taps. */
static EC_NOINLINE void ec_window_fill(const ec_window *d, const unsigned char *x, const void *pad, const void **taps,
                                       const int32_t at[3], int32_t npx) {
  const ptrdiff_t step = d->x_step[2], by = d->stride[2] * step;
  int32_t here[3] = {at[0], at[1], at[2]};
  for (int32_t done = 0, count; done < npx; done += count, here[1]++, here[2] = 0) {
    const void **tap = taps + (ptrdiff_t)done * d->pixel_step;
    count = ec_window_count(d, here, npx - done);
    if (ec_window_below(d, pad, tap, done, here, count) != 0) {
      continue;
    }
    for (int32_t row = 0; row < d->kernel[0] * d->kernel[1]; row++) {
      const ptrdiff_t offset = ec_window_row(d, here, row / d->kernel[1], row % d->kernel[1]);
      const int32_t width = offset == EC_OUTSIDE ? 0 : d->in[2];
      int32_t ix = here[2] * d->stride[2] - d->pad[2];
      for (int32_t kx = 0; kx < d->kernel[2]; kx++, tap += d->tap_step, ix += d->dilation[2]) {
        const unsigned char *const p = width > 0 ? x + offset + ix * step : x;
        if (d->pixel_step == 1) {
          ec_window_line(tap, 1, count, ix, d->stride[2], width, p, by, pad);
        } else {
          ec_window_line(tap, d->pixel_step, count, ix, d->stride[2], width, p, by, pad);
        }
      }
    }
  }
}

/* Points the pixel operands of a block at its first pixel, depth, height, width at[0..2] of an image. */
EC_INLINE void ec_window_seek(const ec_window *d, void *const *px, int32_t image, const int32_t at[3], ec_epilogue *e) {
  for (int32_t k = 0; k < d->px_count; k++) {
    const int32_t row = d->px_ring[k] > 0 ? at[1] % d->px_ring[k] : at[1];
    e->px[k] = (unsigned char *)px[k] + image * d->px_image[k] + at[0] * d->px_step[k][0] + row * d->px_step[k][1] +
               at[2] * d->px_step[k][2];
  }
}

/* Computes the rows row0..row1 of the output height, of all images, groups and depths. px[k] and ch[k] are the base
 * addresses of pixel and channel operands; `taps` has room for block * ec_window_taps(d) addresses, or with gathered
 * windows for block * (1 address + gather bytes).
 * A run is what blocks may span: the rows of a depth, or a single row. Backwards, runs and their blocks come in reverse
 * order, so that an output which lies above its input does not overwrite what is still unread. */
EC_INLINE void ec_window_run(const ec_window *d, const void *x, const void *w, const void *pad, const void **taps,
                             void *const *px, const void *const *ch, int32_t ch_count, int32_t row0, int32_t row1,
                             ec_fill_fn fill, ec_block_fn block) {
  const int32_t rows = d->spans_rows ? row1 - row0 : 1, run = rows * d->out[2];
  const int32_t runs = row1 > row0 ? d->out[0] * ((row1 - row0) / rows) : 0, blocks = (run + d->block - 1) / d->block;
  ec_epilogue e;
  memset(&e, 0, sizeof e);
  for (int32_t k = 0; k < d->px_count; k++) {
    e.px_step[k] = d->px_step[k][2];
  }
  for (int32_t k = 0; k < ch_count; k++) {
    e.ch[k] = (const unsigned char *)ch[k];
  }
  for (int32_t image = 0; image < d->images; image++) {
    for (int32_t g = 0; g < d->groups; g++) {
      const unsigned char *xg = (const unsigned char *)x + image * d->x_image + g * d->x_group;
      const unsigned char *wg = (const unsigned char *)w + g * d->w_group;
      for (int32_t i = 0; i < runs * blocks; i++) {
        const int32_t turn = d->backwards ? runs * blocks - 1 - i : i;
        const int32_t first = turn % blocks * d->block, row = turn / blocks * rows;
        const int32_t npx = first + d->block < run ? d->block : run - first;
        const int32_t at[3] = {row / (row1 - row0), row0 + row % (row1 - row0) + first / d->out[2], first % d->out[2]};
        ec_window_seek(d, px, image, at, &e);
        fill(d, xg, pad, taps, at, npx);
        block(d, taps, npx, wg, g * d->oc, pad, &e);
      }
    }
  }
}

#endif
