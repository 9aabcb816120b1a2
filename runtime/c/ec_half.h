/* SPDX-License-Identifier: 0BSD
 * Floats of 16 bits (f16: IEEE 754 binary16, bf16: the upper half of a float): stored as such, computed as float.
 * Conversions round to nearest even and keep what fits of a NaN, as CPUs do that have them. */
#ifndef EC_HALF_H
#define EC_HALF_H

#include "ec_base.h"

#if defined(__F16C__)
#include <immintrin.h>
#endif

EC_INLINE uint32_t ec_bits_of_f32(float a) {
  uint32_t u;
  memcpy(&u, &a, sizeof u);
  return u;
}

EC_INLINE float ec_f32_of_bits(uint32_t u) {
  float a;
  memcpy(&a, &u, sizeof a);
  return a;
}

/* The portable conversions, which all others must agree with. */
EC_INLINE float ec_f16_widened(uint16_t h) {
  const uint32_t sign = (uint32_t)(h & 0x8000u) << 16, m = h & 0x7fffu;
  const float tiny = (float)m * 0x1p-24f; /* subnormals: multiples of the least one */
  if (m < 0x0400u) {
    return ec_f32_of_bits(ec_bits_of_f32(tiny) | sign);
  }
  if (m < 0x7c00u) {
    return ec_f32_of_bits(sign | ((m << 13) + 0x38000000u));
  }
  return ec_f32_of_bits(sign | 0x7f800000u | m << 13 | (m > 0x7c00u ? 0x00400000u : 0u));
}

EC_INLINE uint16_t ec_f16_narrowed(float a) {
  const uint32_t u = ec_bits_of_f32(a), sign = u >> 16 & 0x8000u;
  uint32_t m = u & 0x7fffffffu;
  if (m > 0x7f800000u) {
    m = 0x7e00u | (m >> 13 & 0x03ffu);
  } else if (m >= 0x47800000u) { /* 2^16; what rounds up to it from below carries into the exponent */
    m = 0x7c00u;
  } else if (m >= 0x38800000u) { /* 2^-14: normal */
    m = (m - 0x38000000u + 0x0fffu + (m >> 13 & 1u)) >> 13;
  } else if (m > 0x33000000u) { /* 2^-25, which rounds to zero */
    const uint32_t shift = 126u - (m >> 23), whole = (m & 0x007fffffu) | 0x00800000u;
    m = (whole + (1u << (shift - 1u)) - 1u + (whole >> shift & 1u)) >> shift;
  } else {
    m = 0;
  }
  return (uint16_t)(sign | m);
}

#if defined(__F16C__)
EC_INLINE float ec_f32_from_f16(uint16_t h) { return _cvtsh_ss(h); }
EC_INLINE uint16_t ec_f16_from_f32(float a) { return (uint16_t)_cvtss_sh(a, _MM_FROUND_TO_NEAREST_INT); }
#elif defined(__aarch64__) && defined(__ARM_FP16_FORMAT_IEEE)
EC_INLINE float ec_f32_from_f16(uint16_t h) {
  __fp16 v;
  memcpy(&v, &h, sizeof v);
  return (float)v;
}
EC_INLINE uint16_t ec_f16_from_f32(float a) {
  const __fp16 v = (__fp16)a;
  uint16_t h;
  memcpy(&h, &v, sizeof h);
  return h;
}
#else
EC_INLINE float ec_f32_from_f16(uint16_t h) { return ec_f16_widened(h); }
EC_INLINE uint16_t ec_f16_from_f32(float a) { return ec_f16_narrowed(a); }
#endif

EC_INLINE float ec_f32_from_bf16(uint16_t h) { return ec_f32_of_bits((uint32_t)h << 16); }

EC_INLINE uint16_t ec_bf16_from_f32(float a) {
  const uint32_t u = ec_bits_of_f32(a);
  const uint32_t rounded = (u & 0x7fffffffu) > 0x7f800000u ? u | 0x00400000u : u + 0x7fffu + (u >> 16 & 1u);
  return (uint16_t)(rounded >> 16);
}

/* A double as a float with an odd last bit where it is not exact: rounding that again is rounding once. */
EC_INLINE float ec_f32_odd(double a) {
  const float f = (float)a;
  const double back = (double)f;
  uint32_t u = ec_bits_of_f32(f);
  if (a == back || a != a) {
    return f;
  }
  if ((back < 0.0 ? -back : back) > (a < 0.0 ? -a : a)) {
    u--;
  }
  return ec_f32_of_bits(u | 1u);
}

/* Values that are computed as floats: loaded, stored, or rounded to what would be stored. */
#define EC_HALF(suffix)                                                                                                \
  EC_INLINE float ec_load_##suffix(const void *p) { return ec_f32_from_##suffix(ec_load_u16(p)); }                     \
  EC_INLINE void ec_store_##suffix(void *p, float v) { ec_store_u16(p, ec_##suffix##_from_f32(v)); }                   \
  EC_INLINE float ec_round_##suffix##_f32(float a) { return ec_f32_from_##suffix(ec_##suffix##_from_f32(a)); }         \
  EC_INLINE float ec_round_##suffix##_f64(double a) { return ec_round_##suffix##_f32(ec_f32_odd(a)); }

EC_HALF(f16)
EC_HALF(bf16)

#endif
