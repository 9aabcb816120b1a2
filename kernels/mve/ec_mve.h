/* SPDX-License-Identifier: 0BSD
 * The vector instructions of Armv8.1-M, in assembly alone: gcc 12 miscompiles its own (constant predicates), and its
 * assembler, where it knows them, refuses some of gcc's scalar code. So they are unknown outside of these pieces. */
#ifndef EC_MVE_H
#define EC_MVE_H

#include "ec_v__portable.h"

#if !defined(__ARM_ARCH_8M_MAIN__) && !defined(__ARM_ARCH_8_1M_MAIN__)
#error "kernels/mve needs the vector instructions of Armv8.1-M"
#endif

#if defined(__ARM_FEATURE_MVE)
#define EC_MVE(text) text
#else
#define EC_MVE(text) ".arch_extension mve\n\t" text "\n\t.arch_extension nomve"
#endif

/* What pieces change beside their operands: the count of loops, and vectors in pairs. */
#define EC_MVE_LOOP "lr", "cc", "memory"
#define EC_MVE_Q01  "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"
#define EC_MVE_Q23  "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15"
#define EC_MVE_Q45  "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23"
#define EC_MVE_Q67  "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31"

/* Sums of VMLADAVA lie in registers of even number. */
#define EC_MVE_SUM(name, r, value) register int32_t name __asm__(r) = value

#endif
