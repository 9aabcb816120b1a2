/* SPDX-License-Identifier: 0BSD
 * Integer convolutions that multiply 16-bit numbers: the inputs of a tile's pixels are widened first, once for all
 * panels of weights, so that a step has nothing more to do than to load them.
 *
 * Written over the template of ec_conv_i32_dot.h; x<i> counts int16_t. */
#ifndef EC_CONV_I32_WIDE_H
#define EC_CONV_I32_WIDE_H

#include "ec_conv_i32_dot.h"

#ifndef EC_WIDE_MOST
#define EC_WIDE_MOST 2304 /* inputs of a pixel that are widened at a time; more are done again for each panel */
#endif

/* The channels c … c + n - 1 of `count` taps of `rows` pixels, one behind the other, `step` between pixels. */
typedef void (*ec_conv_widen)(int16_t *x, ptrdiff_t step, int32_t rows, const void *const *taps, ptrdiff_t tap_step,
                              ptrdiff_t count, ptrdiff_t c, ptrdiff_t n);
/* Sums of `inputs` inputs, which start at start[row * step]. */
typedef void (*ec_conv_wide_tile)(int32_t rows, const int16_t *x, ptrdiff_t inputs, const unsigned char *w,
                                  const int32_t *start, ptrdiff_t step, int32_t *acc);
typedef void (*ec_conv_wide_whole)(const int16_t *x, ptrdiff_t inputs, const unsigned char *w, const int32_t *start,
                                   ptrdiff_t step, ptrdiff_t px, int32_t oc, const ec_epilogue *e, ec_epi_i32 epi);

/* One block: tiles of pixels outside, panels inside. x has room for mr * EC_WIDE_MOST inputs, acc for mr * nr sums.
 * `whole` may be NULL: less code. */
EC_INLINE void ec_conv_i32_wide(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                                const ec_epilogue *e, ec_epi_i32 epi, int32_t mr, int32_t nr, ptrdiff_t w_bytes,
                                int16_t *x, int32_t *acc, ec_conv_widen widen, ec_conv_wide_tile tile,
                                ec_conv_wide_whole whole) {
  const ptrdiff_t tap_count = ec_window_taps(d), tap_step = d->tap_step, ic = d->ic,
                  several = ic < EC_WIDE_MOST ? EC_WIDE_MOST / ic : 1;
  const int once = tap_count * ic <= EC_WIDE_MOST;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  int32_t rows;
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows) {
    const unsigned char *p = (const unsigned char *)w;
    rows = ec_tile_rows(npx - i, mr);
    for (int32_t oc = 0; oc < d->oc; oc += nr) {
      const int32_t channels = d->oc - oc < nr ? d->oc - oc : nr;
      const int32_t *start = (const int32_t *)p;
      ptrdiff_t step = 0;
      p += 4 * nr;
      for (ptrdiff_t t = 0, c = 0; t < tap_count;) {
        const ptrdiff_t count = tap_count - t < several ? tap_count - t : several;
        const ptrdiff_t n = ic - c < EC_WIDE_MOST ? ic - c : EC_WIDE_MOST;
        const int last = t + count == tap_count && c + n == ic;
        if (oc == 0 || !once) {
          widen(x, EC_WIDE_MOST, rows, taps + t * tap_step, tap_step, count, c, n);
        }
        if (whole && last && rows == mr && channels == nr) {
          whole(x, count * n, p, start, step, i, oc0 + oc, &local, epi);
        } else {
          tile(rows, x, count * n, p, start, step, acc);
          start = acc;
          step = nr;
          if (last) {
            ec_tile_finish_i32(acc, nr, i, rows, oc0 + oc, channels, &local, epi);
          }
        }
        p += count * n * nr * w_bytes;
        c += n;
        if (c == ic) {
          t += count;
          c = 0;
        }
      }
    }
  }
}

/* Defines `widen` for x of type X; `widen`16(to, from) and `widen`8 do as many inputs at once. */
#define EC_WIDE_INPUTS(widen, X)                                                                                       \
  static EC_NOINLINE void widen(int16_t *to, ptrdiff_t step, int32_t rows, const void *const *taps,                    \
                                ptrdiff_t tap_step, ptrdiff_t count, ptrdiff_t c, ptrdiff_t n) {                       \
    for (int32_t i = 0; i < rows; i++, taps++, to += step) {                                                           \
      int16_t *y = to;                                                                                                 \
      for (ptrdiff_t t = 0; t < count; t++, y += n) {                                                                  \
        const X *x = (const X *)taps[t * tap_step] + c;                                                                \
        ptrdiff_t k = 0;                                                                                               \
        for (; k + 16 <= n; k += 16) {                                                                                 \
          widen##16(y + k, x + k);                                                                                     \
        }                                                                                                              \
        if (k + 8 <= n) {                                                                                              \
          widen##8(y + k, x + k);                                                                                      \
          k += 8;                                                                                                      \
        }                                                                                                              \
        for (; k < n; k++) {                                                                                           \
          y[k] = x[k];                                                                                                 \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
  }

#define EC_WIDE_INPUT(i, nv) const int16_t *x##i = x + (i) * EC_WIDE_MOST;
#define EC_WIDE_SUM(mr, nv, WORDS)                                                                                     \
  EC_ROWS_##mr(EC_WIDE_INPUT, nv);                                                                                     \
  EC_ROWS_##mr(EC_DOT_STARTS, nv);                                                                                     \
  EC_DOT_STEPS(mr, nv, inputs, WORDS)
#define EC_WIDE_TILE(mr, kernel, nv, WORDS)                                                                            \
  static EC_NOINLINE void kernel##_tile##mr(const int16_t *x, ptrdiff_t inputs, const unsigned char *w,                \
                                            const int32_t *start, ptrdiff_t step, int32_t *acc) {                      \
    EC_WIDE_SUM(mr, nv, WORDS)                                                                                         \
    EC_ROWS_##mr(EC_DOT_STORES, nv);                                                                                   \
  }
#define EC_WIDE_WHOLE(kernel, mr, nv, WORDS)                                                                           \
  EC_INLINE void kernel##_whole(const int16_t *x, ptrdiff_t inputs, const unsigned char *w, const int32_t *start,      \
                                ptrdiff_t step, ptrdiff_t px, int32_t oc, const ec_epilogue *e, ec_epi_i32 epi) {      \
    EC_WIDE_SUM(mr, nv, WORDS)                                                                                         \
    EC_W_KEPT_##nv EC_ROWS_##mr(EC_DOT_FINISHES, nv);                                                                  \
  }
#define EC_WIDE_CASE(mr, kernel, nv)                                                                                   \
  case mr:                                                                                                             \
    kernel##_tile##mr(x, inputs, w, start, step, acc);                                                                 \
    break;
#define EC_WIDE_CHOICE(kernel, mr)                                                                                     \
  EC_INLINE void kernel##_tile(int32_t rows, const int16_t *x, ptrdiff_t inputs, const unsigned char *w,               \
                               const int32_t *start, ptrdiff_t step, int32_t *acc) {                                   \
    switch (rows) { EC_TILES_##mr(EC_WIDE_CASE, kernel, 0) }                                                           \
  }

/* Defines `kernel` for tiles of mr pixels x nv vectors, whose inputs `widen` makes wide. */
#define EC_WIDE_KERNEL(kernel, mr, nv, WORDS, widen)                                                                   \
  EC_TILES_##mr(EC_WIDE_TILE, kernel, nv, WORDS) EC_WIDE_WHOLE(kernel, mr, nv, WORDS) EC_WIDE_CHOICE(kernel, mr)       \
      EC_INLINE void                                                                                                   \
      kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0, const void *pad,  \
             const ec_epilogue *e, ec_epi_i32 epi) {                                                                   \
    EC_ALIGNED(64) int16_t x[(mr) * EC_WIDE_MOST];                                                                     \
    EC_ALIGNED(64) int32_t acc[(mr) * (nv) * EC_V_LANES];                                                              \
    (void)pad;                                                                                                         \
    ec_conv_i32_wide(d, taps, npx, w, oc0, e, epi, mr, (nv) * EC_V_LANES, WORDS##_W_BITS / 8, x, acc, widen,           \
                     kernel##_tile, kernel##_whole);                                                                   \
  }

#endif
