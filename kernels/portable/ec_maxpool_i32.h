/* SPDX-License-Identifier: 0BSD
 * What integer maximum poolings of all instruction sets share: pixels outside, nr channels at a time inside. */
#ifndef EC_MAXPOOL_I32_H
#define EC_MAXPOOL_I32_H

#include "ec_tile.h"

/* The greatest of all taps in channels c … c + n - 1 of one pixel. */
typedef void (*ec_maxpool_i32_tile)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n, int32_t *acc);

/* One block; acc has room for nr numbers. */
EC_INLINE void ec_maxpool_i32(const ec_window *d, const void *const *taps, ptrdiff_t npx, int32_t oc0,
                              const ec_epilogue *e, ec_epi_i32 epi, int32_t nr, int32_t *acc,
                              ec_maxpool_i32_tile tile) {
  const ptrdiff_t tap_count = ec_window_taps(d);
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  int32_t n;
  for (ptrdiff_t i = 0; i < npx; i++, taps += tap_count) {
    for (int32_t c = 0; c < d->oc; c += n) {
      n = d->oc - c < nr ? d->oc - c : nr;
      tile(taps, tap_count, c, n, acc);
      ec_tile_finish_i32(acc, nr, i, 1, oc0 + c, n, &local, epi);
    }
  }
}

#endif
