/* SPDX-License-Identifier: 0BSD
 * The integer words of kernels/README.md on the vector extension of Armv8.1-M: 4 lanes. Included by ec_v__mve.h.
 *
 * A near rescale is done lane by lane in f64, where the product is exact, by scalar instructions: about 20. */
#ifndef EC_VI__MVE_H
#define EC_VI__MVE_H

#include "ec_rescale.h"

EC_V_LOAD(u8, ec_vi32, vreinterpretq_s32_u32(vldrbq_u32((const uint8_t *)p)), "vldrbt.u32")
EC_V_LOAD(i8, ec_vi32, vldrbq_s32((const int8_t *)p), "vldrbt.s32")
EC_V_LOAD(u16, ec_vi32, vreinterpretq_s32_u32(vldrhq_u32((const uint16_t *)p)), "vldrht.u32")
EC_V_LOAD(i16, ec_vi32, vldrhq_s32((const int16_t *)p), "vldrht.s32")
EC_V_STORE(i8, ec_vi32, vstrbq_s32((int8_t *)p, v), "vstrbt.32")
EC_V_STORE(i16, ec_vi32, vstrhq_s32((int16_t *)p, v), "vstrht.32")
EC_INLINE void ec_vstore_u8(void *p, ec_vi32 v, int32_t n) { ec_vstore_i8(p, v, n); }
EC_INLINE void ec_vstore_u16(void *p, ec_vi32 v, int32_t n) { ec_vstore_i16(p, v, n); }

EC_V_ARITHMETIC(mul, i32, s32)
EC_V_MOVED(min, i32, s32)
EC_V_MOVED(max, i32, s32)
EC_V_UNARY(ec_vneg_i32, ec_vi32, ec_vi32, vnegq_s32(a))
EC_V_UNARY(ec_vabs_i32, ec_vi32, ec_vi32, vabsq_s32(a))
EC_V_COMPARE(lt, i32, ec_vi32, "s32 gt")
EC_V_COMPARE(le, i32, ec_vi32, "s32 ge")
EC_V_COMPARE(eq, i32, ec_vi32, "i32 eq")
EC_V_SELECT(i32, ec_vi32)

/* The exact product plus 1.5 2^52 is rounded to an integer, whose bits are the last ones of the sum. */
EC_INLINE int32_t ec_rescale_near__mve(int32_t a, float scale) {
  const double sum = (double)a * (double)scale + 0x1.8p+52;
  int32_t y;
  memcpy(&y, &sum, sizeof y);
  return y;
}

EC_INLINE ec_vi32 ec_vrescale_near_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const ec_vi32 v = {ec_rescale_near__mve(a[0], scale[0]), ec_rescale_near__mve(a[1], scale[1]),
                     ec_rescale_near__mve(a[2], scale[2]), ec_rescale_near__mve(a[3], scale[3])};
  (void)n;
  return v;
}

/* Rounded by a fused multiply-add (ec_rescale.h) whose addend is a register of the core: 3 instructions. */
EC_INLINE ec_vi32 ec_vrescale_small_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  const ec_vf32 rounded = vfmasq_n_f32(vcvtq_f32_s32(a), scale, EC_RESCALE_MAGIC);
  (void)n;
  return vsubq_n_s32(vreinterpretq_s32_f32(rounded), EC_RESCALE_BITS);
}

#include "ec_vrescale.h"

#include "ec_vround.h"

/* Reductions over vectors: lanes from n on keep acc. */

EC_V_ACC(add, i32)
EC_V_ACC(max, i32)
EC_V_ACC(min, i32)
EC_INLINE int32_t ec_vreduce_add_i32(ec_vi32 acc) { return vaddvq_s32(acc); }
EC_INLINE int32_t ec_vreduce_max_i32(ec_vi32 acc) { return vmaxvq_s32(INT32_MIN, acc); }
EC_INLINE int32_t ec_vreduce_min_i32(ec_vi32 acc) { return vminvq_s32(INT32_MAX, acc); }

#endif
