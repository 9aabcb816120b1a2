/* SPDX-License-Identifier: 0BSD
 * Average pooling, float: 1 pixel x one vector (LMUL 4) of channels.
 *
 * Registers: 1 accumulator and 1 x of 4 registers each. A tap: VLE, VFADD, LD and 3 others: .375 instructions for an
 * element at VLEN 128. */
#ifndef EC_AVGPOOL_F32_1XVL__RVV_H
#define EC_AVGPOOL_F32_1XVL__RVV_H

#include "ec_pool_f32__rvv.h"

EC_POOL__RVV(ec_avgpool_f32_1xvl__rvv, 1, EC_POOL_MEAN)

#endif
