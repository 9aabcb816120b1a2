/* SPDX-License-Identifier: 0BSD
 * Sliding-window operators (convolution, depthwise, pooling, matrix product as a window of one tap).
 *
 * A kernel never sees stride, dilation, borders, rings or row ranges: it gets, for each output pixel of a block and each
 * tap, the address of that pixel's contiguous input channels; taps in the padding point at `pad`, a row of ic elements.
 * Its results go to an epilogue functor, which also stores. All strides are in bytes. */
#ifndef EC_WINDOW_H
#define EC_WINDOW_H

#include "ec_base.h"

#define EC_PX_MAX 4 /* pixel operands of an epilogue: the output, then residuals */
#define EC_CH_MAX 6 /* channel operands of an epilogue: bias, slopes, … */

/* Geometry of one call; index 0, 1, 2 = depth, height, width. */
typedef struct {
  int32_t images, groups, ic, oc; /* ic, oc: channels per group */
  int32_t in[3], out[3], kernel[3], stride[3], dilation[3];
  int32_t pad[3];      /* in front; negative crops */
  int32_t block;       /* output pixels per tap block */
  int32_t spans_rows;  /* 1: pixel operands are linear over the whole image, so a block may span rows */
  int32_t x_ring;      /* rows that the input's ring buffer holds; 0: the whole input is there */
  int32_t count_pad;   /* average pooling: padding counts in the divisor */
  ptrdiff_t x_image, x_group, x_step[3];
  ptrdiff_t w_group;   /* packed weights of one group */
  int32_t px_count;
  int32_t px_ring[EC_PX_MAX];
  ptrdiff_t px_image[EC_PX_MAX], px_step[EC_PX_MAX][3];
} ec_window;

/* What an epilogue reads and writes, for one block: pixel i of operand k lies at px[k] + i * px_step[k]; channel operands
 * are indexed by the absolute output channel. px[0] is the output. */
typedef struct {
  unsigned char *px[EC_PX_MAX];
  ptrdiff_t px_step[EC_PX_MAX];
  const unsigned char *ch[EC_CH_MAX];
} ec_epilogue;

/* A kernel bound to its epilogue: npx pixels, all channels of one group; oc0 is the group's first output channel. */
typedef void (*ec_block_fn)(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                            const void *pad, const ec_epilogue *e);
