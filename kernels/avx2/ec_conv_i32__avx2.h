/* SPDX-License-Identifier: 0BSD
 * The words of integer convolutions with AVX2: VPMADDWD of inputs and weights made 16 bits wide, 2 channels, which
 * never overflows as bytes' VPMADDUBSW may. Weights widen as they are loaded, once for all pixels of a tile. */
#ifndef EC_CONV_I32__AVX2_H
#define EC_CONV_I32__AVX2_H

#include "ec_v__avx2.h"

#include "ec_conv_i32_wide.h"
#include "ec_widen__avx2.h"

/* Two inputs in every lane. */
EC_INLINE ec_vi32 ec_dot_input__avx2(const int16_t *p) {
  int32_t pair;
  memcpy(&pair, p, sizeof pair);
  return _mm256_set1_epi32(pair);
}

/* The weights of 8 channels. */
EC_INLINE ec_vi32 ec_dot_bytes__avx2(const unsigned char *p) {
  return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)p));
}

/* Wide weights serve tiles of 10 accumulators, which gcc spills unless they stay; staying costs tiles of bytes a third.
 */
#define EC_DOT_BYTES__AVX2(i, j) a##i##_##j = _mm256_add_epi32(a##i##_##j, _mm256_madd_epi16(x, w##j));
#define EC_DOT_WORDS__AVX2(i, j)                                                                                       \
  EC_DOT_BYTES__AVX2(i, j)                                                                                             \
  EC_DOT_STAY(a##i##_##j);
#define EC_DOT_STEP__AVX2(i, nv, MAC)                                                                                  \
  {                                                                                                                    \
    const ec_vi32 x = ec_dot_input__avx2(x##i + k);                                                                    \
    EC_VECTORS_##nv(MAC, i)                                                                                            \
  }

/* Weights of 4 bits multiply inputs that are widened as they are loaded. */
#define EC_DOT_PAIR__AVX2(x)                                                                                           \
  EC_INLINE ec_vi32 ec_dot_##x##__avx2(const unsigned char *p) {                                                       \
    int16_t pair;                                                                                                      \
    memcpy(&pair, p, sizeof pair);                                                                                     \
    return _mm256_cvtep##x##_epi16(_mm_set1_epi16(pair));                                                              \
  }
EC_DOT_PAIR__AVX2(u8)
EC_DOT_PAIR__AVX2(i8)
#define EC_DOT_NIBBLES__AVX2(x_type, i, nv)                                                                            \
  {                                                                                                                    \
    const ec_vi32 x = ec_dot_##x_type##__avx2(x##i + k);                                                               \
    EC_VECTORS_##nv(EC_DOT_BYTES__AVX2, i)                                                                             \
  }

#define EC_U8I4__AVX2_KR     2
#define EC_U8I4__AVX2_W_BITS 4
#define EC_U8I4__AVX2_WEIGHT(nv, j)                                                                                    \
  const ec_vi32 w##j = EC_DOT_HALF(nv, j, ec_dot_bytes__avx2(w + (j) % ((nv) / 2) * 2 * EC_V_LANES), 0x000f000f);
#define EC_U8I4__AVX2_STEP(i, nv) EC_DOT_NIBBLES__AVX2(u8, i, nv)

#define EC_I8I4__AVX2_KR            2
#define EC_I8I4__AVX2_W_BITS        4
#define EC_I8I4__AVX2_WEIGHT(nv, j) EC_U8I4__AVX2_WEIGHT(nv, j)
#define EC_I8I4__AVX2_STEP(i, nv)   EC_DOT_NIBBLES__AVX2(i8, i, nv)

#define EC_BYTES__AVX2_KR            2
#define EC_BYTES__AVX2_W_BITS        8
#define EC_BYTES__AVX2_WEIGHT(nv, j) const ec_vi32 w##j = ec_dot_bytes__avx2(w + (j) * 2 * EC_V_LANES);
#define EC_BYTES__AVX2_STEP(i, nv)   EC_DOT_STEP__AVX2(i, nv, EC_DOT_BYTES__AVX2)

#define EC_WORDS__AVX2_KR            2
#define EC_WORDS__AVX2_W_BITS        16
#define EC_WORDS__AVX2_WEIGHT(nv, j) const ec_vi32 w##j = ec_vload_i32(w + (j) * 4 * EC_V_LANES, EC_V_LANES);
#define EC_WORDS__AVX2_STEP(i, nv)   EC_DOT_STEP__AVX2(i, nv, EC_DOT_WORDS__AVX2)

#endif
