/* SPDX-License-Identifier: 0BSD */
#include "image.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define NO_NUMBER (-1)

/* A number of the header, behind white space and comments, and the character after it. */
static int number(FILE *file) {
  int value = 0, digits = 0, c = getc(file);
  while (isspace(c) || c == '#') {
    if (c == '#') {
      while (c != '\n' && c != EOF) {
        c = getc(file);
      }
    }
    c = getc(file);
  }
  for (; isdigit(c) && value < 100000; c = getc(file), digits++) {
    value = value * 10 + (c - '0');
  }
  return digits && isspace(c) ? value : NO_NUMBER;
}

static const char *read_open(FILE *file, unsigned char *image) {
  int width, height, x, y;
  if (getc(file) != 'P' || getc(file) != '6') {
    return "is not a PPM file (P6)";
  }
  width = number(file);
  height = number(file);
  if (width == NO_NUMBER || height == NO_NUMBER || number(file) != 255) {
    return "has no header of a PPM file with 8 bits";
  }
  if (width > DETECTOR_SIDE || height > DETECTOR_SIDE) {
    return "is too large: the detector takes up to 320 x 320 pixels";
  }
  for (y = 0; y < height; y++) {
    for (x = 0; x < width; x++) {
      unsigned char rgb[3], *pixel = image + (y * DETECTOR_SIDE + x) * 3;
      if (fread(rgb, 1, 3, file) != 3) {
        return "ends too early";
      }
      pixel[0] = rgb[2];
      pixel[1] = rgb[1];
      pixel[2] = rgb[0];
    }
  }
  return NULL;
}

const char *image_read(const char *path, unsigned char *image) {
  FILE *file = fopen(path, "rb");
  const char *wrong;
  if (!file) {
    return "cannot be opened";
  }
  memset(image, 0, DETECTOR_BYTES);
  wrong = read_open(file, image);
  fclose(file);
  return wrong;
}
