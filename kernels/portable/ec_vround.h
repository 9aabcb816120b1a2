/* SPDX-License-Identifier: 0BSD
 * A rescale by a power of two, written once over the words of ec_v. */
#ifndef EC_VROUND_H
#define EC_VROUND_H

/* a 2^-s rounded half to even, 1 <= s <= 30, abs(a) <= 2^31 - 2^s: 5 instructions. */
EC_INLINE ec_vi32 ec_vround_shift_i32(ec_vi32 a, int32_t s, int32_t n) {
  const ec_vi32 odd = ec_vand_i32(ec_vshr_i32(a, s, n), ec_vsplat_i32(1, n), n);
  const ec_vi32 half = ec_vsplat_i32((1 << (s - 1)) - 1, n);
  return ec_vshr_i32(ec_vadd_i32(ec_vadd_i32(a, half, n), odd, n), s, n);
}

/* The same where a is never halfway between two multiples of 2^s: 2 instructions. */
EC_INLINE ec_vi32 ec_vshift_half_i32(ec_vi32 a, int32_t s, int32_t n) {
  return ec_vshr_i32(ec_vadd_i32(a, ec_vsplat_i32(1 << (s - 1), n), n), s, n);
}

#endif
