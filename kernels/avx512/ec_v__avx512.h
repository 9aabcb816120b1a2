/* SPDX-License-Identifier: 0BSD
 * The vector vocabulary of kernels/README.md on x86-64 with AVX-512: 16 lanes of 32 bits.
 *
 * Arithmetic ignores n: idle lanes hold anything and no result of theirs is used. Loads, stores and ec_vacc obey it;
 * with the constant EC_V_LANES they are one instruction. Loads fill lanes from n on with zero. VMAXPS and VMINPS return
 * their second operand if either is NaN, hence the order of operands. */
#ifndef EC_V__AVX512_H
#define EC_V__AVX512_H

#if !defined(__AVX512F__) || !defined(__AVX512BW__) || !defined(__AVX512DQ__) || !defined(__AVX512VL__) ||             \
    !defined(__AVX512VNNI__)
#error "kernels/avx512 needs AVX-512 F, BW, DQ, VL and VNNI (-mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni)"
#endif

#include <immintrin.h>

#include "ec_base.h"
#include "ec_window.h"

#define EC_V_LANES 16

typedef __m512 ec_vf32;
typedef __m512i ec_vi32;
typedef __mmask16 ec_vm32;

typedef void (*ec_epi_f32)(ec_vf32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n);

#define EC_V_UNARY(word, result, operand, value)                                                                       \
  EC_INLINE result word(operand a, int32_t n) {                                                                        \
    (void)n;                                                                                                           \
    return value;                                                                                                      \
  }
#define EC_V_BINARY(word, result, operand, second, value)                                                              \
  EC_INLINE result word(operand a, second b, int32_t n) {                                                              \
    (void)n;                                                                                                           \
    return value;                                                                                                      \
  }

/* Memory */

/* The first n lanes, 0 <= n <= 16. */
EC_INLINE __mmask16 ec_vfirst__avx512(int32_t n) { return (__mmask16)((1U << n) - 1U); }

EC_INLINE ec_vf32 ec_vload_f32(const void *p, int32_t n) {
  return n >= EC_V_LANES ? _mm512_loadu_ps(p) : _mm512_maskz_loadu_ps(ec_vfirst__avx512(n), p);
}

EC_INLINE void ec_vstore_f32(void *p, ec_vf32 v, int32_t n) {
  if (n >= EC_V_LANES) {
    _mm512_storeu_ps(p, v);
  } else {
    _mm512_mask_storeu_ps(p, ec_vfirst__avx512(n), v);
  }
}

/* Byte offsets of eight lanes, the first of them `lane`. */
EC_INLINE __m512i ec_vstrides__avx512(int64_t stride, int64_t lane) {
  return _mm512_setr_epi64(lane * stride, (lane + 1) * stride, (lane + 2) * stride, (lane + 3) * stride,
                           (lane + 4) * stride, (lane + 5) * stride, (lane + 6) * stride, (lane + 7) * stride);
}

EC_INLINE ec_vf32 ec_vload_strided_f32(const void *p, ptrdiff_t stride, int32_t n) {
  const unsigned first = (1U << n) - 1U;
  const __m256 low =
      _mm512_mask_i64gather_ps(_mm256_setzero_ps(), (__mmask8)(first & 0xFFU), ec_vstrides__avx512(stride, 0), p, 1);
  const __m256 high =
      _mm512_mask_i64gather_ps(_mm256_setzero_ps(), (__mmask8)(first >> 8), ec_vstrides__avx512(stride, 8), p, 1);
  return _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(low)), _mm256_castps_pd(high), 1));
}

EC_INLINE void ec_vstore_strided_f32(void *p, ptrdiff_t stride, ec_vf32 v, int32_t n) {
  const unsigned first = (1U << n) - 1U;
  const __m256 high = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(v), 1));
  _mm512_mask_i64scatter_ps(p, (__mmask8)(first & 0xFFU), ec_vstrides__avx512(stride, 0), _mm512_castps512_ps256(v), 1);
  _mm512_mask_i64scatter_ps(p, (__mmask8)(first >> 8), ec_vstrides__avx512(stride, 8), high, 1);
}

EC_INLINE ec_vi32 ec_vload_i32(const void *p, int32_t n) { return _mm512_castps_si512(ec_vload_f32(p, n)); }
EC_INLINE void ec_vstore_i32(void *p, ec_vi32 v, int32_t n) { ec_vstore_f32(p, _mm512_castsi512_ps(v), n); }

/* Arithmetic */

#define EC_V_ROUND(a, mode)    _mm512_roundscale_ps(a, (mode) | _MM_FROUND_NO_EXC)
#define EC_V_ORDERED(op, a, b) _mm512_mask_##op##_ps(a, _mm512_cmp_ps_mask(a, a, _CMP_ORD_Q), a, b)

EC_V_UNARY(ec_vsplat_f32, ec_vf32, float, _mm512_set1_ps(a))
EC_V_UNARY(ec_vbits_i32_f32, ec_vi32, ec_vf32, _mm512_castps_si512(a))
EC_V_UNARY(ec_vbits_f32_i32, ec_vf32, ec_vi32, _mm512_castsi512_ps(a))
EC_V_UNARY(ec_vneg_f32, ec_vf32, ec_vf32,
           ec_vbits_f32_i32(_mm512_xor_si512(ec_vbits_i32_f32(a, n), _mm512_set1_epi32(INT32_MIN)), n))
EC_V_UNARY(ec_vabs_f32, ec_vf32, ec_vf32, _mm512_abs_ps(a))
EC_V_UNARY(ec_vsqrt_f32, ec_vf32, ec_vf32, _mm512_sqrt_ps(a))
EC_V_UNARY(ec_vfloor_f32, ec_vf32, ec_vf32, EC_V_ROUND(a, _MM_FROUND_TO_NEG_INF))
EC_V_UNARY(ec_vceil_f32, ec_vf32, ec_vf32, EC_V_ROUND(a, _MM_FROUND_TO_POS_INF))
EC_V_UNARY(ec_vround_f32, ec_vf32, ec_vf32, EC_V_ROUND(a, _MM_FROUND_TO_NEAREST_INT))
EC_V_BINARY(ec_vadd_f32, ec_vf32, ec_vf32, ec_vf32, _mm512_add_ps(a, b))
EC_V_BINARY(ec_vsub_f32, ec_vf32, ec_vf32, ec_vf32, _mm512_sub_ps(a, b))
EC_V_BINARY(ec_vmul_f32, ec_vf32, ec_vf32, ec_vf32, _mm512_mul_ps(a, b))
EC_V_BINARY(ec_vdiv_f32, ec_vf32, ec_vf32, ec_vf32, _mm512_div_ps(a, b))
EC_V_BINARY(ec_vmin_f32, ec_vf32, ec_vf32, ec_vf32, EC_V_ORDERED(min, a, b))
EC_V_BINARY(ec_vmax_f32, ec_vf32, ec_vf32, ec_vf32, EC_V_ORDERED(max, a, b))
EC_V_BINARY(ec_vclampmin_f32, ec_vf32, ec_vf32, ec_vf32, _mm512_max_ps(b, a))
EC_V_BINARY(ec_vclampmax_f32, ec_vf32, ec_vf32, ec_vf32, _mm512_min_ps(b, a))

EC_INLINE ec_vf32 ec_vfma_f32(ec_vf32 a, ec_vf32 b, ec_vf32 c, int32_t n) {
  (void)n;
  return _mm512_fmadd_ps(a, b, c);
}

/* Masks */

EC_V_BINARY(ec_vlt_f32, ec_vm32, ec_vf32, ec_vf32, _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ))
EC_V_BINARY(ec_vle_f32, ec_vm32, ec_vf32, ec_vf32, _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ))
EC_V_BINARY(ec_veq_f32, ec_vm32, ec_vf32, ec_vf32, _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ))
EC_V_BINARY(ec_vand_m32, ec_vm32, ec_vm32, ec_vm32, _mm512_kand(a, b))
EC_V_BINARY(ec_vor_m32, ec_vm32, ec_vm32, ec_vm32, _mm512_kor(a, b))
EC_V_UNARY(ec_vnot_m32, ec_vm32, ec_vm32, _mm512_knot(a))

EC_INLINE ec_vf32 ec_vselect_f32(ec_vm32 m, ec_vf32 a, ec_vf32 b, int32_t n) {
  (void)n;
  return _mm512_mask_blend_ps(m, b, a);
}

/* Integers: they wrap; shr is arithmetic; shift counts are 0…31 */

EC_V_UNARY(ec_vsplat_i32, ec_vi32, int32_t, _mm512_set1_epi32(a))
EC_V_BINARY(ec_vadd_i32, ec_vi32, ec_vi32, ec_vi32, _mm512_add_epi32(a, b))
EC_V_BINARY(ec_vsub_i32, ec_vi32, ec_vi32, ec_vi32, _mm512_sub_epi32(a, b))
EC_V_BINARY(ec_vand_i32, ec_vi32, ec_vi32, ec_vi32, _mm512_and_si512(a, b))
EC_V_BINARY(ec_vshl_i32, ec_vi32, ec_vi32, int32_t, _mm512_sll_epi32(a, _mm_cvtsi32_si128(b)))
EC_V_BINARY(ec_vshr_i32, ec_vi32, ec_vi32, int32_t, _mm512_sra_epi32(a, _mm_cvtsi32_si128(b)))
EC_V_UNARY(ec_vcvt_i32_f32, ec_vi32, ec_vf32, _mm512_cvtps_epi32(a))
EC_V_UNARY(ec_vcvt_f32_i32, ec_vf32, ec_vi32, _mm512_cvtepi32_ps(a))

/* Reductions over vectors: lanes from n on keep acc. A reduction to one float folds halves onto each other. */

#define EC_V_FOLD(op)                                                                                                  \
  EC_INLINE ec_vf32 ec_vacc_##op##_f32(ec_vf32 acc, ec_vf32 x, int32_t n) {                                            \
    const ec_vf32 v = ec_v##op##_f32(acc, x, n);                                                                       \
    return n >= EC_V_LANES ? v : _mm512_mask_blend_ps(ec_vfirst__avx512(n), acc, v);                                   \
  }                                                                                                                    \
  EC_INLINE float ec_vreduce_##op##_f32(ec_vf32 acc) {                                                                 \
    acc = ec_v##op##_f32(acc, _mm512_shuffle_f32x4(acc, acc, _MM_SHUFFLE(1, 0, 3, 2)), EC_V_LANES);                    \
    acc = ec_v##op##_f32(acc, _mm512_shuffle_f32x4(acc, acc, _MM_SHUFFLE(2, 3, 0, 1)), EC_V_LANES);                    \
    acc = ec_v##op##_f32(acc, _mm512_permute_ps(acc, _MM_SHUFFLE(1, 0, 3, 2)), EC_V_LANES);                            \
    acc = ec_v##op##_f32(acc, _mm512_permute_ps(acc, _MM_SHUFFLE(2, 3, 0, 1)), EC_V_LANES);                            \
    return _mm512_cvtss_f32(acc);                                                                                      \
  }
EC_V_FOLD(add)
EC_V_FOLD(max)
EC_V_FOLD(min)
EC_V_FOLD(mul)

#include "ec_vi__avx512.h"
#include "ec_w__avx512.h"

#undef EC_V_UNARY
#undef EC_V_BINARY
#undef EC_V_ROUND
#undef EC_V_ORDERED
#undef EC_V_FOLD

#endif
