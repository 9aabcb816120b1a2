/* SPDX-License-Identifier: 0BSD */
#include "detector.h"

#include "yunet.h"

#define MIN_SCORE     0.6f
#define MAX_OVERLAP   0.3f
#define CELLS(stride) ((DETECTOR_SIDE / (stride)) * (DETECTOR_SIDE / (stride)))

_Static_assert(YUNET_INPUT_LENGTH == DETECTOR_BYTES, "the model takes images of another size");
_Static_assert(YUNET_CLS_8_LENGTH == CELLS(8) && YUNET_CLS_16_LENGTH == CELLS(16) && YUNET_CLS_32_LENGTH == CELLS(32),
               "the model has other cells");

static _Alignas(YUNET_SCRATCH_ALIGN) unsigned char scratch[YUNET_SCRATCH_BYTES];
static float cls_8[CELLS(8)], obj_8[CELLS(8)], boxes_8[CELLS(8) * 4], marks_8[CELLS(8) * FACE_MARKS * 2];
static float cls_16[CELLS(16)], obj_16[CELLS(16)], boxes_16[CELLS(16) * 4], marks_16[CELLS(16) * FACE_MARKS * 2];
static float cls_32[CELLS(32)], obj_32[CELLS(32)], boxes_32[CELLS(32) * 4], marks_32[CELLS(32) * FACE_MARKS * 2];

int detector_run(const unsigned char *image, face *found) {
  static const face_grid grids[] = {
      {8, DETECTOR_SIDE / 8, DETECTOR_SIDE / 8, cls_8, obj_8, boxes_8, marks_8},
      {16, DETECTOR_SIDE / 16, DETECTOR_SIDE / 16, cls_16, obj_16, boxes_16, marks_16},
      {32, DETECTOR_SIDE / 32, DETECTOR_SIDE / 32, cls_32, obj_32, boxes_32, marks_32},
  };
  const yunet_io io = {
      .input = image,
      .cls_8 = cls_8,
      .obj_8 = obj_8,
      .bbox_8 = boxes_8,
      .kps_8 = marks_8,
      .cls_16 = cls_16,
      .obj_16 = obj_16,
      .bbox_16 = boxes_16,
      .kps_16 = marks_16,
      .cls_32 = cls_32,
      .obj_32 = obj_32,
      .bbox_32 = boxes_32,
      .kps_32 = marks_32,
  };
  if (yunet_run(&io, scratch, sizeof scratch) != YUNET_OK) {
    return -1;
  }
  return faces_find(grids, sizeof grids / sizeof *grids, MIN_SCORE, MAX_OVERLAP, found);
}
