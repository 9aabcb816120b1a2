/* SPDX-License-Identifier: 0BSD
 * Words shared by every runtime header and kernel: inlining, assertions, typed access to untyped memory. */
#ifndef EC_BASE_H
#define EC_BASE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Layers are noipa where gcc knows that: gcc 12 drops calls of loops that it has specialized for addresses of one
 * static array, because its ivopts writes through NULL + offset and its pure-const takes that for a trap. */
#if defined(__GNUC__)
#define EC_INLINE static inline __attribute__((always_inline, unused))
#if defined(__clang__) || __GNUC__ < 8
#define EC_NOINLINE __attribute__((noinline, unused))
#else
#define EC_NOINLINE __attribute__((noipa, unused))
#endif
#define EC_ALIGNED(n) __attribute__((aligned(n)))
#define EC_PRAGMA(p)  _Pragma(#p)
#else
#define EC_INLINE static inline
#define EC_NOINLINE
#define EC_ALIGNED(n)
#define EC_PRAGMA(p)
#endif

/* In front of a loop: unroll it n times. */
#if defined(__clang__)
#define EC_UNROLL(n) EC_PRAGMA(clang loop unroll_count(n))
#else
#define EC_UNROLL(n) EC_PRAGMA(GCC unroll n)
#endif

#if defined(__cplusplus)
#define EC_STATIC_ASSERT(condition, name) static_assert(condition, #name)
#else
#define EC_STATIC_ASSERT(condition, name) typedef char ec_assert_##name[(condition) ? 1 : -1]
#endif

/* The arena holds every element type in turn: all access is by value through these functions. Elements are aligned as
 * their type asks for. (GNU compilers turn memcpy into the move of an integer, which costs a transfer to the FPU.) */
#if defined(__GNUC__)
#define EC_TYPED_ACCESS(suffix, type)                                                                                  \
  typedef type __attribute__((may_alias)) ec_alias_##suffix;                                                           \
  EC_INLINE type ec_load_##suffix(const void *p) { return *(const ec_alias_##suffix *)p; }                             \
  EC_INLINE void ec_store_##suffix(void *p, type v) { *(ec_alias_##suffix *)p = v; }
#else
#define EC_TYPED_ACCESS(suffix, type)                                                                                  \
  EC_INLINE type ec_load_##suffix(const void *p) {                                                                     \
    type v;                                                                                                            \
    memcpy(&v, p, sizeof v);                                                                                           \
    return v;                                                                                                          \
  }                                                                                                                    \
  EC_INLINE void ec_store_##suffix(void *p, type v) { memcpy(p, &v, sizeof v); }
#endif

EC_TYPED_ACCESS(f32, float)
EC_TYPED_ACCESS(f64, double)
EC_TYPED_ACCESS(i8, int8_t)
EC_TYPED_ACCESS(i16, int16_t)
EC_TYPED_ACCESS(i32, int32_t)
EC_TYPED_ACCESS(i64, int64_t)
EC_TYPED_ACCESS(u8, uint8_t)
EC_TYPED_ACCESS(u16, uint16_t)
EC_TYPED_ACCESS(u32, uint32_t)
EC_TYPED_ACCESS(u64, uint64_t)

#endif
