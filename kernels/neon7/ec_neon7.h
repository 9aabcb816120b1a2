/* SPDX-License-Identifier: 0BSD
 * What the kernels of NEON share that ARMv7 has too: sums in 16 registers of 128 bits, which go through a small buffer
 * to the epilogues. */
#ifndef EC_NEON7_H
#define EC_NEON7_H

#include "ec_w__neon7.h"

#include "ec_v__portable.h"

EC_INLINE int8x16_t ec_neon7_bytes(const void *p) { return vreinterpretq_s8_u8(vld1q_u8((const uint8_t *)p)); }
EC_INLINE int8x8_t ec_neon7_half(const void *p) { return vreinterpret_s8_u8(vld1_u8((const uint8_t *)p)); }

/* gcc loads operands long before their use, and so runs out of registers: what stands behind EC_NEON7_AFTER(v) is
 * loaded after v is there. EC_NEON7_OWN keeps a pointer in a register that loads can move on, EC_NEON7_LOW a vector in
 * one of those that can be multiplied by lane. */
#if defined(__GNUC__) && !defined(__clang__)
#define EC_NEON7_AFTER(v) __asm__ volatile("" : "+w"(v) : : "memory")
#define EC_NEON7_OWN(p)   __asm__("" : "+r"(p))
#define EC_NEON7_LOW(v)   __asm__("" : "+x"(v))
#else
#define EC_NEON7_AFTER(v) (void)0
#define EC_NEON7_OWN(p)   (void)0
#define EC_NEON7_LOW(v)   (void)0
#endif

/* Vector j of four sums of pixel i, from and to memory. */
#define EC_NEON7_START(i, j) int32x4_t a##i##_##j = vld1q_s32(start + (j) * 4);
#define EC_NEON7_STORE(i, j) vst1q_s32(acc + (j) * 4, a##i##_##j);

#define EC_NEON7_STARTS(i, nv) EC_VECTORS_##nv(EC_NEON7_START, i)
#define EC_NEON7_STORES(i, nv) EC_VECTORS_##nv(EC_NEON7_STORE, i) acc += row;

#define EC_NEON7_FLIP(FLIP) const int8x8_t flip = vreinterpret_s8_u8(vdup_n_u8(FLIP));

#endif
