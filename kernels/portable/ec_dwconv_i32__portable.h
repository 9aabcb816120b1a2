/* SPDX-License-Identifier: 0BSD
 * Integer depthwise convolution and maximum in plain C99, for every type of x and w: one pixel, channel by channel. */
#ifndef EC_DWCONV_I32__PORTABLE_H
#define EC_DWCONV_I32__PORTABLE_H

#include "ec_v__portable.h"

#include "ec_dwconv_i32.h"
#include "ec_maxpool_i32.h"

/* Defines `kernel` for x of type X and weights of type W. */
#define EC_DWCONV_I32_KERNEL(kernel, X, W)                                                                             \
  static EC_NOINLINE void kernel##_one(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,           \
                                       const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) { \
    for (int32_t i = 0; i < n; i++) {                                                                                  \
      const W *weight = (const W *)(w + i * (ptrdiff_t)sizeof(W));                                                     \
      uint32_t sum = (uint32_t)start[i];                                                                               \
      for (ptrdiff_t t = 0; t < tap_count; t++) {                                                                      \
        sum += (uint32_t)(((const X *)taps[t])[c + i] * weight[t * (w_step / (ptrdiff_t)sizeof(W))]);                  \
      }                                                                                                                \
      acc[i] = (int32_t)sum;                                                                                           \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,     \
                               const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {         \
    (void)rows;                                                                                                        \
    kernel##_one(taps, tap_count, c, n, start, w, w_step, acc);                                                        \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad;                                                                                                         \
    ec_dwconv_i32(d, taps, npx, w, oc0, e, epi, 1, 16, (ptrdiff_t)sizeof(W), acc, kernel##_tile, NULL);                \
  }

/* Defines `kernel`, the greatest of all taps, for x of type X, none of which is less than `least`. */
#define EC_MAXPOOL_I32_KERNEL(kernel, X, least)                                                                        \
  static EC_NOINLINE void kernel##_tile(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,          \
                                        int32_t *acc) {                                                                \
    for (int32_t i = 0; i < n; i++) {                                                                                  \
      int32_t most = least;                                                                                            \
      for (ptrdiff_t t = 0; t < tap_count; t++) {                                                                      \
        const int32_t x = ((const X *)taps[t])[c + i];                                                                 \
        most = x > most ? x : most;                                                                                    \
      }                                                                                                                \
      acc[i] = most;                                                                                                   \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad, (void)w;                                                                                                \
    ec_maxpool_i32(d, taps, npx, oc0, e, epi, 16, acc, kernel##_tile);                                                 \
  }

#endif
