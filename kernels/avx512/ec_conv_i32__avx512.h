/* SPDX-License-Identifier: 0BSD
 * The words of integer convolutions with AVX-512 VNNI. u8 times i8 is VPDPBUSD, 4 channels; i8 becomes u8 by XOR, which
 * adds 128. Weights of 16 bits take VPDPWSSD, 2 channels. */
#ifndef EC_CONV_I32__AVX512_H
#define EC_CONV_I32__AVX512_H

#include "ec_v__avx512.h"

#include "ec_conv_i32_wide.h"
#include "ec_widen__avx2.h"

/* Four bytes, at any address, in every lane. */
EC_INLINE ec_vi32 ec_dot_input__avx512(const void *p) {
  int32_t bytes;
  memcpy(&bytes, p, sizeof bytes);
  return _mm512_set1_epi32(bytes);
}

#define EC_DOT_WEIGHT__AVX512(nv, j) const ec_vi32 w##j = ec_vload_i32(w + (j) * 4 * EC_V_LANES, EC_V_LANES);
#define EC_DOT_BYTES__AVX512(i, j)                                                                                     \
  a##i##_##j = _mm512_dpbusd_epi32(a##i##_##j, x, w##j);                                                               \
  EC_DOT_STAY(a##i##_##j);
#define EC_DOT_WORDS__AVX512(i, j)                                                                                     \
  a##i##_##j = _mm512_dpwssd_epi32(a##i##_##j, x, w##j);                                                               \
  EC_DOT_STAY(a##i##_##j);

#define EC_U8I8__AVX512_KR            4
#define EC_U8I8__AVX512_W_BITS        8
#define EC_U8I8__AVX512_WEIGHT(nv, j) EC_DOT_WEIGHT__AVX512(nv, j)
#define EC_U8I8__AVX512_STEP(i, nv)                                                                                    \
  {                                                                                                                    \
    const ec_vi32 x = ec_dot_input__avx512(x##i + k);                                                                  \
    EC_VECTORS_##nv(EC_DOT_BYTES__AVX512, i)                                                                           \
  }

#define EC_I8I8__AVX512_KR            4
#define EC_I8I8__AVX512_W_BITS        8
#define EC_I8I8__AVX512_WEIGHT(nv, j) EC_DOT_WEIGHT__AVX512(nv, j)
#define EC_I8I8__AVX512_STEP(i, nv)                                                                                    \
  {                                                                                                                    \
    ec_vi32 x = ec_dot_input__avx512(x##i + k);                                                                        \
    EC_DOT_STAY(x);                                                                                                    \
    x = _mm512_xor_si512(x, _mm512_set1_epi8(-128));                                                                   \
    EC_VECTORS_##nv(EC_DOT_BYTES__AVX512, i)                                                                           \
  }

/* The same for weights of 4 bits. */
#define EC_DOT_NIBBLES__AVX512(nv, j)                                                                                  \
  const ec_vi32 w##j = EC_DOT_HALF(nv, j, ec_vload_i32(w + (j) % ((nv) / 2) * 4 * EC_V_LANES, EC_V_LANES), 0x0f0f0f0f);

#define EC_U8I4__AVX512_KR            4
#define EC_U8I4__AVX512_W_BITS        4
#define EC_U8I4__AVX512_WEIGHT(nv, j) EC_DOT_NIBBLES__AVX512(nv, j)
#define EC_U8I4__AVX512_STEP(i, nv)   EC_U8I8__AVX512_STEP(i, nv)

#define EC_I8I4__AVX512_KR            4
#define EC_I8I4__AVX512_W_BITS        4
#define EC_I8I4__AVX512_WEIGHT(nv, j) EC_DOT_NIBBLES__AVX512(nv, j)
#define EC_I8I4__AVX512_STEP(i, nv)   EC_I8I8__AVX512_STEP(i, nv)

#define EC_WORDS__AVX512_KR            2
#define EC_WORDS__AVX512_W_BITS        16
#define EC_WORDS__AVX512_WEIGHT(nv, j) EC_DOT_WEIGHT__AVX512(nv, j)
#define EC_WORDS__AVX512_STEP(i, nv)                                                                                   \
  {                                                                                                                    \
    const ec_vi32 x = ec_dot_input__avx512(x##i + k);                                                                  \
    EC_VECTORS_##nv(EC_DOT_WORDS__AVX512, i)                                                                           \
  }

#endif
