/* SPDX-License-Identifier: 0BSD
 * Integer depthwise convolution, four channels at a time: the words of x and w are split into 16-bit halves, which
 * SMLABB and SMLATT multiply where they lie. */
#ifndef EC_DWCONV_I32__DSP_H
#define EC_DWCONV_I32__DSP_H

#include "ec_dsp.h"

#include "ec_dwconv_i32.h"

#define EC_DSP_TAP(x, p, at)                                                                                           \
  {                                                                                                                    \
    const uint32_t word = ec_dsp_load(p), weights = ec_dsp_load(at);                                                   \
    const uint32_t x_even = ec_dsp_even_##x(word), w_even = ec_dsp_even_i8(weights);                                   \
    const uint32_t x_odd = ec_dsp_odd_##x(word), w_odd = ec_dsp_odd_i8(weights);                                       \
    a0 = ec_dsp_lower(x_even, w_even, a0);                                                                             \
    a1 = ec_dsp_lower(x_odd, w_odd, a1);                                                                               \
    a2 = ec_dsp_upper(x_even, w_even, a2);                                                                             \
    a3 = ec_dsp_upper(x_odd, w_odd, a3);                                                                               \
  }

/* Defines `kernel` for x of type X, named x. */
#define EC_DSP_DEPTHWISE(kernel, x, X)                                                                                 \
  static EC_NOINLINE void kernel##_quad(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c,                     \
                                        const int32_t *start, const unsigned char *w, ptrdiff_t w_step,                \
                                        int32_t *acc) {                                                                \
    const void *const *const end = taps + tap_count - 1;                                                               \
    int32_t a0 = (int32_t)ec_dsp_load(start), a1 = (int32_t)ec_dsp_load(start + 1),                                    \
            a2 = (int32_t)ec_dsp_load(start + 2), a3 = (int32_t)ec_dsp_load(start + 3);                                \
    for (; taps < end; taps += 2) {                                                                                    \
      EC_DSP_TAP(x, (const unsigned char *)taps[0] + c, w)                                                             \
      w += w_step;                                                                                                     \
      EC_DSP_TAP(x, (const unsigned char *)taps[1] + c, w)                                                             \
      w += w_step;                                                                                                     \
    }                                                                                                                  \
    if (taps == end) {                                                                                                 \
      EC_DSP_TAP(x, (const unsigned char *)taps[0] + c, w)                                                             \
    }                                                                                                                  \
    acc[0] = a0, acc[1] = a1, acc[2] = a2, acc[3] = a3;                                                                \
  }                                                                                                                    \
  static EC_NOINLINE void kernel##_rest(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t start,      \
                                        const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {                      \
    for (ptrdiff_t t = 0; t < tap_count; t++, w += w_step) {                                                           \
      start = ec_wrap_i32((uint32_t)start + (uint32_t)(((const X *)taps[t])[c] * *(const int8_t *)w));                 \
    }                                                                                                                  \
    *acc = start;                                                                                                      \
  }                                                                                                                    \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,     \
                               const int32_t *start, const unsigned char *w, ptrdiff_t w_step, int32_t *acc) {         \
    int32_t i = 0;                                                                                                     \
    (void)rows;                                                                                                        \
    for (; i + 4 <= n; i += 4) {                                                                                       \
      kernel##_quad(taps, tap_count, c + i, start + i, w + i, w_step, acc + i);                                        \
    }                                                                                                                  \
    for (; i < n; i++) {                                                                                               \
      kernel##_rest(taps, tap_count, c + i, start[i], w + i, w_step, acc + i);                                         \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    int32_t acc[16];                                                                                                   \
    (void)pad;                                                                                                         \
    ec_dwconv_i32(d, taps, npx, w, oc0, e, epi, 1, 16, 1, acc, kernel##_tile, NULL);                                   \
  }

#endif
