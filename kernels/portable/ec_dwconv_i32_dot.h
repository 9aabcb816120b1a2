/* SPDX-License-Identifier: 0BSD
 * Integer depthwise convolutions whose instructions add the products of several taps to each lane: a step takes kr
 * taps. Weights are int32_t start[c], then [tap/kr][c][kr], zeros beyond the last tap.
 *
 * The template is for pairs of taps. A kernel names its WORDS, macros that begin alike:
 *   <WORDS>_W_BYTES        bytes of a weight
 *   <WORDS>_WEIGHT(p, n)   the weights of n <= EC_V_LANES channels from p on
 *   <WORDS>_STEP(i, nv)    adds to a<i>_<0> … the products of w<0> … and a channel's inputs behind p<i> and q<i> */
#ifndef EC_DWCONV_I32_DOT_H
#define EC_DWCONV_I32_DOT_H

#include "ec_tile.h"

/* Channels c … c + n - 1: `start` and `w` point at the first one's, and the next step's weights lie w_step further. */
typedef void (*ec_dwconv_dot_tile)(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,
                                   const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc);
typedef void (*ec_dwconv_dot_whole)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,
                                    const unsigned char *w, ptrdiff_t w_step, ptrdiff_t px, int32_t oc,
                                    const ec_epilogue *e, ec_epi_i32 epi);

/* One block: tiles of pixels outside, nr channels inside, then vectors of them unless a tile takes what remains
 * (`together`). step_bytes are the weights of a channel in a step; acc has room for mr * nr sums. */
EC_INLINE void ec_dwconv_i32_dot(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                                 const ec_epilogue *e, ec_epi_i32 epi, int32_t mr, int32_t nr, int together,
                                 ptrdiff_t step_bytes, int32_t *acc, ec_dwconv_dot_tile tile,
                                 ec_dwconv_dot_whole whole) {
  const ptrdiff_t tap_count = ec_window_taps(d), w_step = d->oc * step_bytes;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  const int32_t *start = (const int32_t *)w;
  const unsigned char *weights = (const unsigned char *)(start + d->oc);
  int32_t rows, n;
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows * tap_count) {
    rows = ec_tile_rows(npx - i, mr);
    for (int32_t c = 0; c < d->oc; c += n) {
      const int32_t left = d->oc - c;
      n = together && left < nr ? left : ec_tile_channels(left, nr);
      if (rows == mr && n == nr) {
        whole(taps, tap_count, c, start + c, weights + c * step_bytes, w_step, i, oc0 + c, &local, epi);
      } else {
        tile(rows, taps, tap_count, c, n, start + c, weights + c * step_bytes, w_step, acc);
        ec_tile_finish_i32(acc, nr, i, rows, oc0 + c, n, &local, epi);
      }
    }
  }
}

#define EC_PAIRS_START(i, j)      ec_vi32 a##i##_##j = ec_vload_i32(start + (j) * EC_V_LANES, n);
#define EC_PAIRS_STORE(i, j)      ec_vstore_i32(acc + (j) * EC_V_LANES, a##i##_##j, EC_V_LANES);
#define EC_PAIRS_WEIGHT(WORDS, j) const ec_vi32 w##j = WORDS##_WEIGHT(w + (j) * 2 * EC_V_LANES * WORDS##_W_BYTES, n);
#define EC_PAIRS_INPUT(i, nv)                                                                                          \
  const unsigned char *p##i = (const unsigned char *)taps[i * tap_count + t] + c;                                      \
  const unsigned char *q##i = (const unsigned char *)taps[i * tap_count + other] + c;

#define EC_PAIRS_STARTS(i, nv)   EC_VECTORS_##nv(EC_PAIRS_START, i)
#define EC_PAIRS_STORES(i, nv)   EC_VECTORS_##nv(EC_PAIRS_STORE, i) acc += row;
#define EC_PAIRS_FINISHES(i, nv) EC_W_FINISH_##nv(i)

/* A step; the last one of an odd number of taps takes its tap twice, the second time with weights of zero. */
#define EC_PAIRS_SUM(mr, nv, WORDS)                                                                                    \
  EC_ROWS_##mr(EC_PAIRS_STARTS, nv);                                                                                   \
  for (ptrdiff_t t = 0; t < tap_count; t += 2, w += w_step) {                                                          \
    const ptrdiff_t other = t + 1 < tap_count ? t + 1 : t;                                                             \
    EC_VECTORS_##nv(EC_PAIRS_WEIGHT, WORDS);                                                                           \
    EC_ROWS_##mr(EC_PAIRS_INPUT, nv);                                                                                  \
    EC_ROWS_##mr(WORDS##_STEP, nv);                                                                                    \
  }

#define EC_PAIRS_TILE(mr, kernel, nv, WORDS)                                                                           \
  static EC_NOINLINE void kernel##_tile##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c,                 \
                                            const int32_t *start, const unsigned char *w, ptrdiff_t w_step,            \
                                            int32_t *acc) {                                                            \
    enum { n = EC_V_LANES, row = (nv) * EC_V_LANES };                                                                  \
    EC_PAIRS_SUM(mr, nv, WORDS)                                                                                        \
    EC_ROWS_##mr(EC_PAIRS_STORES, nv);                                                                                 \
  }                                                                                                                    \
  static EC_NOINLINE void kernel##_edge##mr(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,      \
                                            const int32_t *start, const unsigned char *w, ptrdiff_t w_step,            \
                                            int32_t *acc) {                                                            \
    enum { row = (nv) * EC_V_LANES };                                                                                  \
    EC_PAIRS_SUM(mr, 1, WORDS)                                                                                         \
    EC_ROWS_##mr(EC_PAIRS_STORES, 1);                                                                                  \
  }
#define EC_PAIRS_WHOLE(kernel, mr, nv, WORDS)                                                                          \
  EC_INLINE void kernel##_whole(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,       \
                                const unsigned char *w, ptrdiff_t w_step, ptrdiff_t px, int32_t oc,                    \
                                const ec_epilogue *e, ec_epi_i32 epi) {                                                \
    enum { n = EC_V_LANES };                                                                                           \
    EC_PAIRS_SUM(mr, nv, WORDS)                                                                                        \
    EC_W_KEPT_##nv EC_ROWS_##mr(EC_PAIRS_FINISHES, nv);                                                                \
  }
#define EC_PAIRS_CASE(mr, kernel, nv)                                                                                  \
  case mr:                                                                                                             \
    if (n >= (nv) * EC_V_LANES) {                                                                                      \
      kernel##_tile##mr(taps, tap_count, c, start, w, w_step, acc);                                                    \
    } else {                                                                                                           \
      kernel##_edge##mr(taps, tap_count, c, n, start, w, w_step, acc);                                                 \
    }                                                                                                                  \
    break;
#define EC_PAIRS_CHOICE(kernel, mr, nv)                                                                                \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,     \
                               const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {         \
    switch (rows) { EC_TILES_##mr(EC_PAIRS_CASE, kernel, nv) }                                                         \
  }

/* Defines `kernel` for tiles of mr pixels x nv vectors. */
#define EC_PAIRS_KERNEL(kernel, mr, nv, WORDS)                                                                         \
  EC_TILES_##mr(EC_PAIRS_TILE, kernel, nv, WORDS) EC_PAIRS_WHOLE(kernel, mr, nv, WORDS)                                \
      EC_PAIRS_CHOICE(kernel, mr, nv) EC_INLINE void                                                                   \
      kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0, const void *pad,  \
             const ec_epilogue *e, ec_epi_i32 epi) {                                                                   \
    EC_ALIGNED(64) int32_t acc[(mr) * (nv) * EC_V_LANES];                                                              \
    (void)pad;                                                                                                         \
    ec_dwconv_i32_dot(d, taps, npx, w, oc0, e, epi, mr, (nv) * EC_V_LANES, 0, 2 * WORDS##_W_BYTES, acc, kernel##_tile, \
                      kernel##_whole);                                                                                 \
  }

#endif
