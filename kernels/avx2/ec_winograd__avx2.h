/* SPDX-License-Identifier: 0BSD
 * The words of Winograd's transforms on x86-64: 16 lanes of 16 bits. */
#ifndef EC_WINOGRAD__AVX2_H
#define EC_WINOGRAD__AVX2_H

#include <immintrin.h>

#define EC_V16_LANES 16
typedef __m256i ec_vi16;

EC_INLINE ec_vi16 ec_vload_vi16(const int16_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }
EC_INLINE void ec_vstore_vi16(int16_t *p, ec_vi16 v) { _mm256_storeu_si256((__m256i *)(void *)p, v); }
EC_INLINE ec_vi16 ec_vwiden_u8(const unsigned char *p) {
  return _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(const void *)p));
}
EC_INLINE ec_vi16 ec_vwiden_i8(const unsigned char *p) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)p));
}
EC_INLINE ec_vi16 ec_vadd_i16(ec_vi16 a, ec_vi16 b) { return _mm256_add_epi16(a, b); }
EC_INLINE ec_vi16 ec_vsub_i16(ec_vi16 a, ec_vi16 b) { return _mm256_sub_epi16(a, b); }
EC_INLINE ec_vi16 ec_vshl_i16(ec_vi16 a, int32_t s) { return _mm256_slli_epi16(a, s); }

#include "ec_winograd_i32.h"

EC_WINOGRAD_INPUT(ec_winograd_input_u8, ec_vwiden_u8)
EC_WINOGRAD_INPUT(ec_winograd_input_i8, ec_vwiden_i8)

#endif
