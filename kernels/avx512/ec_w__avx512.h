/* SPDX-License-Identifier: 0BSD
 * Epilogues of integer sums on AVX-512 take up to 64 channels at once: kernels/README.md. Rescaled sums become bytes in
 * 17 instructions for 64: VCVTDQ2PS, VFMADD, whose scales may lie in memory, and VPADDD of the zero point for each
 * vector, 2 VPACKSSDW, VPACKUSWB, VPERMD and the store; in 11 for 32, in 5 for 16 (u8: 6). A limit takes one. */
#ifndef EC_W__AVX512_H
#define EC_W__AVX512_H

#include "ec_w_packs.h"

/* ec_vround_shift_i32 of b - 2^(s-1): a half was rounded up to where only the last bit kept is set. */
EC_INLINE ec_vi32 ec_vround_half_i32(ec_vi32 b, int32_t s, int32_t n) {
  const __mmask16 odd = _mm512_cmpeq_epi32_mask(ec_vshl_i32(b, 31 - s, n), _mm512_set1_epi32(INT32_MIN));
  const ec_vi32 up = ec_vshr_i32(b, s, n);
  return _mm512_mask_sub_epi32(up, odd, up, _mm512_set1_epi32(1));
}

#define EC_W_PUT(put, type, least, most, narrow, clamp)                                                                \
  EC_INLINE void put(void *p, ec_wi32 v, int32_t low, int32_t high, int32_t n) {                                       \
    const __m512i halves = _mm512_packs_epi32(v.v0, v.v1);                                                             \
    if (n <= 16) {                                                                                                     \
      __m128i y = clamp(v.v0);                                                                                         \
      EC_W_LIMIT(_mm, type, y, least, most)                                                                            \
      ec_vput__avx512(p, y, n);                                                                                        \
    } else if (n <= 32) {                                                                                              \
      const __m256i order = _mm256_setr_epi32(0, 4, 2, 6, 1, 5, 3, 7);                                                 \
      __m256i y = _mm256_##narrow##_epi16(_mm512_castsi512_si256(halves), _mm512_extracti64x4_epi64(halves, 1));       \
      y = _mm256_permutevar8x32_epi32(y, order);                                                                       \
      EC_W_LIMIT(_mm256, type, y, least, most)                                                                         \
      if (n == 32) {                                                                                                   \
        _mm256_storeu_epi8(p, y);                                                                                      \
      } else {                                                                                                         \
        _mm256_mask_storeu_epi8(p, (1U << n) - 1U, y);                                                                 \
      }                                                                                                                \
    } else {                                                                                                           \
      const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);                   \
      __m512i y = _mm512_##narrow##_epi16(halves, _mm512_packs_epi32(v.v2, v.v3));                                     \
      y = _mm512_permutexvar_epi32(order, y);                                                                          \
      EC_W_LIMIT(_mm512, type, y, least, most)                                                                         \
      if (n >= EC_W_LANES) {                                                                                           \
        _mm512_storeu_epi8(p, y);                                                                                      \
      } else {                                                                                                         \
        _mm512_mask_storeu_epi8(p, ((__mmask64)1 << n) - 1, y);                                                        \
      }                                                                                                                \
    }                                                                                                                  \
  }
EC_W_PUT(ec_wput_i8__avx512, epi8, -128, 127, packs, ec_vclamp_i8__avx512)
EC_W_PUT(ec_wput_u8__avx512, epu8, 0, 255, packus, ec_vclamp_u8__avx512)
EC_W_BYTES(i8, ec_wput_i8__avx512)
EC_W_BYTES(u8, ec_wput_u8__avx512)

#undef EC_W_LOAD
#undef EC_W_LIMIT
#undef EC_W_BYTES
#undef EC_W_PUT

#endif
