/* SPDX-License-Identifier: 0BSD */
#include "faces.h"

#include <math.h>

static float clamped(float x) { return x < 0.0f ? 0.0f : x > 1.0f ? 1.0f : x; }

static float larger(float a, float b) { return a > b ? a : b; }

static float smaller(float a, float b) { return a < b ? a : b; }

/* The face that a cell speaks of: places are relative to the cell, sizes logarithms of strides. */
static face decoded(const face_grid *g, int cell, float score) {
  const float stride = (float)g->stride, column = (float)(cell % g->columns), row = (float)(cell / g->columns);
  const float *box = g->boxes + cell * 4, *marks = g->marks + cell * FACE_MARKS * 2;
  face f;
  int k;
  f.score = score;
  f.width = expf(box[2]) * stride;
  f.height = expf(box[3]) * stride;
  f.x = (column + box[0]) * stride - f.width / 2.0f;
  f.y = (row + box[1]) * stride - f.height / 2.0f;
  for (k = 0; k < FACE_MARKS; k++) {
    f.marks[k][0] = (column + marks[2 * k]) * stride;
    f.marks[k][1] = (row + marks[2 * k + 1]) * stride;
  }
  return f;
}

/* Intersection over union. */
static float overlap(const face *a, const face *b) {
  const float width = smaller(a->x + a->width, b->x + b->width) - larger(a->x, b->x);
  const float height = smaller(a->y + a->height, b->y + b->height) - larger(a->y, b->y);
  const float both = larger(width, 0.0f) * larger(height, 0.0f);
  return both / (a->width * a->height + b->width * b->height - both);
}

static int is_new(const face *candidate, const face *found, int n, float max_overlap) {
  int k;
  for (k = 0; k < n; k++) {
    if (!(overlap(candidate, &found[k]) <= max_overlap)) { /* nor where it is no number */
      return 0;
    }
  }
  return 1;
}

/* The best face that none of the `n` found ones covers; 0 if there is none. */
static int best(const face_grid *grids, int n_grids, float min_score, float max_overlap, face *found, int n) {
  int k, cell, any = 0;
  for (k = 0; k < n_grids; k++) {
    const face_grid *g = &grids[k];
    for (cell = 0; cell < g->rows * g->columns; cell++) {
      const float score = sqrtf(clamped(g->cls[cell]) * clamped(g->obj[cell]));
      if (score >= min_score && (!any || score > found[n].score)) {
        const face candidate = decoded(g, cell, score);
        if (is_new(&candidate, found, n, max_overlap)) {
          found[n] = candidate;
          any = 1;
        }
      }
    }
  }
  return any;
}

int faces_find(const face_grid *grids, int n, float min_score, float max_overlap, face *found) {
  int count = 0;
  while (count < FACES_MAX && best(grids, n, min_score, max_overlap, found, count)) {
    count++;
  }
  return count;
}
