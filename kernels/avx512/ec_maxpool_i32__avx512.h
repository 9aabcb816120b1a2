/* SPDX-License-Identifier: 0BSD
 * Integer maximum poolings with AVX-512: 64 channels of a pixel, widened at the end. */
#ifndef EC_MAXPOOL_I32__AVX512_H
#define EC_MAXPOOL_I32__AVX512_H

#include "ec_v__avx512.h"

#include "ec_maxpool_i32.h"

/* Defines `kernel`; bytes are those of the `type` epu8 or epi8, which `convert` widens. */
#define EC_MAXPOOL_KERNEL__AVX512(kernel, type, convert)                                                               \
  static EC_NOINLINE void kernel##_tile(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t c, int32_t n,          \
                                        int32_t *acc) {                                                                \
    const __mmask64 channels = n >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << n) - 1;                                      \
    __m512i most = _mm512_maskz_loadu_epi8(channels, (const unsigned char *)taps[0] + c);                              \
    for (ptrdiff_t t = 1; t < tap_count; t++) {                                                                        \
      most = _mm512_max_##type(most, _mm512_maskz_loadu_epi8(channels, (const unsigned char *)taps[t] + c));           \
    }                                                                                                                  \
    _mm512_storeu_si512(acc, _mm512_##convert##_epi32(_mm512_castsi512_si128(most)));                                  \
    _mm512_storeu_si512(acc + 16, _mm512_##convert##_epi32(_mm512_extracti32x4_epi32(most, 1)));                       \
    _mm512_storeu_si512(acc + 32, _mm512_##convert##_epi32(_mm512_extracti32x4_epi32(most, 2)));                       \
    _mm512_storeu_si512(acc + 48, _mm512_##convert##_epi32(_mm512_extracti32x4_epi32(most, 3)));                       \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    EC_ALIGNED(64) int32_t acc[64];                                                                                    \
    (void)pad, (void)w;                                                                                                \
    ec_maxpool_i32(d, taps, npx, oc0, e, epi, 64, acc, kernel##_tile);                                                 \
  }

#endif
