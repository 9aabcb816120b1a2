/* SPDX-License-Identifier: 0BSD
 * Maximum pooling, float: 1 pixel x one vector (LMUL 4) of channels. NaN propagates.
 *
 * Registers: 1 accumulator and 1 x of 4 registers each, masks. A tap: VLE, LD, 4 to compare and merge and 3 others: .56
 * instructions for an element at VLEN 128; 4 of them work on whole vectors. */
#ifndef EC_MAXPOOL_F32_1XVL__RVV_H
#define EC_MAXPOOL_F32_1XVL__RVV_H

#include "ec_pool_f32__rvv.h"

EC_POOL__RVV(ec_maxpool_f32_1xvl__rvv, 0, EC_POOL_MAX)

#endif
