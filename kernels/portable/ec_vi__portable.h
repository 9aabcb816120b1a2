/* SPDX-License-Identifier: 0BSD
 * The integer words of kernels/README.md in plain C99: one lane. Included by ec_v__portable.h. */
#ifndef EC_VI__PORTABLE_H
#define EC_VI__PORTABLE_H

#include "ec_rescale.h"

EC_V_UNARY(ec_vload_u8, ec_vi32, const void *, ec_load_u8(a))
EC_V_UNARY(ec_vload_i8, ec_vi32, const void *, ec_load_i8(a))
EC_V_UNARY(ec_vload_u16, ec_vi32, const void *, ec_load_u16(a))
EC_V_UNARY(ec_vload_i16, ec_vi32, const void *, ec_load_i16(a))

#define EC_V_STORE(element, type)                                                                                      \
  EC_INLINE void ec_vstore_##element(void *p, ec_vi32 v, int32_t n) {                                                  \
    (void)n;                                                                                                           \
    ec_store_##element(p, (type)v);                                                                                    \
  }
EC_V_STORE(u8, uint8_t)
EC_V_STORE(i8, int8_t)
EC_V_STORE(u16, uint16_t)
EC_V_STORE(i16, int16_t)
#undef EC_V_STORE

EC_V_BINARY(ec_vmul_i32, ec_vi32, ec_vi32, ec_vi32, ec_wrap_i32((uint32_t)a *(uint32_t)b))
EC_V_BINARY(ec_vmin_i32, ec_vi32, ec_vi32, ec_vi32, a < b ? a : b)
EC_V_BINARY(ec_vmax_i32, ec_vi32, ec_vi32, ec_vi32, a > b ? a : b)
EC_V_UNARY(ec_vneg_i32, ec_vi32, ec_vi32, ec_wrap_i32(0U - (uint32_t)a))
EC_V_UNARY(ec_vabs_i32, ec_vi32, ec_vi32, a < 0 ? ec_wrap_i32(0U - (uint32_t)a) : a)
EC_V_BINARY(ec_vlt_i32, ec_vm32, ec_vi32, ec_vi32, a < b)
EC_V_BINARY(ec_vle_i32, ec_vm32, ec_vi32, ec_vi32, a <= b)
EC_V_BINARY(ec_veq_i32, ec_vm32, ec_vi32, ec_vi32, a == b)

EC_INLINE ec_vi32 ec_vselect_i32(ec_vm32 m, ec_vi32 a, ec_vi32 b, int32_t n) {
  (void)n;
  return m ? a : b;
}

EC_V_BINARY(ec_vrescale_i32, ec_vi32, ec_vi32, ec_vf32, ec_rescale_i32(a, b))
EC_V_BINARY(ec_vrescale_near_i32, ec_vi32, ec_vi32, ec_vf32, ec_rescale_near_i32(a, b))
EC_V_BINARY(ec_vrescale_small_i32, ec_vi32, ec_vi32, ec_vf32, ec_rescale_small_i32(a, b))

#include "ec_vround.h"

/* Reductions over vectors */

EC_V_BINARY(ec_vacc_add_i32, ec_vi32, ec_vi32, ec_vi32, ec_vadd_i32(a, b, 1))
EC_V_BINARY(ec_vacc_max_i32, ec_vi32, ec_vi32, ec_vi32, ec_vmax_i32(a, b, 1))
EC_V_BINARY(ec_vacc_min_i32, ec_vi32, ec_vi32, ec_vi32, ec_vmin_i32(a, b, 1))
EC_INLINE int32_t ec_vreduce_add_i32(ec_vi32 acc) { return acc; }
EC_INLINE int32_t ec_vreduce_max_i32(ec_vi32 acc) { return acc; }
EC_INLINE int32_t ec_vreduce_min_i32(ec_vi32 acc) { return acc; }

#endif
