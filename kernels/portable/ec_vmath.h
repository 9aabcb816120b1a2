/* SPDX-License-Identifier: 0BSD
 * Exponential functions in the words of ec_v, for every instruction set: include ec_v__<isa>.h first.
 *
 * Largest errors with fused multiply-add in units in the last place, in a sweep of every 7th float: exp 1.02, log 0.85,
 * tanh 1.33, sigmoid 2.49, erf 1.12; sigmoid is zero below -88.73. With one lane they are the functions of libm.
 * Infinities, overflow and underflow give the limits of the functions, log of negative numbers NaN, and NaN stays NaN.
 * Coefficients are minimax fits of the relative error, rounded to float one after the other, the others refitted. */
#ifndef EC_VMATH_H
#define EC_VMATH_H

#include <math.h>

#include "ec_base.h"

#ifdef EC_V_SCALAR

#define EC_V_LIBM_WORD(word, value)                                                                                    \
  EC_INLINE ec_vf32 word(ec_vf32 a, int32_t n) {                                                                       \
    (void)n;                                                                                                           \
    return value;                                                                                                      \
  }
EC_V_LIBM_WORD(ec_vexp_f32, expf(a))
EC_V_LIBM_WORD(ec_vlog_f32, logf(a))
EC_V_LIBM_WORD(ec_vtanh_f32, tanhf(a))
EC_V_LIBM_WORD(ec_vsigmoid_f32, 1.0F / (1.0F + expf(-a)))
EC_V_LIBM_WORD(ec_verf_f32, erff(a))
#undef EC_V_LIBM_WORD

#else

/* One step of Horner's scheme: p * a + c. */
EC_INLINE ec_vf32 ec_vhorner_f32(ec_vf32 p, ec_vf32 a, float c, int32_t n) {
  return ec_vfma_f32(p, a, ec_vsplat_f32(c, n), n);
}

/* a = k ln2 + r with |r| <= ln2 / 2; 2^k is multiplied in two factors, for k runs from -150 to 128. */
EC_INLINE ec_vf32 ec_vexp_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 x = ec_vclampmax_f32(ec_vclampmin_f32(a, ec_vsplat_f32(-104.0F, n), n), ec_vsplat_f32(89.0F, n), n);
  const ec_vf32 k = ec_vround_f32(ec_vmul_f32(x, ec_vsplat_f32(0x1.715476p+0F, n), n), n);
  const ec_vf32 high = ec_vfma_f32(k, ec_vsplat_f32(-0x1.62e4p-1F, n), x, n);
  const ec_vf32 r = ec_vfma_f32(k, ec_vsplat_f32(-0x1.7f7d1cp-20F, n), high, n);
  const ec_vi32 exponents = ec_vadd_i32(ec_vcvt_i32_f32(k, n), ec_vsplat_i32(254, n), n);
  const ec_vi32 half = ec_vshr_i32(exponents, 1, n);
  const ec_vf32 scale = ec_vbits_f32_i32(ec_vshl_i32(half, 23, n), n);
  const ec_vf32 rest = ec_vbits_f32_i32(ec_vshl_i32(ec_vsub_i32(exponents, half, n), 23, n), n);
  ec_vf32 p = ec_vsplat_f32(0x1.6a4d60p-10F, n);
  p = ec_vhorner_f32(p, r, 0x1.12398ep-7F, n);
  p = ec_vhorner_f32(p, r, 0x1.5558b0p-5F, n);
  p = ec_vhorner_f32(p, r, 0x1.555492p-3F, n);
  p = ec_vhorner_f32(p, r, 0x1.fffffcp-2F, n);
  p = ec_vfma_f32(ec_vmul_f32(p, r, n), r, r, n);
  p = ec_vadd_f32(p, ec_vsplat_f32(1.0F, n), n);
  return ec_vmul_f32(ec_vmul_f32(p, scale, n), rest, n);
}

/* a = 2^e m with m from sqrt(1/2) to sqrt(2); log m = f - f^2/2 + f^3 p(f), f = m - 1. Subnormals are scaled first. */
EC_INLINE ec_vf32 ec_vlog_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 zero = ec_vsplat_f32(0.0F, n), one = ec_vsplat_f32(1.0F, n);
  const ec_vm32 tiny = ec_vlt_f32(a, ec_vsplat_f32(0x1p-126F, n), n);
  const ec_vf32 x = ec_vmul_f32(a, ec_vselect_f32(tiny, ec_vsplat_f32(0x1p+24F, n), one, n), n);
  const ec_vi32 root = ec_vsplat_i32(0x3f3504f3, n), one_bits = ec_vsplat_i32(0x3f800000, n);
  const ec_vi32 bits = ec_vadd_i32(ec_vbits_i32_f32(x, n), ec_vsub_i32(one_bits, root, n), n);
  const ec_vi32 m = ec_vadd_i32(ec_vand_i32(bits, ec_vsplat_i32(0x007fffff, n), n), root, n);
  const ec_vf32 bias = ec_vselect_f32(tiny, ec_vsplat_f32(127.0F + 24.0F, n), ec_vsplat_f32(127.0F, n), n);
  const ec_vf32 e = ec_vsub_f32(ec_vcvt_f32_i32(ec_vshr_i32(bits, 23, n), n), bias, n);
  const ec_vf32 f = ec_vsub_f32(ec_vbits_f32_i32(m, n), one, n);
  const ec_vf32 ff = ec_vmul_f32(f, f, n);
  ec_vf32 p = ec_vsplat_f32(-0x1.38c9dep-4F, n), y;
  p = ec_vhorner_f32(p, f, 0x1.055ec6p-3F, n);
  p = ec_vhorner_f32(p, f, -0x1.0d8242p-3F, n);
  p = ec_vhorner_f32(p, f, 0x1.22d92ep-3F, n);
  p = ec_vhorner_f32(p, f, -0x1.54728ap-3F, n);
  p = ec_vhorner_f32(p, f, 0x1.99a01cp-3F, n);
  p = ec_vhorner_f32(p, f, -0x1.000226p-2F, n);
  p = ec_vhorner_f32(p, f, 0x1.555554p-2F, n);
  y = ec_vfma_f32(e, ec_vsplat_f32(0x1.7f7d1cp-20F, n), ec_vmul_f32(ec_vmul_f32(p, f, n), ff, n), n);
  y = ec_vadd_f32(ec_vfma_f32(ff, ec_vsplat_f32(-0.5F, n), y, n), f, n);
  y = ec_vfma_f32(e, ec_vsplat_f32(0x1.62e4p-1F, n), y, n);
  y = ec_vselect_f32(ec_vlt_f32(a, ec_vsplat_f32(INFINITY, n), n), y, a, n);
  return ec_vselect_f32(ec_vlt_f32(zero, a, n), y,
                        ec_vselect_f32(ec_veq_f32(a, zero, n), ec_vsplat_f32(-INFINITY, n), ec_vsplat_f32(NAN, n), n),
                        n);
}

EC_INLINE ec_vf32 ec_vsigmoid_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 one = ec_vsplat_f32(1.0F, n);
  return ec_vdiv_f32(one, ec_vadd_f32(one, ec_vexp_f32(ec_vneg_f32(a, n), n), n), n);
}

/* a where |a| is small and, with the sign of a, |b| elsewhere; for odd functions. */
EC_INLINE ec_vf32 ec_vodd_f32(ec_vf32 a, float limit, ec_vf32 small, ec_vf32 large, int32_t n) {
  const ec_vf32 signed_large =
      ec_vselect_f32(ec_vlt_f32(a, ec_vsplat_f32(0.0F, n), n), ec_vneg_f32(large, n), large, n);
  return ec_vselect_f32(ec_vlt_f32(ec_vabs_f32(a, n), ec_vsplat_f32(limit, n), n), small, signed_large, n);
}

/* Below 0.625 an odd polynomial; from there 1 - 2 / (exp(2 |a|) + 1). */
EC_INLINE ec_vf32 ec_vtanh_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 one = ec_vsplat_f32(1.0F, n), two = ec_vsplat_f32(2.0F, n);
  const ec_vf32 exp = ec_vexp_f32(ec_vmul_f32(ec_vabs_f32(a, n), two, n), n);
  const ec_vf32 large = ec_vsub_f32(one, ec_vdiv_f32(two, ec_vadd_f32(exp, one, n), n), n);
  const ec_vf32 aa = ec_vmul_f32(a, a, n);
  ec_vf32 p = ec_vsplat_f32(-0x1.750ce2p-8F, n);
  p = ec_vhorner_f32(p, aa, 0x1.51f8cep-6F, n);
  p = ec_vhorner_f32(p, aa, -0x1.b835a4p-5F, n);
  p = ec_vhorner_f32(p, aa, 0x1.1106f6p-3F, n);
  p = ec_vhorner_f32(p, aa, -0x1.555532p-2F, n);
  return ec_vodd_f32(a, 0.625F, ec_vfma_f32(ec_vmul_f32(p, aa, n), a, a, n), large, n);
}

/* Below 0.9 an odd polynomial; from there 1 - exp(q), q = log erfc |a|, and 1 from 4 on. */
EC_INLINE ec_vf32 ec_verf_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 x = ec_vclampmax_f32(ec_vabs_f32(a, n), ec_vsplat_f32(4.0F, n), n);
  const ec_vf32 aa = ec_vmul_f32(a, a, n);
  ec_vf32 p = ec_vsplat_f32(0x1.4d2864p-14F, n), q = ec_vsplat_f32(0x1.9fb470p-13F, n);
  p = ec_vhorner_f32(p, aa, -0x1.a583bcp-11F, n);
  p = ec_vhorner_f32(p, aa, 0x1.543f2ap-8F, n);
  p = ec_vhorner_f32(p, aa, -0x1.b80062p-6F, n);
  p = ec_vhorner_f32(p, aa, 0x1.ce2d60p-4F, n);
  p = ec_vhorner_f32(p, aa, -0x1.812740p-2F, n);
  p = ec_vhorner_f32(p, aa, 0x1.06eba8p-3F, n);
  q = ec_vhorner_f32(q, x, -0x1.91cd90p-9F, n);
  q = ec_vhorner_f32(q, x, 0x1.6d9d00p-6F, n);
  q = ec_vhorner_f32(q, x, -0x1.aa7328p-4F, n);
  q = ec_vhorner_f32(q, x, -0x1.4621bap-1F, n);
  q = ec_vhorner_f32(q, x, -0x1.20b752p+0F, n);
  q = ec_vhorner_f32(q, x, -0x1.5d104ep-13F, n);
  return ec_vodd_f32(a, 0.9F, ec_vfma_f32(p, a, a, n), ec_vsub_f32(ec_vsplat_f32(1.0F, n), ec_vexp_f32(q, n), n), n);
}

#endif

#endif
