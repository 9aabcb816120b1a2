/* SPDX-License-Identifier: 0BSD
 * The words of integer convolutions with AVX-VNNI: VPDPBUSD, u8 times i8, 4 channels; i8 becomes u8 by XOR, which adds
 * 128. */
#ifndef EC_CONV_I32__AVXVNNI_H
#define EC_CONV_I32__AVXVNNI_H

#if !defined(__AVXVNNI__)
#error "these kernels need AVX-VNNI (-mavxvnni)"
#endif

#include "ec_v__avx2.h"

#include "ec_conv_i32_dot.h"

/* Four bytes, at any address, in every lane. */
EC_INLINE ec_vi32 ec_dot_input__avxvnni(const void *p) {
  int32_t bytes;
  memcpy(&bytes, p, sizeof bytes);
  return _mm256_set1_epi32(bytes);
}

#define EC_DOT_BYTES__AVXVNNI(i, j)                                                                                    \
  a##i##_##j = _mm256_dpbusd_avx_epi32(a##i##_##j, x, w##j);                                                           \
  EC_DOT_STAY(a##i##_##j);

#define EC_U8I8__AVXVNNI_KR            4
#define EC_U8I8__AVXVNNI_W_BITS        8
#define EC_U8I8__AVXVNNI_WEIGHT(nv, j) const ec_vi32 w##j = ec_vload_i32(w + (j) * 4 * EC_V_LANES, EC_V_LANES);
#define EC_U8I8__AVXVNNI_STEP(i, nv)                                                                                   \
  {                                                                                                                    \
    const ec_vi32 x = ec_dot_input__avxvnni(x##i + k);                                                                 \
    EC_VECTORS_##nv(EC_DOT_BYTES__AVXVNNI, i)                                                                          \
  }

#define EC_I8I8__AVXVNNI_KR            4
#define EC_I8I8__AVXVNNI_W_BITS        8
#define EC_I8I8__AVXVNNI_WEIGHT(nv, j) EC_U8I8__AVXVNNI_WEIGHT(nv, j)
#define EC_I8I8__AVXVNNI_STEP(i, nv)                                                                                   \
  {                                                                                                                    \
    ec_vi32 x = ec_dot_input__avxvnni(x##i + k);                                                                       \
    EC_DOT_STAY(x);                                                                                                    \
    x = _mm256_xor_si256(x, _mm256_set1_epi8(-128));                                                                   \
    EC_VECTORS_##nv(EC_DOT_BYTES__AVXVNNI, i)                                                                          \
  }

/* The same for weights of 4 bits. */
#define EC_DOT_NIBBLES__AVXVNNI(nv, j)                                                                                 \
  const ec_vi32 w##j = EC_DOT_HALF(nv, j, ec_vload_i32(w + (j) % ((nv) / 2) * 4 * EC_V_LANES, EC_V_LANES), 0x0f0f0f0f);

#define EC_U8I4__AVXVNNI_KR            4
#define EC_U8I4__AVXVNNI_W_BITS        4
#define EC_U8I4__AVXVNNI_WEIGHT(nv, j) EC_DOT_NIBBLES__AVXVNNI(nv, j)
#define EC_U8I4__AVXVNNI_STEP(i, nv)   EC_U8I8__AVXVNNI_STEP(i, nv)

#define EC_I8I4__AVXVNNI_KR            4
#define EC_I8I4__AVXVNNI_W_BITS        4
#define EC_I8I4__AVXVNNI_WEIGHT(nv, j) EC_DOT_NIBBLES__AVXVNNI(nv, j)
#define EC_I8I4__AVXVNNI_STEP(i, nv)   EC_I8I8__AVXVNNI_STEP(i, nv)

#endif
