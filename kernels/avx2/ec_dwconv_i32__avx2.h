/* SPDX-License-Identifier: 0BSD
 * The words of integer depthwise convolutions with AVX2: VPMADDWD of pairs of taps, which are interleaved as bytes and
 * then widened. */
#ifndef EC_DWCONV_I32__AVX2_H
#define EC_DWCONV_I32__AVX2_H

#include "ec_v__avx2.h"

#include "ec_dwconv_i32_dot.h"

/* The first n of 8 bytes, then zeros. */
EC_INLINE __m128i ec_bytes__avx2(const unsigned char *p, int32_t n) {
  uint64_t bytes = 0;
  if (n >= 8) {
    return _mm_loadl_epi64((const __m128i *)(const void *)p);
  }
  for (int32_t i = 0; i < n; i++) {
    bytes |= (uint64_t)p[i] << (8 * i);
  }
  return _mm_cvtsi64_si128((int64_t)bytes);
}

/* Both inputs of n channels, as bytes. */
EC_INLINE __m128i ec_pairs__avx2(const unsigned char *p, const unsigned char *q, int32_t n) {
  return _mm_unpacklo_epi8(ec_bytes__avx2(p, n), ec_bytes__avx2(q, n));
}

/* The weights of n channels, widened. */
EC_INLINE ec_vi32 ec_pair_weights__avx2(const unsigned char *p, int32_t n) {
  const __m128i w = n >= EC_V_LANES ? _mm_loadu_si128((const __m128i *)(const void *)p)
                                    : _mm_unpacklo_epi64(ec_bytes__avx2(p, 2 * n), ec_bytes__avx2(p + 8, 2 * n - 8));
  return _mm256_cvtepi8_epi16(w);
}

#define EC_PAIRS_U8__AVX2(i, j)                                                                                        \
  a##i##_##j = _mm256_add_epi32(                                                                                       \
      a##i##_##j, _mm256_madd_epi16(_mm256_cvtepu8_epi16(ec_pairs__avx2(p##i + (j) * 8, q##i + (j) * 8, n)), w##j));
#define EC_PAIRS_I8__AVX2(i, j)                                                                                        \
  a##i##_##j = _mm256_add_epi32(                                                                                       \
      a##i##_##j, _mm256_madd_epi16(_mm256_cvtepi8_epi16(ec_pairs__avx2(p##i + (j) * 8, q##i + (j) * 8, n)), w##j));

#define EC_PAIRS_U8I8__AVX2_W_BYTES       1
#define EC_PAIRS_U8I8__AVX2_WEIGHT(p, n)  ec_pair_weights__avx2(p, n)
#define EC_PAIRS_U8I8__AVX2_STEP(i, nv)   EC_VECTORS_##nv(EC_PAIRS_U8__AVX2, i)
#define EC_PAIRS_I8I8__AVX2_W_BYTES       1
#define EC_PAIRS_I8I8__AVX2_WEIGHT(p, n)  ec_pair_weights__avx2(p, n)
#define EC_PAIRS_I8I8__AVX2_STEP(i, nv)   EC_VECTORS_##nv(EC_PAIRS_I8__AVX2, i)
#define EC_PAIRS_U8I16__AVX2_W_BYTES      2
#define EC_PAIRS_U8I16__AVX2_WEIGHT(p, n) ec_vload_i32(p, n)
#define EC_PAIRS_U8I16__AVX2_STEP(i, nv)  EC_VECTORS_##nv(EC_PAIRS_U8__AVX2, i)
#define EC_PAIRS_I8I16__AVX2_W_BYTES      2
#define EC_PAIRS_I8I16__AVX2_WEIGHT(p, n) ec_vload_i32(p, n)
#define EC_PAIRS_I8I16__AVX2_STEP(i, nv)  EC_VECTORS_##nv(EC_PAIRS_I8__AVX2, i)

#endif
