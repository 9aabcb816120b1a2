/* SPDX-License-Identifier: 0BSD
 * The vector vocabulary of kernels/README.md on x86-64 with AVX2 and FMA: 8 lanes of 32 bits.
 *
 * Arithmetic ignores n: idle lanes hold anything and no result of theirs is used. Loads, stores and ec_vacc obey it;
 * with the constant EC_V_LANES they are one instruction. Loads fill lanes from n on with zero. MAXPS and MINPS return
 * their second operand if either is NaN, hence the order of operands. */
#ifndef EC_V__AVX2_H
#define EC_V__AVX2_H

#if !defined(__AVX2__) || !defined(__FMA__)
#error "kernels/avx2 needs AVX2 and FMA (-mavx2 -mfma)"
#endif

#include <immintrin.h>

#include "ec_base.h"
#include "ec_window.h"

#define EC_V_LANES 8

typedef __m256 ec_vf32;
typedef __m256i ec_vi32;
typedef __m256 ec_vm32;

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

/* The first n lanes, 0 <= n <= 8. */
EC_INLINE __m256i ec_vfirst__avx2(int32_t n) {
  static const int32_t lanes[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  return _mm256_loadu_si256((const __m256i *)(const void *)(lanes + 8 - n));
}

EC_INLINE ec_vf32 ec_vload_f32(const void *p, int32_t n) {
  const float *f = (const float *)p;
  return n >= EC_V_LANES ? _mm256_loadu_ps(f) : _mm256_maskload_ps(f, ec_vfirst__avx2(n));
}

EC_INLINE void ec_vstore_f32(void *p, ec_vf32 v, int32_t n) {
  float *f = (float *)p;
  if (n >= EC_V_LANES) {
    _mm256_storeu_ps(f, v);
  } else {
    _mm256_maskstore_ps(f, ec_vfirst__avx2(n), v);
  }
}

EC_INLINE ec_vf32 ec_vload_strided_f32(const void *p, ptrdiff_t stride, int32_t n) {
  const unsigned char *bytes = (const unsigned char *)p;
  float lane[EC_V_LANES] = {0.0F};
  if (n >= EC_V_LANES) {
    return _mm256_setr_ps(ec_load_f32(bytes), ec_load_f32(bytes + stride), ec_load_f32(bytes + 2 * stride),
                          ec_load_f32(bytes + 3 * stride), ec_load_f32(bytes + 4 * stride),
                          ec_load_f32(bytes + 5 * stride), ec_load_f32(bytes + 6 * stride),
                          ec_load_f32(bytes + 7 * stride));
  }
  for (int32_t i = 0; i < n; i++) {
    lane[i] = ec_load_f32(bytes + i * stride);
  }
  return _mm256_loadu_ps(lane);
}

EC_INLINE void ec_vstore_strided_f32(void *p, ptrdiff_t stride, ec_vf32 v, int32_t n) {
  float lane[EC_V_LANES];
  _mm256_storeu_ps(lane, v);
  for (int32_t i = 0; i < n; i++) {
    ec_store_f32((unsigned char *)p + i * stride, lane[i]);
  }
}

EC_INLINE ec_vi32 ec_vload_i32(const void *p, int32_t n) { return _mm256_castps_si256(ec_vload_f32(p, n)); }
EC_INLINE void ec_vstore_i32(void *p, ec_vi32 v, int32_t n) { ec_vstore_f32(p, _mm256_castsi256_ps(v), n); }

/* Arithmetic */

EC_V_UNARY(ec_vsplat_f32, ec_vf32, float, _mm256_set1_ps(a))
EC_V_UNARY(ec_vneg_f32, ec_vf32, ec_vf32, _mm256_xor_ps(a, _mm256_set1_ps(-0.0F)))
EC_V_UNARY(ec_vabs_f32, ec_vf32, ec_vf32, _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a))
EC_V_UNARY(ec_vsqrt_f32, ec_vf32, ec_vf32, _mm256_sqrt_ps(a))
EC_V_UNARY(ec_vfloor_f32, ec_vf32, ec_vf32, _mm256_floor_ps(a))
EC_V_UNARY(ec_vceil_f32, ec_vf32, ec_vf32, _mm256_ceil_ps(a))
EC_V_UNARY(ec_vround_f32, ec_vf32, ec_vf32, _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC))
EC_V_BINARY(ec_vadd_f32, ec_vf32, ec_vf32, ec_vf32, _mm256_add_ps(a, b))
EC_V_BINARY(ec_vsub_f32, ec_vf32, ec_vf32, ec_vf32, _mm256_sub_ps(a, b))
EC_V_BINARY(ec_vmul_f32, ec_vf32, ec_vf32, ec_vf32, _mm256_mul_ps(a, b))
EC_V_BINARY(ec_vdiv_f32, ec_vf32, ec_vf32, ec_vf32, _mm256_div_ps(a, b))
EC_V_BINARY(ec_vmin_f32, ec_vf32, ec_vf32, ec_vf32,
            _mm256_or_ps(_mm256_min_ps(a, b), _mm256_cmp_ps(a, a, _CMP_UNORD_Q)))
EC_V_BINARY(ec_vmax_f32, ec_vf32, ec_vf32, ec_vf32,
            _mm256_or_ps(_mm256_max_ps(a, b), _mm256_cmp_ps(a, a, _CMP_UNORD_Q)))
EC_V_BINARY(ec_vclampmin_f32, ec_vf32, ec_vf32, ec_vf32, _mm256_max_ps(b, a))
EC_V_BINARY(ec_vclampmax_f32, ec_vf32, ec_vf32, ec_vf32, _mm256_min_ps(b, a))

EC_INLINE ec_vf32 ec_vfma_f32(ec_vf32 a, ec_vf32 b, ec_vf32 c, int32_t n) {
  (void)n;
  return _mm256_fmadd_ps(a, b, c);
}

/* Masks */

EC_V_BINARY(ec_vlt_f32, ec_vm32, ec_vf32, ec_vf32, _mm256_cmp_ps(a, b, _CMP_LT_OQ))
EC_V_BINARY(ec_vle_f32, ec_vm32, ec_vf32, ec_vf32, _mm256_cmp_ps(a, b, _CMP_LE_OQ))
EC_V_BINARY(ec_veq_f32, ec_vm32, ec_vf32, ec_vf32, _mm256_cmp_ps(a, b, _CMP_EQ_OQ))
EC_V_BINARY(ec_vand_m32, ec_vm32, ec_vm32, ec_vm32, _mm256_and_ps(a, b))
EC_V_BINARY(ec_vor_m32, ec_vm32, ec_vm32, ec_vm32, _mm256_or_ps(a, b))
EC_V_UNARY(ec_vnot_m32, ec_vm32, ec_vm32, _mm256_xor_ps(a, _mm256_castsi256_ps(_mm256_set1_epi32(-1))))

EC_INLINE ec_vf32 ec_vselect_f32(ec_vm32 m, ec_vf32 a, ec_vf32 b, int32_t n) {
  (void)n;
  return _mm256_blendv_ps(b, a, m);
}

/* Integers: they wrap; shr is arithmetic; shift counts are 0…31 */

EC_V_UNARY(ec_vsplat_i32, ec_vi32, int32_t, _mm256_set1_epi32(a))
EC_V_BINARY(ec_vadd_i32, ec_vi32, ec_vi32, ec_vi32, _mm256_add_epi32(a, b))
EC_V_BINARY(ec_vsub_i32, ec_vi32, ec_vi32, ec_vi32, _mm256_sub_epi32(a, b))
EC_V_BINARY(ec_vand_i32, ec_vi32, ec_vi32, ec_vi32, _mm256_and_si256(a, b))
EC_V_BINARY(ec_vshl_i32, ec_vi32, ec_vi32, int32_t, _mm256_sll_epi32(a, _mm_cvtsi32_si128(b)))
EC_V_BINARY(ec_vshr_i32, ec_vi32, ec_vi32, int32_t, _mm256_sra_epi32(a, _mm_cvtsi32_si128(b)))
EC_V_UNARY(ec_vcvt_i32_f32, ec_vi32, ec_vf32, _mm256_cvtps_epi32(a))
EC_V_UNARY(ec_vcvt_f32_i32, ec_vf32, ec_vi32, _mm256_cvtepi32_ps(a))
EC_V_UNARY(ec_vbits_i32_f32, ec_vi32, ec_vf32, _mm256_castps_si256(a))
EC_V_UNARY(ec_vbits_f32_i32, ec_vf32, ec_vi32, _mm256_castsi256_ps(a))

/* Reductions over vectors: lanes from n on keep acc. A reduction to one float folds halves onto each other. */

#define EC_V_FOLD(op)                                                                                                  \
  EC_INLINE ec_vf32 ec_vacc_##op##_f32(ec_vf32 acc, ec_vf32 x, int32_t n) {                                            \
    const ec_vf32 v = ec_v##op##_f32(acc, x, n);                                                                       \
    return n >= EC_V_LANES ? v : _mm256_blendv_ps(acc, v, _mm256_castsi256_ps(ec_vfirst__avx2(n)));                    \
  }                                                                                                                    \
  EC_INLINE float ec_vreduce_##op##_f32(ec_vf32 acc) {                                                                 \
    acc = ec_v##op##_f32(acc, _mm256_permute2f128_ps(acc, acc, 1), EC_V_LANES);                                        \
    acc = ec_v##op##_f32(acc, _mm256_permute_ps(acc, _MM_SHUFFLE(1, 0, 3, 2)), EC_V_LANES);                            \
    acc = ec_v##op##_f32(acc, _mm256_permute_ps(acc, _MM_SHUFFLE(2, 3, 0, 1)), EC_V_LANES);                            \
    return _mm256_cvtss_f32(acc);                                                                                      \
  }
EC_V_FOLD(add)
EC_V_FOLD(max)
EC_V_FOLD(min)
EC_V_FOLD(mul)

#include "ec_vi__avx2.h"
#include "ec_w__avx2.h"

#undef EC_V_UNARY
#undef EC_V_BINARY
#undef EC_V_FOLD

#endif
