/* SPDX-License-Identifier: 0BSD
 * A rescale of any sum, written once over the words of ec_v for vectors of a fixed width. */
#ifndef EC_VRESCALE_H
#define EC_VRESCALE_H

#include "ec_rescale.h"

/* Lane by lane: for what is not known to be near. */
EC_INLINE ec_vi32 ec_vrescale_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  int32_t lane[EC_V_LANES];
  float by[EC_V_LANES];
  ec_vstore_i32(lane, a, EC_V_LANES);
  ec_vstore_f32(by, scale, EC_V_LANES);
  for (int32_t i = 0; i < n; i++) {
    lane[i] = ec_rescale_i32(lane[i], by[i]);
  }
  return ec_vload_i32(lane, EC_V_LANES);
}

#endif
