/* SPDX-License-Identifier: 0BSD
 * The words ec_w of bytes (kernels/README.md) where packing clamps to the byte's type, as on x86-64: zero points are
 * added in lanes of 32 bits before. Written over ec_v. */
#ifndef EC_W_PACKS_H
#define EC_W_PACKS_H

#include "ec_w.h"

EC_INLINE ec_wi32 ec_wadd_i32(ec_wi32 v, int32_t number) {
  const int32_t n = EC_V_LANES;
  const ec_vi32 z = ec_vsplat_i32(number, n);
  return (ec_wi32){ec_vadd_i32(v.v0, z, n), ec_vadd_i32(v.v1, z, n), ec_vadd_i32(v.v2, z, n), ec_vadd_i32(v.v3, z, n)};
}

/* The limits of packed bytes y as far as their type does not have them: min(max(y, low), high). */
#define EC_W_LIMIT(bits, type, y, least, most)                                                                         \
  y = low > (least) ? bits##_max_##type(y, bits##_set1_epi8((char)low)) : y;                                           \
  y = high < (most) ? bits##_min_##type(y, bits##_set1_epi8((char)high)) : y;

/* The words of bytes, given put(p, v, low, high, n), which stores min(max(v, low), high) as bytes. */
#define EC_W_BYTES(element, put)                                                                                       \
  EC_W_LOAD(element, i32, 1)                                                                                           \
  EC_INLINE void ec_wstore_clamped_##element(void *p, ec_wi32 v, int32_t zero, int32_t low, int32_t high, int32_t n) { \
    put(p, zero != 0 ? ec_wadd_i32(v, zero) : v, low, high, n);                                                        \
  }                                                                                                                    \
  EC_INLINE void ec_wstore_shifted_##element(void *p, ec_wi32 v, int32_t s, int32_t zero, int32_t low, int32_t high,   \
                                             int32_t n) {                                                              \
    const ec_wi32 y = {ec_vshr_i32(v.v0, s, n), ec_vshr_i32(v.v1, s, n), ec_vshr_i32(v.v2, s, n),                      \
                       ec_vshr_i32(v.v3, s, n)};                                                                       \
    ec_wstore_clamped_##element(p, y, zero, low, high, n);                                                             \
  }                                                                                                                    \
  EC_INLINE void ec_wstore_rescaled_##element(void *p, ec_wi32 v, ec_wf32 by, int32_t zero, int32_t low, int32_t high, \
                                              int32_t n) {                                                             \
    const ec_wi32 bits = {ec_vrescale_bits_i32(v.v0, by.v0, n), ec_vrescale_bits_i32(v.v1, by.v1, n),                  \
                          ec_vrescale_bits_i32(v.v2, by.v2, n), ec_vrescale_bits_i32(v.v3, by.v3, n)};                 \
    put(p, ec_wadd_i32(bits, zero - EC_RESCALE_BITS), low, high, n);                                                   \
  }

#endif
