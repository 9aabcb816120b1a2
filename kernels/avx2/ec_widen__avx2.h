/* SPDX-License-Identifier: 0BSD
 * Bytes of pixels made 16 bits wide, for convolutions of all x86-64 instruction sets. */
#ifndef EC_WIDEN__AVX2_H
#define EC_WIDEN__AVX2_H

#include <immintrin.h>

#include "ec_conv_i32_panel.h"

#define EC_WIDEN_X86(word, convert, X)                                                                                 \
  EC_INLINE void word##16(int16_t *to, const X *from) {                                                                \
    const __m128i x = _mm_loadu_si128((const __m128i *)(const void *)from);                                            \
    _mm256_storeu_si256((__m256i *)(void *)to, _mm256_##convert##_epi16(x));                                           \
  }                                                                                                                    \
  EC_INLINE void word##8(int16_t *to, const X *from) {                                                                 \
    const __m128i x = _mm_loadl_epi64((const __m128i *)(const void *)from);                                            \
    _mm_storeu_si128((__m128i *)(void *)to, _mm_##convert##_epi16(x));                                                 \
  }
EC_WIDEN_X86(ec_widen_u8_, cvtepu8, uint8_t)
EC_WIDEN_X86(ec_widen_i8_, cvtepi8, int8_t)

EC_WIDE_INPUTS(ec_widen_u8_, uint8_t)
EC_WIDE_INPUTS(ec_widen_i8_, int8_t)

/* An ec_panel_weights_fn; n is a multiple of 16. */
static EC_NOINLINE void ec_widen_weights(int16_t *to, const unsigned char *w, ptrdiff_t n) {
  for (ptrdiff_t i = 0; i < n; i += 16) {
    ec_widen_i8_16(to + i, (const int8_t *)w + i);
  }
}

#endif
