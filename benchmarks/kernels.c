/* SPDX-License-Identifier: 0BSD
 * Times one kernel of the registry; benchmarks/kernels.py compiles and runs it.
 *
 * EC_KERNEL is the kernel, EC_KERNEL_HEADER its header, EC_X_BYTES and EC_W_BYTES the sizes of its operands' elements,
 * EC_KR the input channels of its steps; integer kernels have EC_INTEGER, those in tiles EC_TILES. Each argument is a
 * layer, "size ic oc kernel stride block pixel_step tap_step scratch"; the answer is the peak of this core in float
 * multiply-adds per second, then the seconds of each layer, one per line. */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ec_gather.h"
#include EC_KERNEL_HEADER

#define SAMPLES        15
#define SAMPLE_SECONDS 2e-3
#define PANEL_MAX      128 /* packed weights are filled up to at most so many channels */

/* The usual epilogue of floats, bias and ReLU, and as little as an integer one may do. */
#ifdef EC_INTEGER
EC_INLINE void finish(ec_vi32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n) {
  ec_vstore_i32(e->px[0] + px * e->px_step[0] + (ptrdiff_t)sizeof(float) * oc, ec_vshr_i32(acc, 8, n), n);
}
#else
EC_INLINE void finish(ec_vf32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n) {
  const ec_vf32 bias = ec_vload_f32(e->ch[0] + (ptrdiff_t)sizeof(float) * oc, n);
  const ec_vf32 y = ec_vclampmin_f32(ec_vadd_f32(acc, bias, n), ec_vsplat_f32(0.0F, n), n);
  ec_vstore_f32(e->px[0] + px * e->px_step[0] + (ptrdiff_t)sizeof(float) * oc, y, n);
}
#endif

#ifndef EC_TILES
static void block(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                  const void *pad, const ec_epilogue *e) {
  const ec_window rows = ec_window_gathered(d);
  EC_KERNEL(d->gather > 0 ? &rows : d, taps, npx, w, oc0, pad, e, finish);
}
#endif

/* CPU time: what other processes take from the core does not count. */
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

typedef struct {
  ec_window window;
  float *x, *w, *y, *bias, *pad;
  void *scratch;
} layer;

static void run(const layer *l) {
  void *px[1];
  const void *ch[1];
  px[0] = l->y, ch[0] = l->bias;
#ifdef EC_TILES
  EC_KERNEL(&l->window, l->x, l->w, l->pad, l->scratch, px, ch, 1, 0, l->window.out[1], finish);
#else
  ec_window_run(&l->window, l->x, l->w, l->pad, (const void **)l->scratch, px, ch, 1, 0, l->window.out[1],
                l->window.gather > 0 ? ec_window_gather : ec_window_fill, block);
#endif
}

/* Independent chains of multiply-adds in registers; the layer is not used. */
#define CHAINS(X)   X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9)
#define CHAIN_COUNT 10
#define PEAK_STEPS  10000
static float peak_sink;

static void run_peak(const layer *l) {
  const ec_vf32 x = ec_vsplat_f32(0.5F, EC_V_LANES), y = ec_vsplat_f32(0.25F, EC_V_LANES);
  (void)l;
#define START(i) ec_vf32 a##i = ec_vsplat_f32((float)i, EC_V_LANES);
#define STEP(i)  a##i = ec_vfma_f32(a##i, x, y, EC_V_LANES);
#define SUM(i)   peak_sink += ec_vreduce_add_f32(a##i);
  CHAINS(START)
  for (int i = 0; i < PEAK_STEPS; i++) {
    CHAINS(STEP)
  }
  CHAINS(SUM)
}

/* Median time of one call. */
static double seconds(void (*function)(const layer *), const layer *l) {
  double sample[SAMPLES];
  long calls = 1;
  for (double once = 0; once < SAMPLE_SECONDS / 4; calls *= 2) {
    const double start = now();
    for (long i = 0; i < calls; i++) {
      function(l);
    }
    once = now() - start;
  }
  for (int s = 0; s < SAMPLES; s++) {
    const double start = now();
    for (long i = 0; i < calls; i++) {
      function(l);
    }
    sample[s] = (now() - start) / (double)calls;
  }
  qsort(sample, SAMPLES, sizeof *sample, ascending);
  return sample[SAMPLES / 2];
}

/* `count` small floats on a cache line. */
static float *floats(int count) {
  void *p = NULL;
  if (posix_memalign(&p, 64, (size_t)count * sizeof(float)) != 0) {
    exit(1);
  }
  for (int i = 0; i < count; i++) {
    ((float *)p)[i] = (float)(i % 13) * 0.125F - 0.75F;
  }
  return (float *)p;
}

static double time_layer(const char *text) {
  int size, ic, oc, kernel, stride, pixels, pixel_step, tap_step, scratch;
  if (sscanf(text, "%d %d %d %d %d %d %d %d %d", &size, &ic, &oc, &kernel, &stride, &pixels, &pixel_step, &tap_step,
             &scratch) != 9) {
    exit(2);
  }
  const int out = (size + stride - 1) / stride, padding = ((out - 1) * stride + kernel - size + 1) / 2;
  const ptrdiff_t f = (ptrdiff_t)sizeof(float);
  const int window = kernel * kernel * ic,
            row = (window + EC_KR - 1) / EC_KR * EC_KR; /* gathered where steps do not fit */
  layer l;
  memset(&l, 0, sizeof l);
  for (int k = 0; k < 3; k++) {
    l.window.in[k] = k == 0 ? 1 : size;
    l.window.out[k] = k == 0 ? 1 : out;
    l.window.kernel[k] = k == 0 ? 1 : kernel;
    l.window.stride[k] = k == 0 ? 1 : stride;
    l.window.pad[k] = k == 0 ? 0 : padding;
    l.window.dilation[k] = 1;
  }
  l.window.images = l.window.groups = l.window.spans_rows = l.window.px_count = 1;
  l.window.pixel_step = pixel_step, l.window.tap_step = tap_step;
  l.window.ic = ic, l.window.oc = oc, l.window.block = pixels;
  l.window.gather = ic % EC_KR == 0 ? 0 : row;
  l.window.x_step[1] = EC_X_BYTES * size * ic, l.window.x_step[2] = EC_X_BYTES * ic;
  l.window.px_step[0][1] = f * out * oc, l.window.px_step[0][2] = f * oc;
  l.x = floats(size * size * ic);
  l.w = floats((4 + row * EC_W_BYTES) * ((oc + PANEL_MAX - 1) / PANEL_MAX * PANEL_MAX) / 4);
  l.y = floats(out * out * oc), l.bias = floats(oc), l.pad = floats(ic);
  l.scratch = floats(scratch / 4);
  const double result = seconds(run, &l);
  free(l.x), free(l.w), free(l.y), free(l.bias), free(l.pad), free(l.scratch);
  return result;
}

int main(int argc, char **argv) {
  printf("%.9g\n", (double)EC_V_LANES * CHAIN_COUNT * PEAK_STEPS / seconds(run_peak, NULL));
  for (int i = 1; i < argc; i++) {
    printf("%.9g\n", time_layer(argv[i]));
  }
  return 0;
}
