/* SPDX-License-Identifier: 0BSD
 * tests PORTRAIT.ppm: the exit code is the number of the first check that fails. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "detector.h"
#include "image.h"
#include "yunet.h"

static int near(float a, float b, float tolerance) { return fabsf(a - b) <= tolerance; }

/* The face of the portrait, as ONNX Runtime's outputs have it. */
static int finds_the_portrait(const char *path) {
  static unsigned char image[DETECTOR_BYTES];
  face found[FACES_MAX];
  if (image_read(path, image) || detector_run(image, found) != 1) {
    return 0;
  }
  return near(found[0].x, 20.38f, 0.1f) && near(found[0].y, 17.46f, 0.1f) && near(found[0].width, 35.26f, 0.1f) &&
         near(found[0].height, 43.58f, 0.1f);
}

/* Of four cells one has too low a score and one too much in common with a better one. */
static int keeps_the_best_of_neighbours(void) {
  static const float cls[] = {0.81f, 1.0f, 0.25f, 0.64f}, obj[] = {1.0f, 0.9025f, 1.0f, 2.0f};
  static const float marks[4 * FACE_MARKS * 2] = {[10] = 0.5f, [11] = -1.0f};
  float boxes[4 * 4] = {[3 * 4] = 1.0f}; /* the last is a cell further right */
  const face_grid grid = {4, 2, 2, cls, obj, boxes, marks};
  face found[FACES_MAX];
  int k;
  for (k = 0; k < 4; k++) {
    boxes[k * 4 + 2] = boxes[k * 4 + 3] = logf(4.0f); /* 16 pixels wide and high */
  }
  if (faces_find(&grid, 1, 0.7f, 0.5f, found) != 2) {
    return 0;
  }
  if (!near(found[0].score, 0.95f, 1e-6f) || !near(found[1].score, 0.8f, 1e-6f)) {
    return 0;
  }
  if (!near(found[0].x, -4.0f, 1e-4f) || !near(found[0].y, -8.0f, 1e-4f) || !near(found[0].width, 16.0f, 1e-4f)) {
    return 0;
  }
  if (!near(found[0].marks[0][0], 6.0f, 1e-6f) || !near(found[0].marks[0][1], -4.0f, 1e-6f)) {
    return 0;
  }
  return faces_find(&grid, 1, 0.7f, 0.9f, found) == 3;
}

static int selftest(void) {
  static _Alignas(YUNET_SCRATCH_ALIGN) unsigned char memory[YUNET_SELFTEST_BYTES];
  int32_t layer = -1;
  return yunet_selftest(memory, &layer) == YUNET_OK;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    return 9;
  }
  if (!selftest()) {
    return 1;
  }
  if (!keeps_the_best_of_neighbours()) {
    return 2;
  }
  return finds_the_portrait(argv[1]) ? 0 : 3;
}
