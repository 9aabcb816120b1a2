/* SPDX-License-Identifier: 0BSD
 * From what YuNet computes to faces. */
#ifndef FACES_H
#define FACES_H

#define FACES_MAX  16
#define FACE_MARKS 5 /* right eye, left eye, nose, right and left corner of the mouth */

/* In pixels of the model's input. */
typedef struct {
  float score, x, y, width, height;
  float marks[FACE_MARKS][2];
} face;

/* The model's outputs for one size of cells: for each cell 1 number, 4 of the box and 2 for each mark. */
typedef struct {
  int stride, rows, columns; /* a cell has stride * stride pixels */
  const float *cls, *obj;    /* what makes the score */
  const float *boxes, *marks;
} face_grid;

/* Finds up to FACES_MAX faces, the best first, and returns how many: scores are at least `min_score`, and of boxes
 * whose intersection is more than `max_overlap` of their union the better one stays. */
int faces_find(const face_grid *grids, int n, float min_score, float max_overlap, face *found);

#endif
