/* SPDX-License-Identifier: 0BSD
 * Integer convolutions that multiply 16-bit numbers, for many pixels: the inputs of a block and then the weights of one
 * panel after the other are widened into the scratch behind the block's addresses, so that a step has nothing more to
 * do than to load both. Scratch, from the next 64 bytes on: int16_t weights[inputs][nr], x[pixels][inputs].
 *
 * Sums pass through a buffer: an epilogue inlined behind the steps takes registers from them.
 *
 * Written over the template of ec_conv_i32_dot.h; WORDS are those of 16-bit weights, x<i> counts int16_t. */
#ifndef EC_CONV_I32_PANEL_H
#define EC_CONV_I32_PANEL_H

#include "ec_conv_i32_wide.h"

/* Makes n weights 16 bits wide. */
typedef void (*ec_panel_weights_fn)(int16_t *to, const unsigned char *w, ptrdiff_t n);
typedef void (*ec_panel_tile_fn)(int32_t rows, const int16_t *x, ptrdiff_t inputs, const unsigned char *w,
                                 const int32_t *start, int32_t *acc);

/* One block; acc has room for mr * nr sums. */
EC_INLINE void ec_conv_i32_panel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                                 const ec_epilogue *e, ec_epi_i32 epi, int32_t mr, int32_t nr, int32_t *acc,
                                 ec_conv_widen inputs, ec_panel_weights_fn weights, ec_panel_tile_fn tile) {
  const ptrdiff_t tap_count = ec_window_taps(d), count = tap_count * d->ic;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  int16_t *const wide = (int16_t *)ec_window_scratch(d, taps), *const x = wide + count * nr;
  const unsigned char *panel = (const unsigned char *)w;
  inputs(x, count, (int32_t)npx, taps, d->tap_step, tap_count, 0, d->ic);
  for (int32_t c = 0; c < d->oc; c += nr, panel += nr * (4 + count)) {
    const int32_t channels = d->oc - c < nr ? d->oc - c : nr, *start = (const int32_t *)(const void *)panel;
    const unsigned char *const u = (const unsigned char *)wide;
    int32_t rows;
    weights(wide, panel + 4 * nr, count * nr);
    for (ptrdiff_t i = 0; i < npx; i += rows) {
      rows = ec_tile_rows(npx - i, mr);
      tile(rows, x + i * count, count, u, start, acc);
      if (channels == nr) {
        ec_tile_finish_i32(acc, nr, i, rows, oc0 + c, nr, &local, epi);
      } else {
        ec_tile_finish_i32(acc, nr, i, rows, oc0 + c, channels, &local, epi);
      }
    }
  }
}

#define EC_PANEL_INPUT(i, nv) const int16_t *x##i = x + (i) * inputs;
#define EC_PANEL_SUM(mr, nv, WORDS)                                                                                    \
  enum { step = 0 };                                                                                                   \
  EC_ROWS_##mr(EC_PANEL_INPUT, nv);                                                                                    \
  EC_ROWS_##mr(EC_DOT_STARTS, nv);                                                                                     \
  EC_DOT_STEPS(mr, nv, inputs, WORDS)
#define EC_PANEL_TILE(mr, kernel, nv, WORDS)                                                                           \
  static EC_NOINLINE void kernel##_tile##mr(const int16_t *x, ptrdiff_t inputs, const unsigned char *w,                \
                                            const int32_t *start, int32_t *acc) {                                      \
    EC_PANEL_SUM(mr, nv, WORDS)                                                                                        \
    EC_ROWS_##mr(EC_DOT_STORES, nv);                                                                                   \
  }
#define EC_PANEL_CASE(mr, kernel, nv)                                                                                  \
  case mr:                                                                                                             \
    kernel##_tile##mr(x, inputs, w, start, acc);                                                                       \
    break;

/* Defines `kernel` for tiles of mr pixels x nv vectors, whose inputs and weights are widened by functions. */
#define EC_PANEL_KERNEL(kernel, mr, nv, WORDS, widen_inputs, widen_weights)                                            \
  EC_TILES_##mr(EC_PANEL_TILE, kernel, nv, WORDS) EC_INLINE void kernel##_tile(                                        \
      int32_t rows, const int16_t *x, ptrdiff_t inputs, const unsigned char *w, const int32_t *start, int32_t *acc) {  \
    switch (rows) { EC_TILES_##mr(EC_PANEL_CASE, kernel, nv) }                                                         \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    EC_ALIGNED(64) int32_t acc[(mr) * (nv) * EC_V_LANES];                                                              \
    (void)pad;                                                                                                         \
    ec_conv_i32_panel(d, taps, npx, w, oc0, e, epi, mr, (nv) * EC_V_LANES, acc, widen_inputs, widen_weights,           \
                      kernel##_tile);                                                                                  \
  }

#endif
