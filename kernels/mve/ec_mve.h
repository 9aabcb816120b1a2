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

/* Gives n sums of a pixel to the epilogue. */
EC_INLINE void ec_mve_give(const int32_t *acc, ptrdiff_t px, int32_t oc, int32_t n, const ec_epilogue *e,
                           ec_epi_i32 epi) {
  ec_wchannels kept;
  epi(ec_wload_i32(acc, EC_W_LANES), &kept, 0, e, px, oc, n);
}

/* Gives the sums of a tile, acc[row][nr], to the epilogue. */
EC_INLINE void ec_mve_finish(const int32_t *acc, int32_t nr, ptrdiff_t px, int32_t rows, int32_t oc, int32_t channels,
                             const ec_epilogue *e, ec_epi_i32 epi) {
  const int32_t whole = channels / EC_W_LANES * EC_W_LANES;
  for (int32_t i = 0; i < rows; i++, acc += nr) {
    for (int32_t c = 0; c < whole; c += EC_W_LANES) {
      ec_mve_give(acc + c, px + i, oc + c, EC_W_LANES, e, epi);
    }
    if (whole < channels) {
      ec_mve_give(acc + whole, px + i, oc + whole, channels - whole, e, epi);
    }
  }
}

#endif
