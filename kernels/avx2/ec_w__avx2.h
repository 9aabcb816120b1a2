/* SPDX-License-Identifier: 0BSD
 * Epilogues of integer sums on AVX2 take up to 32 channels at once: kernels/README.md. Rescaled sums become bytes in 17
 * instructions for 32: VCVTDQ2PS, VFMADD, whose scales may lie in memory, and VPADDD of the zero point for each
 * vector, 2 VPACKSSDW, VPACKUSWB, VPERMD and the store; in 11 for 16, in 7 for 8. A limit takes one. */
#ifndef EC_W__AVX2_H
#define EC_W__AVX2_H

#include "ec_w_packs.h"

/* ec_vround_shift_i32 of b - 2^(s-1): a half was rounded up to where only the last bit kept is set. */
EC_INLINE ec_vi32 ec_vround_half_i32(ec_vi32 b, int32_t s, int32_t n) {
  const ec_vi32 odd = _mm256_cmpeq_epi32(ec_vshl_i32(b, 31 - s, n), _mm256_set1_epi32(INT32_MIN));
  return _mm256_add_epi32(ec_vshr_i32(b, s, n), odd);
}

#define EC_W_PUT(put, type, least, most, narrow)                                                                       \
  EC_INLINE void put(void *p, ec_wi32 v, int32_t low, int32_t high, int32_t n) {                                       \
    unsigned char rest[EC_W_LANES];                                                                                    \
    void *to = n == 8 || n == 16 || n >= EC_W_LANES ? p : rest;                                                        \
    if (n <= 8) {                                                                                                      \
      const __m128i halves = ec_vclamp16__avx2(v.v0);                                                                  \
      __m128i y = _mm_##narrow##_epi16(halves, halves);                                                                \
      EC_W_LIMIT(_mm, type, y, least, most)                                                                            \
      _mm_storel_epi64((__m128i *)to, y);                                                                              \
    } else if (n <= 16) {                                                                                              \
      const __m256i halves = _mm256_packs_epi32(v.v0, v.v1);                                                           \
      __m128i y = _mm_##narrow##_epi16(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));           \
      EC_W_LIMIT(_mm, type, y, least, most)                                                                            \
      _mm_storeu_si128((__m128i *)to, _mm_shuffle_epi32(y, _MM_SHUFFLE(3, 1, 2, 0)));                                  \
    } else {                                                                                                           \
      const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);                                                 \
      __m256i y = _mm256_##narrow##_epi16(_mm256_packs_epi32(v.v0, v.v1), _mm256_packs_epi32(v.v2, v.v3));             \
      EC_W_LIMIT(_mm256, type, y, least, most)                                                                         \
      _mm256_storeu_si256((__m256i *)to, _mm256_permutevar8x32_epi32(y, order));                                       \
    }                                                                                                                  \
    if (to == rest) {                                                                                                  \
      memcpy(p, rest, (size_t)n);                                                                                      \
    }                                                                                                                  \
  }
EC_W_PUT(ec_wput_i8__avx2, epi8, -128, 127, packs)
EC_W_PUT(ec_wput_u8__avx2, epu8, 0, 255, packus)
EC_W_BYTES(i8, ec_wput_i8__avx2)
EC_W_BYTES(u8, ec_wput_u8__avx2)

#undef EC_W_LOAD
#undef EC_W_LIMIT
#undef EC_W_BYTES
#undef EC_W_PUT

#endif
