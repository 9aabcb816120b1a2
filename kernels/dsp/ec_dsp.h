/* SPDX-License-Identifier: 0BSD
 * Two 16-bit numbers in a register: the words of the DSP instructions of Armv7E-M, Armv8-M and A32. */
#ifndef EC_DSP_H
#define EC_DSP_H

#include "ec_v__portable.h"

#if !defined(__ARM_FEATURE_SIMD32)
#error "kernels/dsp needs the DSP instructions of Arm"
#endif

#define EC_DSP_OP1(name, text)                                                                                         \
  EC_INLINE uint32_t name(uint32_t a) {                                                                                \
    uint32_t r;                                                                                                        \
    __asm__(text : "=r"(r) : "r"(a));                                                                                  \
    return r;                                                                                                          \
  }
#define EC_DSP_OP3(name, text)                                                                                         \
  EC_INLINE int32_t name(uint32_t a, uint32_t b, int32_t c) {                                                          \
    int32_t r;                                                                                                         \
    __asm__(text : "=r"(r) : "r"(a), "r"(b), "r"(c));                                                                  \
    return r;                                                                                                          \
  }
/* Bytes 0 and 2, and bytes 1 and 3, widened. */
EC_DSP_OP1(ec_dsp_even_i8, "sxtb16 %0, %1")
EC_DSP_OP1(ec_dsp_odd_i8, "sxtb16 %0, %1, ror #8")
EC_DSP_OP1(ec_dsp_even_u8, "uxtb16 %0, %1")
EC_DSP_OP1(ec_dsp_odd_u8, "uxtb16 %0, %1, ror #8")
/* c plus both products, that of the lower halves, that of the upper halves; they wrap. */
EC_DSP_OP3(ec_dsp_both, "smlad %0, %1, %2, %3")
EC_DSP_OP3(ec_dsp_lower, "smlabb %0, %1, %2, %3")
EC_DSP_OP3(ec_dsp_upper, "smlatt %0, %1, %2, %3")

/* Four bytes, wherever they lie. */
EC_INLINE uint32_t ec_dsp_load(const void *p) {
  uint32_t word;
  memcpy(&word, p, 4);
  return word;
}

#endif
