/* SPDX-License-Identifier: 0BSD
 * Epilogues of integer sums on NEON of ARMv7: the words ec_w of kernels/README.md for 8 channels at once, with ec_q in
 * between. Those of floats stay in plain C (ec_weach). Rescaled sums become bytes in 8 instructions for 8: 2 VQDMULH, 2
 * VRSHL, VUZP that takes low halves, VADD of the zero point, VQMOVN, the store.
 * Included before ec_v__portable.h, which has epilogues of one sum otherwise. */
#ifndef EC_W__NEON7_H
#define EC_W__NEON7_H

#include "ec_q__neon7.h"
#include "ec_window.h"

#define EC_W_LANES 8

typedef struct {
  ec_qf32 v0, v1;
} ec_wf32;
typedef struct {
  ec_qi32 v0, v1;
} ec_wi32;
typedef struct {
  ec_wi32 ch[EC_CH_MAX];
} ec_wchannels;

typedef void (*ec_epi_i32)(ec_wi32 acc, ec_wchannels *kept, int loaded, const ec_epilogue *e, ptrdiff_t px, int32_t oc,
                           int32_t n);

EC_INLINE ec_wf32 ec_wbits_f32_i32(ec_wi32 v) {
  return (ec_wf32){vreinterpretq_f32_s32(v.v0), vreinterpretq_f32_s32(v.v1)};
}
EC_INLINE ec_wi32 ec_wbits_i32_f32(ec_wf32 v) {
  return (ec_wi32){vreinterpretq_s32_f32(v.v0), vreinterpretq_s32_f32(v.v1)};
}

/* Fewer lanes go through a buffer. */
#define EC_W_LOAD(element, type, bytes)                                                                                \
  EC_INLINE ec_w##type ec_wload_##element(const void *p, int32_t n) {                                                  \
    unsigned char rest[EC_W_LANES * (bytes)] = {0};                                                                    \
    const unsigned char *from = (const unsigned char *)p;                                                              \
    if (n < EC_W_LANES) {                                                                                              \
      memcpy(rest, p, (size_t)n * (bytes));                                                                            \
      from = rest;                                                                                                     \
    }                                                                                                                  \
    return (ec_w##type){ec_qload_##element(from, 4), ec_qload_##element(from + 4 * (bytes), 4)};                       \
  }
#define EC_W_STORE(element, bytes)                                                                                     \
  EC_INLINE void ec_wstore_##element(void *p, ec_wi32 v, int32_t n) {                                                  \
    unsigned char rest[EC_W_LANES * (bytes)];                                                                          \
    unsigned char *to = n < EC_W_LANES ? rest : (unsigned char *)p;                                                    \
    ec_qstore_##element(to, v.v0, 4);                                                                                  \
    ec_qstore_##element(to + 4 * (bytes), v.v1, 4);                                                                    \
    if (n < EC_W_LANES) {                                                                                              \
      memcpy(p, rest, (size_t)n * (bytes));                                                                            \
    }                                                                                                                  \
  }
EC_W_LOAD(f32, f32, 4)
EC_W_LOAD(i32, i32, 4)
EC_W_LOAD(u16, i32, 2)
EC_W_LOAD(i16, i32, 2)
EC_W_STORE(i32, 4)
EC_W_STORE(u16, 2)
EC_W_STORE(i16, 2)

#define EC_W_BYTES(element, s, byte, least, most, widen, narrow)                                                       \
  EC_INLINE ec_wi32 ec_wload_##element(const void *p, int32_t n) {                                                     \
    byte##_t rest[EC_W_LANES] = {0};                                                                                   \
    const byte##_t *from = (const byte##_t *)p;                                                                        \
    int16x8_t a;                                                                                                       \
    if (n < EC_W_LANES) {                                                                                              \
      memcpy(rest, p, (size_t)n);                                                                                      \
      from = rest;                                                                                                     \
    }                                                                                                                  \
    a = widen(vld1_##s(from));                                                                                         \
    return (ec_wi32){vmovl_s16(vget_low_s16(a)), vmovl_s16(vget_high_s16(a))};                                         \
  }                                                                                                                    \
  EC_INLINE void ec_wstore_clamped_##element(void *p, ec_wi32 v, int32_t zero, int32_t low, int32_t high, int32_t n) { \
    byte##_t rest[EC_W_LANES];                                                                                         \
    const int16x8_t halves = vuzpq_s16(vreinterpretq_s16_s32(v.v0), vreinterpretq_s16_s32(v.v1)).val[0];               \
    byte##x8_t y = narrow(zero != 0 ? vaddq_s16(halves, vdupq_n_s16((int16_t)zero)) : halves);                         \
    y = low > (least) ? vmax_##s(y, vdup_n_##s((byte##_t)low)) : y;                                                    \
    y = high < (most) ? vmin_##s(y, vdup_n_##s((byte##_t)high)) : y;                                                   \
    if (n < EC_W_LANES) {                                                                                              \
      vst1_##s(rest, y);                                                                                               \
      memcpy(p, rest, (size_t)n);                                                                                      \
    } else {                                                                                                           \
      vst1_##s((byte##_t *)p, y);                                                                                      \
    }                                                                                                                  \
  }
#define EC_W_SHIFTED(element)                                                                                          \
  EC_INLINE void ec_wstore_shifted_##element(void *p, ec_wi32 v, int32_t s, int32_t zero, int32_t low, int32_t high,   \
                                             int32_t n) {                                                              \
    v.v0 = ec_qshr_i32(v.v0, s, n), v.v1 = ec_qshr_i32(v.v1, s, n);                                                    \
    ec_wstore_clamped_##element(p, v, zero, low, high, n);                                                             \
  }
#define EC_W_WIDEN_U8(a) vreinterpretq_s16_u16(vmovl_u8(a))
EC_W_BYTES(i8, s8, int8, -128, 127, vmovl_s8, vqmovn_s16)
EC_W_BYTES(u8, u8, uint8, 0, 255, EC_W_WIDEN_U8, vqmovun_s16)
EC_W_SHIFTED(i8)
EC_W_SHIFTED(u8)

/* An epilogue of one sum in plain C for each of n. */
typedef void (*ec_epi_each)(int32_t acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n);

EC_INLINE void ec_weach(ec_wi32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n, ec_epi_each epi) {
  int32_t sums[EC_W_LANES];
  ec_wstore_i32(sums, acc, EC_W_LANES);
  for (int32_t k = 0; k < n; k++) {
    epi(sums[k], e, px, oc + k, 1);
  }
}

#undef EC_W_LOAD
#undef EC_W_STORE
#undef EC_W_BYTES
#undef EC_W_SHIFTED
#undef EC_W_WIDEN_U8

#endif
