/* SPDX-License-Identifier: 0BSD
 * Times one kernel of the registry; benchmarks/kernels.py compiles and runs it.
 *
 * EC_KERNEL is the kernel, EC_KERNEL_HEADER its header, EC_DEPTHWISE 1 where one group has oc = ic channels (depthwise,
 * pooling). Each argument is a layer, "size ic oc kernel stride block"; the answer is one line of seconds for each. */
#define _POSIX_C_SOURCE 200112L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include EC_KERNEL_HEADER

#define SAMPLES        15
#define SAMPLE_SECONDS 2e-3

/* The usual epilogue: bias and ReLU. */
EC_INLINE void bias_relu(ec_vf32 acc, const ec_epilogue *e, ptrdiff_t px, int32_t oc, int32_t n) {
  const ec_vf32 bias = ec_vload_f32(e->ch[0] + (ptrdiff_t)sizeof(float) * oc, n);
  const ec_vf32 y = ec_vclampmin_f32(ec_vadd_f32(acc, bias, n), ec_vsplat_f32(0.0F, n), n);
  ec_vstore_f32(e->px[0] + px * e->px_step[0] + (ptrdiff_t)sizeof(float) * oc, y, n);
}

static void block(const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0,
                  const void *pad, const ec_epilogue *e) {
  EC_KERNEL(d, taps, npx, w, oc0, pad, e, bias_relu);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* `count` floats of small values on a cache line. */
static float *floats(size_t count) {
  float *p = NULL;
  if (posix_memalign((void **)&p, 64, (count + 16) * sizeof *p) != 0)
    exit(1);
  for (size_t i = 0; i < count; i++)
    p[i] = (float)(i % 13) * 0.125F - 0.75F;
  return p;
}

static double seconds(const char *layer) {
  int size, ic, oc, kernel, stride, tile;
  if (sscanf(layer, "%d %d %d %d %d %d", &size, &ic, &oc, &kernel, &stride, &tile) != 6)
    exit(2);
  const int out = (size + stride - 1) / stride, padding = ((out - 1) * stride + kernel - size) / 2;
  const ptrdiff_t f = (ptrdiff_t)sizeof(float);
  const ec_window d = {.images = 1,
                       .groups = 1,
                       .ic = ic,
                       .oc = oc,
                       .in = {1, size, size},
                       .out = {1, out, out},
                       .kernel = {1, kernel, kernel},
                       .stride = {1, stride, stride},
                       .dilation = {1, 1, 1},
                       .pad = {0, padding, padding},
                       .block = tile,
                       .spans_rows = 1,
                       .x_step = {0, f * size * ic, f * ic},
                       .px_count = 1,
                       .px_step = {{0, f * out * oc, f * oc}}};
  float *x = floats((size_t)(size * size * ic));
  float *w = floats((size_t)(kernel * kernel) * (size_t)(EC_DEPTHWISE ? oc : ic * (oc + 127) / 128 * 128));
  float *y = floats((size_t)(out * out * oc)), *bias = floats((size_t)oc), *pad = floats((size_t)ic);
  const void **taps = (const void **)malloc((size_t)(tile * kernel * kernel) * sizeof *taps);
  void *px[1] = {y};
  const void *ch[1] = {bias};
  double sample[SAMPLES], once;
  long calls = 1;
  for (once = 0; once < SAMPLE_SECONDS / 4; calls *= 2) {
    const double start = now();
    for (long i = 0; i < calls; i++)
      ec_window_run(&d, x, w, pad, taps, px, ch, 1, 0, out, block);
    once = now() - start;
  }
  for (int s = 0; s < SAMPLES; s++) {
    const double start = now();
    for (long i = 0; i < calls; i++)
      ec_window_run(&d, x, w, pad, taps, px, ch, 1, 0, out, block);
    sample[s] = (now() - start) / (double)calls;
  }
  qsort(sample, SAMPLES, sizeof *sample, ascending);
  free(x), free(w), free(y), free(bias), free(pad), free(taps);
  return sample[SAMPLES / 2];
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++)
    printf("%.9g\n", seconds(argv[i]));
  return 0;
}
