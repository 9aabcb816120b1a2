/* SPDX-License-Identifier: 0BSD
 * What integer depthwise convolutions of all instruction sets share: tiles of pixels outside, channels inside.
 *
 * Weights are int32_t start[c], then [tap][c]. A kernel brings tile(), which stores the sums of 1 … mr pixels x
 * n <= nr channels, and may bring whole(), which hands those of mr pixels x nr channels to the epilogue directly. */
#ifndef EC_DWCONV_I32_H
#define EC_DWCONV_I32_H

#include "ec_tile.h"

/* Channels c … c + n - 1: `start` and `w` point at the first one's; acc[row][nr]. */
typedef void (*ec_dwconv_i32_tile)(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,
                                   const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc);
typedef void (*ec_dwconv_i32_whole)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, const int32_t *start,
                                    const unsigned char *w, ptrdiff_t w_step, ptrdiff_t px, int32_t oc,
                                    const ec_epilogue *e, ec_epi_i32 epi);

/* One block; weights take w_bytes each, acc has room for mr * nr sums. `whole` may be NULL: less code. */
EC_INLINE void ec_dwconv_i32(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                             const ec_epilogue *e, ec_epi_i32 epi, int32_t mr, int32_t nr, ptrdiff_t w_bytes,
                             int32_t *acc, ec_dwconv_i32_tile tile, ec_dwconv_i32_whole whole) {
  const ptrdiff_t tap_count = ec_window_taps(d);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  const int32_t *start = (const int32_t *)w;
  const unsigned char *weights = (const unsigned char *)(start + d->oc);
  int32_t rows, n;
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows * tap_count) {
    rows = ec_tile_rows(npx - i, mr);
    for (int32_t c = 0; c < d->oc; c += n) {
      n = d->oc - c < nr ? d->oc - c : nr;
      if (whole && rows == mr && n == nr) {
        whole(taps, tap_count, c, start + c, weights + c * w_bytes, d->oc * w_bytes, i, oc0 + c, &local, epi);
      } else {
        tile(rows, taps, tap_count, c, n, start + c, weights + c * w_bytes, d->oc * w_bytes, acc);
        ec_tile_finish_i32(acc, nr, i, rows, oc0 + c, n, &local, epi);
      }
    }
  }
}

#endif
