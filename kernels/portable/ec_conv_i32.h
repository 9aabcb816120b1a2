/* SPDX-License-Identifier: 0BSD
 * What integer convolutions of all instruction sets share: panels of weights outside, tiles of pixels inside.
 *
 * A panel is int32_t start[nr], then the weights [tap][ic/kr][nr][kr]. A kernel brings tile(), which stores the sums of
 * 1 … mr pixels x nr channels, and may bring whole(), which hands those of mr pixels to the epilogue directly. */
#ifndef EC_CONV_I32_H
#define EC_CONV_I32_H

#include "ec_tile.h"

typedef void (*ec_conv_i32_tile)(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,
                                 ptrdiff_t ic, const unsigned char *panel, int32_t *acc);
typedef void (*ec_conv_i32_whole)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t ic,
                                  const unsigned char *panel, ptrdiff_t px, int32_t oc, const ec_epilogue *e,
                                  ec_epi_i32 epi);

/* One block; weights take w_bytes each, acc has room for mr * nr sums. `whole` may be NULL: less code. */
EC_INLINE void ec_conv_i32(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                           const ec_epilogue *e, ec_epi_i32 epi, int32_t mr, int32_t nr, ptrdiff_t w_bytes,
                           int32_t *acc, ec_conv_i32_tile tile, ec_conv_i32_whole whole) {
  const ptrdiff_t tap_count = ec_window_taps(d), tap_step = d->tap_step,
                  panel_bytes = nr * (4 + tap_count * d->ic * w_bytes);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  const unsigned char *panel = (const unsigned char *)w;
  for (int32_t c = 0; c < d->oc; c += nr, panel += panel_bytes) {
    const int32_t channels = d->oc - c < nr ? d->oc - c : nr;
    int32_t rows;
    for (ptrdiff_t i = 0; i < npx; i += rows) {
      rows = ec_tile_rows(npx - i, mr);
      if (whole && rows == mr && channels == nr) {
        whole(taps + i, tap_count, tap_step, d->ic, panel, i, oc0 + c, &local, epi);
      } else {
        tile(rows, taps + i, tap_count, tap_step, d->ic, panel, acc);
        ec_tile_finish_i32(acc, nr, i, rows, oc0 + c, channels, &local, epi);
      }
    }
  }
}

#endif
