/* SPDX-License-Identifier: 0BSD
 * Epilogues of integer sums on the vector extension of Armv8.1-M: the words ec_w of kernels/README.md for one vector,
 * because those that store bytes add and clamp where the rounded float still is. Rescaled sums become bytes in 5
 * instructions for 4: VCVT, VFMAS, VMAX, VMIN and a store of low bytes. */
#ifndef EC_W__MVE_H
#define EC_W__MVE_H

#define EC_W_LANES EC_V_LANES

typedef struct {
  ec_vf32 v0;
} ec_wf32;
typedef struct {
  ec_vi32 v0;
} ec_wi32;
typedef struct {
  ec_wi32 ch[EC_CH_MAX];
} ec_wchannels;

typedef void (*ec_epi_i32)(ec_wi32 acc, ec_wchannels *kept, int loaded, const ec_epilogue *e, ptrdiff_t px, int32_t oc,
                           int32_t n);

EC_INLINE ec_wf32 ec_wbits_f32_i32(ec_wi32 v) { return (ec_wf32){ec_vbits_f32_i32(v.v0, EC_V_LANES)}; }
EC_INLINE ec_wi32 ec_wbits_i32_f32(ec_wf32 v) { return (ec_wi32){ec_vbits_i32_f32(v.v0, EC_V_LANES)}; }

#define EC_W_LOAD(element, type)                                                                                       \
  EC_INLINE ec_w##type ec_wload_##element(const void *p, int32_t n) { return (ec_w##type){ec_vload_##element(p, n)}; }
#define EC_W_MEMORY(element, type)                                                                                     \
  EC_W_LOAD(element, type)                                                                                             \
  EC_INLINE void ec_wstore_##element(void *p, ec_w##type v, int32_t n) { ec_vstore_##element(p, v.v0, n); }
EC_W_MEMORY(f32, f32)
EC_W_MEMORY(i32, i32)
EC_W_MEMORY(u16, i32)
EC_W_MEMORY(i16, i32)

/* The low bytes of `bits`, whose other bytes are those of `base` where it is within the limits. */
EC_INLINE void ec_wput__mve(void *p, ec_vi32 bits, int32_t base, int32_t low, int32_t high, int32_t n) {
  bits = ec_vmax_i32(bits, ec_vsplat_i32(base + low, n), n);
  ec_vstore_i8(p, ec_vmin_i32(bits, ec_vsplat_i32(base + high, n), n), n);
}

/* The magic number of ec_rescale.h takes the zero point up as far as it is even: halves are rounded to even numbers. */
EC_INLINE ec_vi32 ec_wmagic__mve(ec_vi32 a, ec_vf32 scale, int32_t zero) {
  const float magic = EC_RESCALE_MAGIC + (float)(zero - (zero & 1));
  const ec_vi32 bits = vreinterpretq_s32_f32(vfmasq_n_f32(vcvtq_f32_s32(a), scale, magic));
  return (zero & 1) != 0 ? vaddq_n_s32(bits, 1) : bits;
}

EC_INLINE ec_vi32 ec_vrescale_bits_i32(ec_vi32 a, ec_vf32 scale, int32_t n) {
  (void)n;
  return ec_wmagic__mve(a, scale, 0);
}
EC_INLINE ec_vi32 ec_vround_half_i32(ec_vi32 b, int32_t s, int32_t n) {
  return ec_vround_shift_i32(vsubq_n_s32(b, 1 << (s - 1)), s, n);
}

#define EC_W_BYTES(element)                                                                                            \
  EC_W_LOAD(element, i32)                                                                                              \
  EC_INLINE void ec_wstore_clamped_##element(void *p, ec_wi32 v, int32_t zero, int32_t low, int32_t high, int32_t n) { \
    ec_wput__mve(p, zero != 0 ? vaddq_n_s32(v.v0, zero) : v.v0, 0, low, high, n);                                      \
  }                                                                                                                    \
  EC_INLINE void ec_wstore_shifted_##element(void *p, ec_wi32 v, int32_t s, int32_t zero, int32_t low, int32_t high,   \
                                             int32_t n) {                                                              \
    v.v0 = ec_vshr_i32(v.v0, s, n);                                                                                    \
    ec_wstore_clamped_##element(p, v, zero, low, high, n);                                                             \
  }                                                                                                                    \
  EC_INLINE void ec_wstore_rescaled_##element(void *p, ec_wi32 v, ec_wf32 by, int32_t zero, int32_t low, int32_t high, \
                                              int32_t n) {                                                             \
    ec_wput__mve(p, ec_wmagic__mve(v.v0, by.v0, zero), EC_RESCALE_BITS, low, high, n);                                 \
  }
EC_W_BYTES(i8)
EC_W_BYTES(u8)

#undef EC_W_LOAD
#undef EC_W_MEMORY
#undef EC_W_BYTES

#endif
