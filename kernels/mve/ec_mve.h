/* SPDX-License-Identifier: 0BSD
 * What pieces of assembly in kernels of Armv8.1-M share: the loops without overhead, DLS and LE, and the sums of
 * VMLADAVA, which lie in registers of even number. */
#ifndef EC_MVE_H
#define EC_MVE_H

#include "ec_v__mve.h"

/* What pieces change beside their operands: the count of loops, and vectors in pairs. */
#define EC_MVE_LOOP "lr", "cc", "memory"
#define EC_MVE_Q01  "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"
#define EC_MVE_Q23  "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15"
#define EC_MVE_Q45  "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23"
#define EC_MVE_Q67  "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31"

#define EC_MVE_SUM(name, r, value) register int32_t name __asm__(r) = value

#endif
