/* SPDX-License-Identifier: 0BSD
 * The integer words of kernels/README.md on AVX2: 8 lanes. Included by ec_v__avx2.h.
 *
 * A near rescale converts both halves to f64, where the product is exact, and back, which rounds half to even: 11
 * instructions for 8 lanes.
 */
#ifndef EC_VI__AVX2_H
#define EC_VI__AVX2_H

#include "ec_rescale.h"

#define EC_V_LOAD(element, type, half, whole)                                                                          \
  EC_INLINE ec_vi32 ec_vload_##element(const void *p, int32_t n) {                                                     \
    type lane[EC_V_LANES] = {0};                                                                                       \
    if (n >= EC_V_LANES) {                                                                                             \
      return whole(half((const __m128i *)p));                                                                          \
    }                                                                                                                  \
    memcpy(lane, p, (size_t)n * sizeof *lane);                                                                         \
    return whole(half((const __m128i *)(const void *)lane));                                                           \
  }
EC_V_LOAD(u8, uint8_t, _mm_loadl_epi64, _mm256_cvtepu8_epi32)
EC_V_LOAD(i8, int8_t, _mm_loadl_epi64, _mm256_cvtepi8_epi32)
EC_V_LOAD(u16, uint16_t, _mm_loadu_si128, _mm256_cvtepu16_epi32)
EC_V_LOAD(i16, int16_t, _mm_loadu_si128, _mm256_cvtepi16_epi32)
#undef EC_V_LOAD

/* The low halves of all lanes side by side; all lanes as halves with saturation. */
EC_INLINE __m128i ec_vnarrow16__avx2(ec_vi32 v) {
  const __m256i low = _mm256_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 4, 5, 8, 9, 12,
                                       13, -1, -1, -1, -1, -1, -1, -1, -1);
  const __m256i halves = _mm256_shuffle_epi8(v, low);
  return _mm_unpacklo_epi64(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

EC_INLINE __m128i ec_vclamp16__avx2(ec_vi32 v) {
  return _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
}

/* Stores of bytes clamp to their type. */
#define EC_V_STORE(element, narrow)                                                                                    \
  EC_INLINE void ec_vstore_##element(void *p, ec_vi32 v, int32_t n) {                                                  \
    const __m128i halves = ec_vclamp16__avx2(v), bytes = narrow(halves, halves);                                       \
    if (n >= EC_V_LANES) {                                                                                             \
      _mm_storel_epi64((__m128i *)p, bytes);                                                                           \
    } else {                                                                                                           \
      memcpy(p, &bytes, (size_t)n);                                                                                    \
    }                                                                                                                  \
  }
EC_V_STORE(u8, _mm_packus_epi16)
EC_V_STORE(i8, _mm_packs_epi16)
#undef EC_V_STORE

EC_INLINE void ec_vstore_u16(void *p, ec_vi32 v, int32_t n) {
  const __m128i halves = ec_vnarrow16__avx2(v);
  if (n >= EC_V_LANES) {
    _mm_storeu_si128((__m128i *)p, halves);
  } else {
    memcpy(p, &halves, (size_t)n * 2);
  }
}
EC_INLINE void ec_vstore_i16(void *p, ec_vi32 v, int32_t n) { ec_vstore_u16(p, v, n); }

EC_V_BINARY(ec_vmul_i32, ec_vi32, ec_vi32, ec_vi32, _mm256_mullo_epi32(a, b))
EC_V_BINARY(ec_vmin_i32, ec_vi32, ec_vi32, ec_vi32, _mm256_min_epi32(a, b))
EC_V_BINARY(ec_vmax_i32, ec_vi32, ec_vi32, ec_vi32, _mm256_max_epi32(a, b))
EC_V_UNARY(ec_vneg_i32, ec_vi32, ec_vi32, _mm256_sub_epi32(_mm256_setzero_si256(), a))
EC_V_UNARY(ec_vabs_i32, ec_vi32, ec_vi32, _mm256_abs_epi32(a))
EC_V_BINARY(ec_vlt_i32, ec_vm32, ec_vi32, ec_vi32, _mm256_castsi256_ps(_mm256_cmpgt_epi32(b, a)))
EC_V_BINARY(ec_vle_i32, ec_vm32, ec_vi32, ec_vi32, ec_vnot_m32(ec_vlt_i32(b, a, n), n))
EC_V_BINARY(ec_veq_i32, ec_vm32, ec_vi32, ec_vi32, _mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b)))

EC_INLINE ec_vi32 ec_vselect_i32(ec_vm32 m, ec_vi32 a, ec_vi32 b, int32_t n) {
  (void)n;
  return _mm256_blendv_epi8(b, a, _mm256_castps_si256(m));
}

EC_INLINE ec_vi32 ec_vrescale_near_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const __m256d low = _mm256_cvtepi32_pd(_mm256_castsi256_si128(a));
  const __m256d high = _mm256_cvtepi32_pd(_mm256_extracti128_si256(a, 1));
  const __m256d by_low = _mm256_cvtps_pd(_mm256_castps256_ps128(scale));
  const __m256d by_high = _mm256_cvtps_pd(_mm256_extractf128_ps(scale, 1));
  (void)n;
  return _mm256_set_m128i(_mm256_cvtpd_epi32(_mm256_mul_pd(high, by_high)),
                          _mm256_cvtpd_epi32(_mm256_mul_pd(low, by_low)));
}

/* Rounded by a fused multiply-add (ec_rescale.h): 3 instructions. */
EC_INLINE ec_vi32 ec_vrescale_small_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const __m256 rounded = _mm256_fmadd_ps(_mm256_cvtepi32_ps(a), scale, _mm256_set1_ps(EC_RESCALE_MAGIC));
  (void)n;
  return _mm256_sub_epi32(_mm256_castps_si256(rounded), _mm256_set1_epi32(EC_RESCALE_BITS));
}

#include "ec_vrescale.h"

#include "ec_vround.h"

/* Reductions over vectors: lanes from n on keep acc. */

#define EC_V_FOLD_I32(op)                                                                                              \
  EC_INLINE ec_vi32 ec_vacc_##op##_i32(ec_vi32 acc, ec_vi32 x, int32_t n) {                                            \
    const ec_vi32 v = ec_v##op##_i32(acc, x, n);                                                                       \
    return n >= EC_V_LANES ? v : _mm256_blendv_epi8(acc, v, ec_vfirst__avx2(n));                                       \
  }                                                                                                                    \
  EC_INLINE int32_t ec_vreduce_##op##_i32(ec_vi32 acc) {                                                               \
    acc = ec_v##op##_i32(acc, _mm256_permute2x128_si256(acc, acc, 1), EC_V_LANES);                                     \
    acc = ec_v##op##_i32(acc, _mm256_shuffle_epi32(acc, _MM_SHUFFLE(1, 0, 3, 2)), EC_V_LANES);                         \
    acc = ec_v##op##_i32(acc, _mm256_shuffle_epi32(acc, _MM_SHUFFLE(2, 3, 0, 1)), EC_V_LANES);                         \
    return _mm256_cvtsi256_si32(acc);                                                                                  \
  }
EC_V_FOLD_I32(add)
EC_V_FOLD_I32(max)
EC_V_FOLD_I32(min)
#undef EC_V_FOLD_I32

#endif
