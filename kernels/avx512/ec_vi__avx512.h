/* SPDX-License-Identifier: 0BSD
 * The integer words of kernels/README.md on AVX-512: 16 lanes. Included by ec_v__avx512.h.
 *
 * A near rescale converts both halves to f64, where the product is exact, and back, which rounds half to even: 11
 * instructions for 16 lanes.
 */
#ifndef EC_VI__AVX512_H
#define EC_VI__AVX512_H

#include "ec_rescale.h"

#define EC_V_LOAD(element, whole, some, wider)                                                                         \
  EC_INLINE ec_vi32 ec_vload_##element(const void *p, int32_t n) {                                                     \
    return wider(n >= EC_V_LANES ? whole(p) : some(ec_vfirst__avx512(n), p));                                          \
  }
EC_V_LOAD(u8, _mm_loadu_epi8, _mm_maskz_loadu_epi8, _mm512_cvtepu8_epi32)
EC_V_LOAD(i8, _mm_loadu_epi8, _mm_maskz_loadu_epi8, _mm512_cvtepi8_epi32)
EC_V_LOAD(u16, _mm256_loadu_epi16, _mm256_maskz_loadu_epi16, _mm512_cvtepu16_epi32)
EC_V_LOAD(i16, _mm256_loadu_epi16, _mm256_maskz_loadu_epi16, _mm512_cvtepi16_epi32)
#undef EC_V_LOAD

/* All lanes as bytes with saturation. */
EC_INLINE __m128i ec_vclamp_u8__avx512(ec_vi32 v) {
  return _mm512_cvtusepi32_epi8(_mm512_max_epi32(v, _mm512_setzero_si512()));
}
EC_INLINE __m128i ec_vclamp_i8__avx512(ec_vi32 v) { return _mm512_cvtsepi32_epi8(v); }

EC_INLINE void ec_vput__avx512(void *p, __m128i bytes, int32_t n) {
  if (n >= EC_V_LANES) {
    _mm_storeu_epi8(p, bytes);
  } else {
    _mm_mask_storeu_epi8(p, ec_vfirst__avx512(n), bytes);
  }
}

/* Stores of bytes clamp to their type. */
EC_INLINE void ec_vstore_u8(void *p, ec_vi32 v, int32_t n) { ec_vput__avx512(p, ec_vclamp_u8__avx512(v), n); }
EC_INLINE void ec_vstore_i8(void *p, ec_vi32 v, int32_t n) { ec_vput__avx512(p, ec_vclamp_i8__avx512(v), n); }

EC_INLINE void ec_vstore_u16(void *p, ec_vi32 v, int32_t n) {
  if (n >= EC_V_LANES) {
    _mm256_storeu_epi16(p, _mm512_cvtepi32_epi16(v));
  } else {
    _mm512_mask_cvtepi32_storeu_epi16(p, ec_vfirst__avx512(n), v);
  }
}
EC_INLINE void ec_vstore_i16(void *p, ec_vi32 v, int32_t n) { ec_vstore_u16(p, v, n); }

EC_V_BINARY(ec_vmul_i32, ec_vi32, ec_vi32, ec_vi32, _mm512_mullo_epi32(a, b))
EC_V_BINARY(ec_vmin_i32, ec_vi32, ec_vi32, ec_vi32, _mm512_min_epi32(a, b))
EC_V_BINARY(ec_vmax_i32, ec_vi32, ec_vi32, ec_vi32, _mm512_max_epi32(a, b))
EC_V_UNARY(ec_vneg_i32, ec_vi32, ec_vi32, _mm512_sub_epi32(_mm512_setzero_si512(), a))
EC_V_UNARY(ec_vabs_i32, ec_vi32, ec_vi32, _mm512_abs_epi32(a))
EC_V_BINARY(ec_vlt_i32, ec_vm32, ec_vi32, ec_vi32, _mm512_cmplt_epi32_mask(a, b))
EC_V_BINARY(ec_vle_i32, ec_vm32, ec_vi32, ec_vi32, _mm512_cmple_epi32_mask(a, b))
EC_V_BINARY(ec_veq_i32, ec_vm32, ec_vi32, ec_vi32, _mm512_cmpeq_epi32_mask(a, b))

EC_INLINE ec_vi32 ec_vselect_i32(ec_vm32 m, ec_vi32 a, ec_vi32 b, int32_t n) {
  (void)n;
  return _mm512_mask_blend_epi32(m, b, a);
}

EC_INLINE ec_vi32 ec_vrescale_near_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const __m512d low = _mm512_cvtepi32_pd(_mm512_castsi512_si256(a));
  const __m512d high = _mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(a, 1));
  const __m512d by_low = _mm512_cvtps_pd(_mm512_castps512_ps256(scale));
  const __m512d by_high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(scale, 1));
  (void)n;
  return _mm512_inserti64x4(_mm512_castsi256_si512(_mm512_cvtpd_epi32(_mm512_mul_pd(low, by_low))),
                            _mm512_cvtpd_epi32(_mm512_mul_pd(high, by_high)), 1);
}

/* Rounded by a fused multiply-add (ec_rescale.h): 3 instructions. */
EC_INLINE ec_vi32 ec_vrescale_small_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const __m512 rounded = _mm512_fmadd_ps(_mm512_cvtepi32_ps(a), scale, _mm512_set1_ps(EC_RESCALE_MAGIC));
  (void)n;
  return _mm512_sub_epi32(_mm512_castps_si512(rounded), _mm512_set1_epi32(EC_RESCALE_BITS));
}

#include "ec_vrescale.h"

#include "ec_vround.h"

/* Reductions over vectors: lanes from n on keep acc. */

#define EC_V_FOLD_I32(op)                                                                                              \
  EC_INLINE ec_vi32 ec_vacc_##op##_i32(ec_vi32 acc, ec_vi32 x, int32_t n) {                                            \
    return _mm512_mask_##op##_epi32(acc, ec_vfirst__avx512(n), acc, x);                                                \
  }                                                                                                                    \
  EC_INLINE int32_t ec_vreduce_##op##_i32(ec_vi32 acc) { return _mm512_reduce_##op##_epi32(acc); }
EC_V_FOLD_I32(add)
EC_V_FOLD_I32(max)
EC_V_FOLD_I32(min)
#undef EC_V_FOLD_I32

#endif
