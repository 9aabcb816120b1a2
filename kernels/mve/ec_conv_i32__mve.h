/* SPDX-License-Identifier: 0BSD
 * Integer convolution that adds all products of two vectors to one sum, VMLADAVA: 16 of bytes or, where weights have 16
 * bits, 8. Tiles of 1 … 3 pixels x 2 channels, whose sums are 6 registers of the core.
 *
 * The inputs of a tile's pixels are copied side by side as the weights' type, where u8 becomes i8 by XOR, a vector of
 * each pixel in turn, and serve all panels. A step is 2 loads of weights, for each pixel a load and 2 VMLADAVA, and LE:
 * 12 instructions for 96 products of bytes (.125); a panel takes 10 more. Of 1 or 2 steps the inputs stay in registers:
 * 8 a step and 7. A single pixel takes two panels at a time, 10 instructions for 64 products. Windows of more than
 * ec_mve_inputs bytes are read where they lie, a pixel at a time: 7 for 32 products. */
#ifndef EC_CONV_I32__MVE_H
#define EC_CONV_I32__MVE_H

#include "ec_mve.h"

#include "ec_conv_i32_nibbles.h"

enum { ec_mve_inputs = 2304 }; /* bytes that are copied at a time */

/* Sums of `panels` panels for pixels whose vectors of inputs lie at x. */
typedef struct {
  int32_t *acc; /* [pixel][ec_mve_channels] */
  const unsigned char *x, *w;
  ptrdiff_t steps, panels;
} ec_mve_job;

/* Copies `vectors` vectors of each tap of the pixels at `taps` to x, none for 0 taps, and does the job; or adds up the
 * sums of a single pixel without a copy. */
typedef void (*ec_mve_tile)(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,
                            ptrdiff_t vectors, unsigned char *x, const ec_mve_job *job);
typedef void (*ec_mve_far)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t vectors,
                           const ec_mve_job *job);

/* Pieces of assembly that load a vector of inputs from x as the weights' type into q0; q1 is 0x80 in all bytes. */
#define EC_MVE_INPUT_I8  "vldrb.8 q0, [%[x]], #16\n\t"
#define EC_MVE_INPUT_U8  "vldrb.8 q0, [%[x]], #16\n\tveor q0, q0, q1\n\t"
#define EC_MVE_INPUT_I16 "vldrb.s16 q0, [%[x]], #8\n\t"
#define EC_MVE_INPUT_U16 "vldrb.u16 q0, [%[x]], #8\n\t"

/* The next vectors of a pixel's taps, `stride` bytes apart; one for each tap is a loop of its own. */
#define EC_MVE_COPY(input, stride)                                                                                     \
  register const unsigned char *x __asm__("r4");                                                                       \
  const void *const *tap = taps;                                                                                       \
  ptrdiff_t count = tap_count;                                                                                         \
  if (vectors == 1) {                                                                                                  \
    __asm__ volatile("vmov.i8 q1, #0x80\n\tdls lr, %[count]\n"                                                         \
                     "1:\n\tldr %[x], [%[tap]]\n\tadd %[tap], %[step]\n\t" input "vstrb.8 q0, [%[y]], #" stride        \
                     "\n\tle lr, 1b"                                                                                   \
                     : [x] "=&r"(x), [y] "+r"(y), [tap] "+r"(tap)                                                      \
                     : [count] "r"(count), [step] "r"(4 * tap_step)                                                    \
                     : EC_MVE_Q01, EC_MVE_LOOP);                                                                       \
  } else {                                                                                                             \
    __asm__ volatile("vmov.i8 q1, #0x80\n"                                                                             \
                     "2:\n\tldr %[x], [%[tap]]\n\tadd %[tap], %[step]\n\tdls lr, %[n]\n"                               \
                     "1:\n\t" input "vstrb.8 q0, [%[y]], #" stride "\n\tle lr, 1b\n\t"                                 \
                     "subs %[count], %[count], #1\n\tbne 2b"                                                           \
                     : [x] "=&r"(x), [y] "+r"(y), [tap] "+r"(tap), [count] "+r"(count)                                 \
                     : [n] "r"(vectors), [step] "r"(4 * tap_step)                                                      \
                     : EC_MVE_Q01, EC_MVE_LOOP);                                                                       \
  }

/* Sums of 1, 2 and 3 pixels: how they start and are stored. */
#define EC_MVE_STARTS_1 "ldrd r0, r2, [r5], #8\n\t"
#define EC_MVE_STARTS_2 "ldrd r4, r6, [r5]\n\t" EC_MVE_STARTS_1
#define EC_MVE_STARTS_3 "ldrd r8, r10, [r5]\n\t" EC_MVE_STARTS_2
#define EC_MVE_STORES_1 "strd r0, r2, [r1], #8\n\t"
#define EC_MVE_STORES_2 "strd r4, r6, [r1, #256]\n\t" EC_MVE_STORES_1
#define EC_MVE_STORES_3 "strd r8, r10, [r1, #512]\n\t" EC_MVE_STORES_2
EC_STATIC_ASSERT(ec_mve_channels * 4 == 256, rows_of_sums);

/* A step: two vectors of weights with the next inputs of each pixel. */
#define EC_MVE_MLA(type, x, s0, s1) "vmladava." type " " s0 ", q0, " x "\n\tvmladava." type " " s1 ", q1, " x "\n\t"
#define EC_MVE_NEXT(q, from)        "vldrb.8 " q ", [" from "], #16\n\t"
#define EC_MVE_PAIR_OF(w)           EC_MVE_NEXT("q0", w) EC_MVE_NEXT("q1", w)
#define EC_MVE_STEP_1(type)         EC_MVE_PAIR_OF("r5") EC_MVE_NEXT("q2", "r3") EC_MVE_MLA(type, "q2", "r0", "r2")
#define EC_MVE_STEP_2(type)         EC_MVE_STEP_1(type) EC_MVE_NEXT("q3", "r3") EC_MVE_MLA(type, "q3", "r4", "r6")
#define EC_MVE_STEP_3(type)         EC_MVE_STEP_2(type) EC_MVE_NEXT("q2", "r3") EC_MVE_MLA(type, "q2", "r8", "r10")

/* All steps of a panel, r9 of them with inputs from r12; all panels, r11 of them. */
#define EC_MVE_PANEL(rows, type)                                                                                       \
  EC_MVE_STARTS_##rows "mov r3, r12\n\tdls lr, r9\n1:\n\t" EC_MVE_STEP_##rows(type) "le lr, "                          \
                                                                                    "1b\n\t" EC_MVE_STORES_##rows
#define EC_MVE_PANELS(rows, type) "mov r12, r3\n2:\n\t" EC_MVE_PANEL(rows, type) "subs r11, r11, #1\n\tbne 2b"

/* A single pixel takes two panels at a time, r5 and r10. */
#define EC_MVE_STEP_OF_TWO(type) EC_MVE_STEP_1(type) EC_MVE_PAIR_OF("r10") EC_MVE_MLA(type, "q2", "r4", "r6")
#define EC_MVE_TWO_PANELS(type)                                                                                        \
  EC_MVE_STARTS_1 "add r10, r5, r9, lsl #5\n\tldrd r4, r6, [r10], #8\n\tmov r3, r12\n\tdls lr, r9\n"                   \
                  "1:\n\t" EC_MVE_STEP_OF_TWO(type) "le lr, 1b\n\t" EC_MVE_STORES_1                                    \
                                                    "strd r4, r6, [r1], #8\n\tmov r5, r10\n\t"
#define EC_MVE_PANELS_BY_TWO(type)                                                                                     \
  "mov r12, r3\n\tlsrs r8, r11, #1\n\tbeq 3f\n2:\n\t" EC_MVE_TWO_PANELS(                                               \
      type) "subs r8, r8, #1\n\tbne 2b\n"                                                                              \
            "3:\n\ttst r11, #1\n\tbeq 4f\n\t" EC_MVE_PANEL(1, type) "4:"

/* Inputs of three pixels and 1 or 2 steps stay in registers. */
#define EC_MVE_HELD(type, x, y, z)                                                                                     \
  EC_MVE_PAIR_OF("r5") EC_MVE_MLA(type, x, "r0", "r2") EC_MVE_MLA(type, y, "r4", "r6") EC_MVE_MLA(type, z, "r8", "r10")
#define EC_MVE_HOLD(x, y, z) EC_MVE_NEXT(x, "r3") EC_MVE_NEXT(y, "r3") EC_MVE_NEXT(z, "r3")
#define EC_MVE_PANELS_OF_1(type)                                                                                       \
  EC_MVE_HOLD("q2", "q3", "q4")                                                                                        \
  "dls lr, r11\n1:\n\t" EC_MVE_STARTS_3 EC_MVE_HELD(type, "q2", "q3", "q4") EC_MVE_STORES_3 "le lr, 1b"
#define EC_MVE_PANELS_OF_2(type)                                                                                       \
  EC_MVE_HOLD("q2", "q3", "q4")                                                                                        \
  EC_MVE_HOLD("q5", "q6", "q7")                                                                                        \
  "dls lr, r11\n1:\n\t" EC_MVE_STARTS_3 EC_MVE_HELD(type, "q2", "q3", "q4") EC_MVE_HELD(type, "q5", "q6", "q7")        \
      EC_MVE_STORES_3 "le lr, 1b"

#define EC_MVE_JOB(text, ...)                                                                                          \
  {                                                                                                                    \
    register const ec_mve_job *at __asm__("r0") = job;                                                                 \
    __asm__ volatile("ldm r0, {r1, r3, r5, r9, r11}\n\t" text                                                          \
                     : "+r"(at)                                                                                        \
                     :                                                                                                 \
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", EC_MVE_Q01, EC_MVE_Q23,    \
                       __VA_ARGS__);                                                                                   \
  }
#define EC_MVE_JOB_1(type) EC_MVE_JOB(EC_MVE_PANELS_BY_TWO(type), EC_MVE_LOOP)
#define EC_MVE_JOB_2(type) EC_MVE_JOB(EC_MVE_PANELS(2, type), EC_MVE_LOOP)
#define EC_MVE_JOB_3(type)                                                                                             \
  if (job->steps == 1) {                                                                                               \
    EC_MVE_JOB(EC_MVE_PANELS_OF_1(type), EC_MVE_Q45, EC_MVE_LOOP)                                                      \
  } else if (job->steps == 2) {                                                                                        \
    EC_MVE_JOB(EC_MVE_PANELS_OF_2(type), EC_MVE_Q45, EC_MVE_Q67, EC_MVE_LOOP)                                          \
  } else {                                                                                                             \
    EC_MVE_JOB(EC_MVE_PANELS(3, type), EC_MVE_LOOP)                                                                    \
  }

#define EC_MVE_TILE(rows, kernel, input, type, stride)                                                                 \
  static EC_NOINLINE void kernel##_tile##rows(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,        \
                                              ptrdiff_t vectors, unsigned char *to, const ec_mve_job *job) {           \
    for (int32_t i = 0; i < rows && tap_count > 0; i++, taps++) {                                                      \
      unsigned char *y = to + 16 * i;                                                                                  \
      EC_MVE_COPY(input, stride)                                                                                       \
    }                                                                                                                  \
    EC_MVE_JOB_##rows(type)                                                                                            \
  }

#define EC_MVE_FAR(kernel, input, type)                                                                                \
  static EC_NOINLINE void kernel##_far(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,               \
                                       ptrdiff_t vectors, const ec_mve_job *job) {                                     \
    const unsigned char *w = job->w;                                                                                   \
    int32_t *acc = job->acc;                                                                                           \
    for (ptrdiff_t i = 0; i < job->panels; i++, acc += 2) {                                                            \
      register const unsigned char *x __asm__("r4");                                                                   \
      const void *const *tap = taps;                                                                                   \
      ptrdiff_t count = tap_count;                                                                                     \
      EC_MVE_SUM(s0, "r6", ((const int32_t *)(const void *)w)[0]);                                                     \
      EC_MVE_SUM(s1, "r8", ((const int32_t *)(const void *)w)[1]);                                                     \
      w += 8;                                                                                                          \
      __asm__ volatile("vmov.i8 q1, #0x80\n"                                                                           \
                       "2:\n\tldr %[x], [%[tap]]\n\tadd %[tap], %[step]\n\tdls lr, %[n]\n"                             \
                       "1:\n\t" input "vldrb.8 q2, [%[w]], #16\n\tvmladava." type " %[s0], q2, q0\n\t"                 \
                       "vldrb.8 q3, [%[w]], #16\n\tvmladava." type " %[s1], q3, q0\n\tle lr, 1b\n\t"                   \
                       "subs %[count], %[count], #1\n\tbne 2b"                                                         \
                       : [x] "=&r"(x), [w] "+r"(w), [tap] "+r"(tap), [count] "+r"(count), [s0] "+r"(s0), [s1] "+r"(s1) \
                       : [n] "r"(vectors), [step] "r"(4 * tap_step)                                                    \
                       : EC_MVE_Q01, EC_MVE_Q23, EC_MVE_LOOP);                                                         \
      acc[0] = s0, acc[1] = s1;                                                                                        \
    }                                                                                                                  \
  }

/* One block; weights take w_bytes each. */
EC_INLINE void ec_conv_mve(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                           const ec_epilogue *e, ec_epi_i32 epi, int32_t w_bytes, ec_mve_tile tile, ec_mve_far far) {
  const ptrdiff_t tap_count = ec_window_taps(d), tap_step = d->tap_step, vectors = d->ic * w_bytes / 16,
                  steps = tap_count * vectors;
  const ptrdiff_t most = ec_mve_inputs / 16 / steps, panel_bytes = 8 + 32 * steps;
  const int32_t oc = d->oc, mr = most < 1 ? 1 : most < 3 ? (int32_t)most : 3;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  EC_ALIGNED(16) unsigned char x[ec_mve_inputs];
  int32_t acc[3 * ec_mve_channels], rows;
  ec_mve_job job = {acc, x, NULL, steps, 0};
  for (ptrdiff_t i = 0; i < npx; i += rows, taps += rows) {
    const unsigned char *panel = (const unsigned char *)w;
    rows = ec_tile_rows(npx - i, mr);
    for (int32_t c = 0; c < oc; c += ec_mve_channels, panel += ec_mve_channels / 2 * panel_bytes) {
      const int32_t n = oc - c < ec_mve_channels ? oc - c : ec_mve_channels;
      job.w = panel;
      job.panels = (n + 1) / 2;
      if (most > 0) {
        tile(rows, taps, c == 0 ? tap_count : 0, tap_step, vectors, x, &job);
      } else {
        far(taps, tap_count, tap_step, vectors, &job);
      }
      ec_mve_finish(acc, ec_mve_channels, i, rows, oc0 + c, n, &local, epi);
    }
  }
}

/* Defines `kernel` for weights of w_bytes, the type s8 or s16; `input` loads a vector of inputs. */
#define EC_MVE_CONV(kernel, w_bytes, type, input)                                                                      \
  EC_MVE_TILE(1, kernel, input, type, "16")                                                                            \
  EC_MVE_TILE(2, kernel, input, type, "32")                                                                            \
  EC_MVE_TILE(3, kernel, input, type, "48")                                                                            \
  EC_MVE_FAR(kernel, input, type)                                                                                      \
  EC_INLINE void kernel##_tile(int32_t rows, const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,         \
                               ptrdiff_t vectors, unsigned char *x, const ec_mve_job *job) {                           \
    if (rows == 3) {                                                                                                   \
      kernel##_tile3(taps, tap_count, tap_step, vectors, x, job);                                                      \
    } else if (rows == 2) {                                                                                            \
      kernel##_tile2(taps, tap_count, tap_step, vectors, x, job);                                                      \
    } else {                                                                                                           \
      kernel##_tile1(taps, tap_count, tap_step, vectors, x, job);                                                      \
    }                                                                                                                  \
  }                                                                                                                    \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    (void)pad;                                                                                                         \
    ec_conv_mve(d, taps, npx, w, oc0, e, epi, w_bytes, kernel##_tile, kernel##_far);                                   \
  }

/* Weights of 4 bits, packed as ec_conv_i32_nibbles.h says: a single pixel x 4 channels, whose inputs are read where
 * they lie. A step of 64 products is a load of x, 2 of weights, 2 VAND, 4 VMLADAVA and LE. */
#define EC_MVE_HALVES(low, high)                                                                                       \
  "vldrb.8 q2, [%[w]], #16\n\tvand q3, q2, q4\n\t"                                                                     \
  "vmladava.s8 %[" high "], q2, q0\n\tvmladava.s8 %[" low "], q3, q0\n\t"
#define EC_MVE_NIBBLES_SUMS(kernel, input)                                                                             \
  static EC_NOINLINE void kernel##_sums(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step,              \
                                        ptrdiff_t vectors, const ec_mve_job *job, uint32_t more) {                     \
    const unsigned char *w = job->w;                                                                                   \
    int32_t *acc = job->acc;                                                                                           \
    for (ptrdiff_t i = 0; i < job->panels; i++, acc += 4) {                                                            \
      const int32_t *start = (const int32_t *)(const void *)w;                                                         \
      register const unsigned char *x __asm__("r4");                                                                   \
      const void *const *tap = taps;                                                                                   \
      ptrdiff_t count = tap_count;                                                                                     \
      EC_MVE_SUM(s0, "r0", 0);                                                                                         \
      EC_MVE_SUM(s1, "r2", 0);                                                                                         \
      EC_MVE_SUM(s2, "r6", 0);                                                                                         \
      EC_MVE_SUM(s3, "r8", 0);                                                                                         \
      w += 16;                                                                                                         \
      __asm__ volatile("vmov.i8 q1, #0x80\n\tvmov.i8 q4, #15\n"                                                        \
                       "2:\n\tldr %[x], [%[tap]]\n\tadd %[tap], %[step]\n\tdls lr, %[n]\n"                             \
                       "1:\n\t" input EC_MVE_HALVES("s0", "s2")                                                        \
                           EC_MVE_HALVES("s1", "s3") "le lr, 1b\n\t"                                                   \
                                                     "subs %[count], %[count], #1\n\tbne 2b"                           \
                       : [x] "=&r"(x), [w] "+r"(w), [tap] "+r"(tap), [count] "+r"(count), [s0] "+r"(s0),               \
                         [s1] "+r"(s1), [s2] "+r"(s2), [s3] "+r"(s3)                                                   \
                       : [n] "r"(vectors), [step] "r"(4 * tap_step)                                                    \
                       : EC_MVE_Q01, EC_MVE_Q23, "s16", "s17", "s18", "s19", EC_MVE_LOOP);                             \
      acc[0] = (int32_t)((uint32_t)start[0] + (uint32_t)s0 - more);                                                    \
      acc[1] = (int32_t)((uint32_t)start[1] + (uint32_t)s1 - more);                                                    \
      acc[2] = (int32_t)((uint32_t)start[2] + (uint32_t)((s2 - s0) >> 4));                                             \
      acc[3] = (int32_t)((uint32_t)start[3] + (uint32_t)((s3 - s1) >> 4));                                             \
    }                                                                                                                  \
  }

typedef void (*ec_mve_sums_fn)(const void *const *taps, ptrdiff_t tap_count, ptrdiff_t tap_step, ptrdiff_t vectors,
                               const ec_mve_job *job, uint32_t more);

/* One block. */
EC_INLINE void ec_conv_mve_nibbles(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w,
                                   int32_t oc0, const ec_epilogue *e, ec_epi_i32 epi, ec_nibbles_inputs inputs,
                                   ec_mve_sums_fn sums) {
  const ptrdiff_t tap_count = ec_window_taps(d), panel_bytes = 16 + 2 * tap_count * d->ic;
  const ec_epilogue local = *e; /* in registers: stores do not alias it */
  int32_t acc[ec_mve_channels];
  ec_mve_job job = {acc, NULL, NULL, 0, 0};
  for (ptrdiff_t i = 0; i < npx; i++, taps++) {
    const uint32_t more = 8 * (uint32_t)inputs(taps, tap_count, d->tap_step, d->ic);
    job.w = (const unsigned char *)w;
    for (int32_t c = 0; c < d->oc; c += ec_mve_channels, job.w += job.panels * panel_bytes) {
      const int32_t n = d->oc - c < ec_mve_channels ? d->oc - c : ec_mve_channels;
      job.panels = (n + 3) / 4;
      sums(taps, tap_count, d->tap_step, d->ic / 16, &job, more);
      ec_mve_finish(acc, ec_mve_channels, i, 1, oc0 + c, n, &local, epi);
    }
  }
}

#define EC_MVE_NIBBLES(kernel, input, x)                                                                               \
  EC_MVE_NIBBLES_SUMS(kernel, input)                                                                                   \
  EC_INLINE void kernel(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,        \
                        const void *pad, const ec_epilogue *e, ec_epi_i32 epi) {                                       \
    (void)pad;                                                                                                         \
    ec_conv_mve_nibbles(d, taps, npx, w, oc0, e, epi, ec_nibbles_inputs_##x, kernel##_sums);                           \
  }

#endif
