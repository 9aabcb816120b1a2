/* SPDX-License-Identifier: 0BSD
 * The convolution tile that every conv row of NEON is made of: mr pixels x nv vectors of 4 output channels.
 *
 * Four input channels at a time: one vector of x for each pixel, one of weights for each channel and column, multiplied
 * by lane (FMLA v, v, v.s[l]); the last ic mod 4 channels one by one, so nothing is read beyond ic. mr and nv are
 * constants where it is inlined; cells outside of mr x nv vanish. Registers: mr * nv + mr + nv of 32. */
#ifndef EC_CONV_TILE__NEON_H
#define EC_CONV_TILE__NEON_H

#include "ec_v__neon.h"

/* gcc gives every link of a chain of FMLA a register of its own and moves between them; this keeps one variable in one. */
#if defined(__GNUC__) && !defined(__clang__)
#define EC_NEON_PIN(v) __asm__("" : "+w"(v))
#else
#define EC_NEON_PIN(v) (void)0
#endif

/* The cells that exist: 8 pixels in 2 columns, 1 pixel in 8. X takes (pixel, column, lane). */
#define EC_NEON_PIXELS(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#define EC_NEON_CELLS1(X, j, l) X(0, j, l)
#define EC_NEON_CELLS8(X, j, l) X(0, j, l) X(1, j, l) X(2, j, l) X(3, j, l) X(4, j, l) X(5, j, l) X(6, j, l) X(7, j, l)
#define EC_NEON_COLUMNS(X, l)                                                                                          \
  X(0, l, EC_NEON_CELLS8)                                                                                              \
  X(1, l, EC_NEON_CELLS8)                                                                                              \
  X(2, l, EC_NEON_CELLS1)                                                                                              \
  X(3, l, EC_NEON_CELLS1)                                                                                              \
  X(4, l, EC_NEON_CELLS1)                                                                                              \
  X(5, l, EC_NEON_CELLS1)                                                                                              \
  X(6, l, EC_NEON_CELLS1)                                                                                              \
  X(7, l, EC_NEON_CELLS1)

#define EC_PIXEL_TAP(i) const float *x##i = i < mr ? (const float *)taps[i * nt + t] : NULL;
#define EC_PIXEL_LOAD4(i) const ec_vf32 v##i = i < mr ? ec_vload_f32(x##i + c, 4) : vdupq_n_f32(0.0F);
#define EC_PIXEL_LOAD1(i) const ec_vf32 v##i = vdupq_n_f32(i < mr ? ec_load_f32(x##i + c) : 0.0F);
#define EC_PIXEL_LAST(i) ec_vf32 last##i = a##i##0;
#define EC_PIXEL_KEEP(i) ec_vstore_f32(part[i], last##i, 4);

#define EC_CELL_ZERO(i, j, l) ec_vf32 a##i##j = vdupq_n_f32(0.0F);
#define EC_CELL_FMA(i, j, l)                                                                                           \
  if (i < mr) {                                                                                                        \
    a##i##j = vfmaq_laneq_f32(a##i##j, wj, v##i, l);                                                                   \
    EC_NEON_PIN(a##i##j);                                                                                              \
  }
#define EC_CELL_OUT(i, j, l)                                                                                           \
  if (i < mr) epi(a##i##j, e, px + i, oc + 4 * j, 4);
#define EC_CELL_LAST(i, j, l) last##i = a##i##j;

#define EC_COLUMN_ZERO(j, l, CELLS) CELLS(EC_CELL_ZERO, j, l)
#define EC_COLUMN_FMA(j, l, CELLS)                                                                                     \
  if (j < nv) {                                                                                                        \
    const ec_vf32 wj = ec_vload_f32(w + 4 * (l * nv + j), 4);                                                          \
    CELLS(EC_CELL_FMA, j, l)                                                                                           \
  }
#define EC_COLUMN_OUT(j, l, CELLS)                                                                                     \
  if (j < nv && left >= 4 * j + 4) {                                                                                   \
    CELLS(EC_CELL_OUT, j, l)                                                                                           \
  }
#define EC_COLUMN_LAST(j, l, CELLS)                                                                                    \
  if (j < nv && left > 4 * j) {                                                                                        \
    CELLS(EC_CELL_LAST, j, l)                                                                                          \
  }

/* Pixels px … px + mr - 1, channels oc … oc + 4 * nv - 1, of which `left` are wanted. A vector that is wanted in part
 * goes to the epilogue through memory, so that its code with a variable n exists once. */
EC_INLINE void ec_conv_tile__neon(const int mr, const int nv, const void *const *taps, ptrdiff_t nt, int32_t ic,
                                  const float *w, int32_t left, const ec_epilogue *e, ec_epi_f32 epi, ptrdiff_t px,
                                  int32_t oc) {
  EC_NEON_COLUMNS(EC_COLUMN_ZERO, 0)
  for (ptrdiff_t t = 0; t < nt; ++t) {
    EC_NEON_PIXELS(EC_PIXEL_TAP)
    int32_t c = 0;
    for (; c <= ic - 4; c += 4, w += 16 * nv) {
      EC_NEON_PIXELS(EC_PIXEL_LOAD4)
      EC_NEON_COLUMNS(EC_COLUMN_FMA, 0)
      EC_NEON_COLUMNS(EC_COLUMN_FMA, 1)
      EC_NEON_COLUMNS(EC_COLUMN_FMA, 2)
      EC_NEON_COLUMNS(EC_COLUMN_FMA, 3)
    }
    for (; c < ic; ++c, w += 4 * nv) {
      EC_NEON_PIXELS(EC_PIXEL_LOAD1)
      EC_NEON_COLUMNS(EC_COLUMN_FMA, 0)
    }
  }
  EC_NEON_COLUMNS(EC_COLUMN_OUT, 0)
  if (left < 4 * nv && left % 4 != 0) {
    float part[8][EC_V_LANES];
    EC_NEON_PIXELS(EC_PIXEL_LAST)
    EC_NEON_COLUMNS(EC_COLUMN_LAST, 0)
    EC_NEON_PIXELS(EC_PIXEL_KEEP)
    for (int i = 0; i < mr; ++i) epi(ec_vload_f32(part[i], 4), e, px + i, oc + left / 4 * 4, left % 4);
  }
}

/* All panels of 4 * nv channels and all pixels: tiles of mr, then of 4, 2 and 1. */
EC_INLINE void ec_conv_panels__neon(const int mr, const int nv, const ec_window *d, const void *const *taps,
                                    ptrdiff_t npx, const void *w, int32_t oc0, const ec_epilogue *e, ec_epi_f32 epi) {
  const ptrdiff_t nt = (ptrdiff_t)d->kernel[0] * d->kernel[1] * d->kernel[2];
  const float *panel = (const float *)w;
  for (int32_t oc = 0; oc < d->oc; oc += 4 * nv, panel += nt * d->ic * 4 * nv) {
    ptrdiff_t px = 0;
#define EC_TILES(rows)                                                                                                 \
  for (; mr >= rows && px + rows <= npx; px += rows)                                                                   \
    ec_conv_tile__neon(rows, nv, taps + px * nt, nt, d->ic, panel, d->oc - oc, e, epi, px, oc0 + oc);
    EC_TILES(8)
    EC_TILES(4)
    EC_TILES(2)
    EC_TILES(1)
#undef EC_TILES
  }
}

#endif
