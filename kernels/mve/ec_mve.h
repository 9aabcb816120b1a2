/* SPDX-License-Identifier: 0BSD
 * What pieces of assembly in kernels of Armv8.1-M share: the loops without overhead, DLS and LE, and the sums of
 * VMLADAVA, which lie in registers of even number. */
#ifndef EC_MVE_H
#define EC_MVE_H

#include "ec_v__mve.h"

#include "ec_tile.h"

/* What pieces change beside their operands: the count of loops, and vectors in pairs. */
#define EC_MVE_LOOP "lr", "cc", "memory"
#define EC_MVE_Q01  "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"
#define EC_MVE_Q23  "s8", "s9", "s10", "s11", "s12", "s13", "s14", "s15"
#define EC_MVE_Q45  "s16", "s17", "s18", "s19", "s20", "s21", "s22", "s23"
#define EC_MVE_Q67  "s24", "s25", "s26", "s27", "s28", "s29", "s30", "s31"

#define EC_MVE_SUM(name, r, value) register int32_t name __asm__(r) = value

enum { ec_mve_channels = 64 }; /* of a tile, at most */

/* Gives the sums of a tile, acc[row][nr], to the epilogue. */
EC_INLINE void ec_mve_finish(const int32_t *acc, int32_t nr, ptrdiff_t px, int32_t rows, int32_t oc, int32_t channels,
                             const ec_epilogue *e, ec_epi_i32 epi) {
  const int32_t whole = channels / EC_V_LANES * EC_V_LANES;
  for (int32_t i = 0; i < rows; i++, acc += nr) {
    for (int32_t c = 0; c < whole; c += EC_V_LANES) {
      epi(ec_vload_i32(acc + c, EC_V_LANES), e, px + i, oc + c, EC_V_LANES);
    }
    if (whole < channels) {
      epi(ec_vload_i32(acc + whole, EC_V_LANES), e, px + i, oc + whole, channels - whole);
    }
  }
}

#endif
