/* SPDX-License-Identifier: 0BSD
 * gcc gives each link of a chain of multiply-adds its own register and moves between them; EC_NEON_PIN keeps a variable
 * in one. It also loads operands long before their use and so runs out of registers: what stands behind
 * EC_NEON_AFTER(v) is loaded after v is there. EC_NEON_OWN keeps a pointer in a register of its own, which loads can
 * move on. */
#ifndef EC_PIN__NEON_H
#define EC_PIN__NEON_H

#if defined(__GNUC__) && !defined(__clang__)
#define EC_NEON_PIN(v)   __asm__("" : "+w"(v))
#define EC_NEON_AFTER(v) __asm__ volatile("" : "+w"(v) : : "memory")
#define EC_NEON_OWN(p)   __asm__("" : "+r"(p))
#else
#define EC_NEON_PIN(v)   (void)0
#define EC_NEON_AFTER(v) (void)0
#define EC_NEON_OWN(p)   (void)0
#endif

#endif
