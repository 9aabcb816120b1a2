/* SPDX-License-Identifier: 0BSD
 * The vector vocabulary of kernels/README.md on the vector extension of Armv8.1-M (Helium): 4 lanes of 32 bits.
 *
 * Arithmetic ignores n: idle lanes hold anything and no result of theirs is used. Loads, stores and ec_vacc obey it by
 * VCTP; with the constant EC_V_LANES they are one instruction. Loads fill lanes from n on with zero. What needs a
 * predicate is one piece of assembly, and a mask is a vector: gcc 12 gets its own predicates wrong, and no compiler
 * knows the predicate register in assembly. Vectors of floats flush subnormal numbers to zero. */
#ifndef EC_V__MVE_H
#define EC_V__MVE_H

#if !defined(__ARM_FEATURE_MVE) || __ARM_FEATURE_MVE < 3
#error "kernels/mve needs the vector instructions of Armv8.1-M, those of floats too"
#endif

#include <arm_mve.h>
#include <math.h>

#include "ec_base.h"
#include "ec_window.h"

#define EC_V_LANES 4

typedef float32x4_t ec_vf32;
typedef int32x4_t ec_vi32;
typedef uint32x4_t ec_vm32;

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

/* Numbers in all lanes. Constants stay in registers of the core where instructions take them from there, as registers
 * of vectors are few, and are moved where not: gcc would load them from memory. */
#define EC_V_EQUAL(a) ((a)[0] == (a)[1] && (a)[0] == (a)[2] && (a)[0] == (a)[3])
#define EC_V_SAME(a)  (__builtin_constant_p(EC_V_EQUAL(a)) && EC_V_EQUAL(a))
#define EC_V_ARITHMETIC(word, type, suffix)                                                                            \
  EC_V_BINARY(ec_v##word##_##type, ec_v##type, ec_v##type, ec_v##type,                                                 \
              EC_V_SAME(b) ? v##word##q_n_##suffix(a, b[0]) : v##word##q_##suffix(a, b))

#define EC_V_MOVED(word, type, suffix)                                                                                 \
  EC_V_BINARY(ec_v##word##_##type, ec_v##type, ec_v##type, ec_v##type,                                                 \
              v##word##q_##suffix(a, EC_V_SAME(b) ? vdupq_n_##suffix(b[0]) : b))
#define EC_V_SPLAT(type, number)                                                                                       \
  EC_INLINE ec_v##type ec_vsplat_##type(number a, int32_t n) {                                                         \
    const ec_v##type v = {a, a, a, a};                                                                                 \
    (void)n;                                                                                                           \
    return v;                                                                                                          \
  }
EC_V_SPLAT(f32, float)
EC_V_SPLAT(i32, int32_t)

/* Memory: all lanes as the compiler does it, or the first n of them. */

typedef float32x4_t __attribute__((may_alias, aligned(4))) ec_alias_f32x4;
typedef int32x4_t __attribute__((may_alias, aligned(4))) ec_alias_i32x4;

#define EC_V_LOAD(element, lanes, full, load)                                                                          \
  EC_INLINE lanes ec_vload_##element(const void *p, int32_t n) {                                                       \
    lanes v;                                                                                                           \
    if (n >= EC_V_LANES) {                                                                                             \
      return full;                                                                                                     \
    }                                                                                                                  \
    __asm__("vctp.32 %2\n\tvpst\n\t" load " %q0, [%1]" : "=w"(v) : "l"(p), "r"(n) : "memory");                         \
    return v;                                                                                                          \
  }
#define EC_V_STORE(element, lanes, full, store)                                                                        \
  EC_INLINE void ec_vstore_##element(void *p, lanes v, int32_t n) {                                                    \
    if (n >= EC_V_LANES) {                                                                                             \
      full;                                                                                                            \
    } else {                                                                                                           \
      __asm__ volatile("vctp.32 %2\n\tvpst\n\t" store " %q0, [%1]" : : "w"(v), "l"(p), "r"(n) : "memory");             \
    }                                                                                                                  \
  }
EC_V_LOAD(f32, ec_vf32, *(const ec_alias_f32x4 *)p, "vldrwt.u32")
EC_V_LOAD(i32, ec_vi32, *(const ec_alias_i32x4 *)p, "vldrwt.u32")
EC_V_STORE(f32, ec_vf32, *(ec_alias_f32x4 *)p = v, "vstrwt.32")
EC_V_STORE(i32, ec_vi32, *(ec_alias_i32x4 *)p = v, "vstrwt.32")

/* Offsets of lanes that lie `stride` bytes apart. */
EC_INLINE ec_vm32 ec_voffsets__mve(ptrdiff_t stride) { return vmulq_n_u32(vidupq_n_u32(0, 1), (uint32_t)stride); }

EC_INLINE ec_vf32 ec_vload_strided_f32(const void *p, ptrdiff_t stride, int32_t n) {
  const ec_vm32 offsets = ec_voffsets__mve(stride);
  ec_vf32 v;
  __asm__("vctp.32 %3\n\tvpst\n\tvldrwt.u32 %q0, [%1, %q2]" : "=&w"(v) : "r"(p), "w"(offsets), "r"(n) : "memory");
  return v;
}

EC_INLINE void ec_vstore_strided_f32(void *p, ptrdiff_t stride, ec_vf32 v, int32_t n) {
  const ec_vm32 offsets = ec_voffsets__mve(stride);
  __asm__ volatile("vctp.32 %3\n\tvpst\n\tvstrwt.32 %q0, [%1, %q2]"
                   :
                   : "w"(v), "r"(p), "w"(offsets), "r"(n)
                   : "memory");
}

/* Masks: all bits of a lane, or none. A comparison and the choice between two vectors are one piece, and exist for
 * those that are false for NaN: eq, ge, gt. */

#define EC_V_PICK(name, comparison, operand, result)                                                                   \
  EC_INLINE result ec_vpick_##name##__mve(operand a, operand b, result yes, result no) {                               \
    result v;                                                                                                          \
    __asm__("vcmp." comparison ", %q1, %q2\n\tvpsel %q0, %q3, %q4" : "=w"(v) : "w"(a), "w"(b), "w"(yes), "w"(no));     \
    return v;                                                                                                          \
  }
#define EC_V_COMPARE(name, type, lanes, comparison)                                                                    \
  EC_V_PICK(name##_##type, comparison, lanes, ec_vm32)                                                                 \
  EC_INLINE ec_vm32 ec_v##name##_##type(lanes a, lanes b, int32_t n) {                                                 \
    (void)n;                                                                                                           \
    return ec_vpick_##name##_##type##__mve(EC_V_ORDER_##name(a, b), vdupq_n_u32(~(uint32_t)0), vdupq_n_u32(0));        \
  }
#define EC_V_SELECT(type, lanes)                                                                                       \
  EC_INLINE lanes ec_vselect_##type(ec_vm32 m, lanes a, lanes b, int32_t n) {                                          \
    lanes v;                                                                                                           \
    (void)n;                                                                                                           \
    __asm__("vcmp.i32 ne, %q1, zr\n\tvpsel %q0, %q2, %q3" : "=w"(v) : "w"(m), "w"(a), "w"(b));                         \
    return v;                                                                                                          \
  }
#define EC_V_ORDER_lt(a, b) b, a
#define EC_V_ORDER_le(a, b) b, a
#define EC_V_ORDER_eq(a, b) a, b
EC_V_COMPARE(lt, f32, ec_vf32, "f32 gt")
EC_V_COMPARE(le, f32, ec_vf32, "f32 ge")
EC_V_COMPARE(eq, f32, ec_vf32, "f32 eq")
EC_V_SELECT(f32, ec_vf32)
EC_V_BINARY(ec_vand_m32, ec_vm32, ec_vm32, ec_vm32, vandq_u32(a, b))
EC_V_BINARY(ec_vor_m32, ec_vm32, ec_vm32, ec_vm32, vorrq_u32(a, b))
EC_V_UNARY(ec_vnot_m32, ec_vm32, ec_vm32, vmvnq_u32(a))

/* Arithmetic: division and square root are scalar instructions. VMAXNM and VMINNM take the number of a number and NaN:
 * clamps pick instead, and min and max keep what is not equal to itself. */

EC_V_UNARY(ec_vneg_f32, ec_vf32, ec_vf32, vnegq_f32(a))
EC_V_UNARY(ec_vabs_f32, ec_vf32, ec_vf32, vabsq_f32(a))
EC_V_UNARY(ec_vfloor_f32, ec_vf32, ec_vf32, vrndmq_f32(a))
EC_V_UNARY(ec_vceil_f32, ec_vf32, ec_vf32, vrndpq_f32(a))
EC_V_UNARY(ec_vround_f32, ec_vf32, ec_vf32, vrndnq_f32(a))
EC_V_ARITHMETIC(add, f32, f32)
EC_V_ARITHMETIC(sub, f32, f32)
EC_V_ARITHMETIC(mul, f32, f32)

EC_V_PICK(greater, "f32 gt", ec_vf32, ec_vf32)
EC_V_PICK(number, "f32 eq", ec_vf32, ec_vf32)
EC_V_BINARY(ec_vclampmin_f32, ec_vf32, ec_vf32, ec_vf32, ec_vpick_greater__mve(b, a, b, a))
EC_V_BINARY(ec_vclampmax_f32, ec_vf32, ec_vf32, ec_vf32, ec_vpick_greater__mve(a, b, b, a))
EC_V_BINARY(ec_vmin_f32, ec_vf32, ec_vf32, ec_vf32, ec_vpick_number__mve(b, b, ec_vclampmax_f32(a, b, n), b))
EC_V_BINARY(ec_vmax_f32, ec_vf32, ec_vf32, ec_vf32, ec_vpick_number__mve(b, b, ec_vclampmin_f32(a, b, n), b))

EC_INLINE ec_vf32 ec_vdiv_f32(ec_vf32 a, ec_vf32 b, int32_t n) {
  const ec_vf32 v = {a[0] / b[0], a[1] / b[1], a[2] / b[2], a[3] / b[3]};
  (void)n;
  return v;
}

EC_INLINE float ec_sqrt__mve(float a) { /* sqrtf may set errno */
  float root;
  __asm__("vsqrt.f32 %0, %1" : "=t"(root) : "t"(a));
  return root;
}

EC_INLINE ec_vf32 ec_vsqrt_f32(ec_vf32 a, int32_t n) {
  const ec_vf32 v = {ec_sqrt__mve(a[0]), ec_sqrt__mve(a[1]), ec_sqrt__mve(a[2]), ec_sqrt__mve(a[3])};
  (void)n;
  return v;
}

EC_INLINE ec_vf32 ec_vfma_f32(ec_vf32 a, ec_vf32 b, ec_vf32 c, int32_t n) {
  (void)n;
  return EC_V_SAME(c) ? vfmasq_n_f32(a, b, c[0]) : EC_V_SAME(b) ? vfmaq_n_f32(c, a, b[0]) : vfmaq_f32(c, a, b);
}

/* Integers: shr is arithmetic; shift counts are 0…31 */

EC_V_ARITHMETIC(add, i32, s32)
EC_V_ARITHMETIC(sub, i32, s32)
EC_V_MOVED(and, i32, s32)
EC_V_BINARY(ec_vshl_i32, ec_vi32, ec_vi32, int32_t, vreinterpretq_s32_u32(vreinterpretq_u32_s32(a) << (uint32_t)b))
EC_V_BINARY(ec_vshr_i32, ec_vi32, ec_vi32, int32_t, a >> b)
EC_V_UNARY(ec_vcvt_i32_f32, ec_vi32, ec_vf32, vcvtnq_s32_f32(a))
EC_V_UNARY(ec_vcvt_f32_i32, ec_vf32, ec_vi32, vcvtq_f32_s32(a))
EC_V_UNARY(ec_vbits_i32_f32, ec_vi32, ec_vf32, vreinterpretq_s32_f32(a))
EC_V_UNARY(ec_vbits_f32_i32, ec_vf32, ec_vi32, vreinterpretq_f32_s32(a))

/* Reductions over vectors: lanes from n on keep acc */

#define EC_V_ACC(op, type)                                                                                             \
  EC_INLINE ec_v##type ec_vacc_##op##_##type(ec_v##type acc, ec_v##type x, int32_t n) {                                \
    const ec_v##type result = ec_v##op##_##type(acc, x, n);                                                            \
    if (n >= EC_V_LANES) {                                                                                             \
      return result;                                                                                                   \
    }                                                                                                                  \
    __asm__("vctp.32 %2\n\tvpsel %q0, %q1, %q0" : "+w"(acc) : "w"(result), "r"(n));                                    \
    return acc;                                                                                                        \
  }
EC_V_ACC(add, f32)
EC_V_ACC(max, f32)
EC_V_ACC(min, f32)
EC_V_ACC(mul, f32)

#define EC_V_REDUCE(op)                                                                                                \
  EC_INLINE float ec_vreduce_##op##_f32(ec_vf32 acc) {                                                                 \
    const ec_vf32 upper = {acc[2], acc[3], acc[2], acc[3]};                                                            \
    const ec_vf32 half = ec_v##op##_f32(acc, upper, EC_V_LANES);                                                       \
    const ec_vf32 second = {half[1], half[1], half[1], half[1]};                                                       \
    return ec_v##op##_f32(half, second, EC_V_LANES)[0];                                                                \
  }
EC_V_REDUCE(add)
EC_V_REDUCE(max)
EC_V_REDUCE(min)
EC_V_REDUCE(mul)

#include "ec_vi__mve.h"

#include "ec_w__mve.h"

#undef EC_V_UNARY
#undef EC_V_BINARY
#undef EC_V_EQUAL
#undef EC_V_SAME
#undef EC_V_SPLAT
#undef EC_V_MOVED
#undef EC_V_ARITHMETIC
#undef EC_V_LOAD
#undef EC_V_STORE
#undef EC_V_PICK
#undef EC_V_COMPARE
#undef EC_V_SELECT
#undef EC_V_ORDER_lt
#undef EC_V_ORDER_le
#undef EC_V_ORDER_eq
#undef EC_V_ACC
#undef EC_V_REDUCE

#endif
