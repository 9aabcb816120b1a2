/* SPDX-License-Identifier: 0BSD
 * Text through the UART of Arm's CMSDK, which both boards have. */
#include "board.h"

#define UART_DATA      (*(volatile uint32_t *)(UART_BASE + 0x00u))
#define UART_STATE     (*(volatile uint32_t *)(UART_BASE + 0x04u))
#define UART_CONTROL   (*(volatile uint32_t *)(UART_BASE + 0x08u))
#define UART_DIVIDER   (*(volatile uint32_t *)(UART_BASE + 0x10u))
#define UART_SEND      1u /* in UART_CONTROL */
#define UART_SEND_FULL 1u /* in UART_STATE */

void uart_start(void) {
  UART_DIVIDER = 25000000u / 115200u;
  UART_CONTROL = UART_SEND;
}

static void send(char c) {
  while (UART_STATE & UART_SEND_FULL) {
  }
  UART_DATA = (unsigned char)c;
}

void uart_print(const char *text) {
  for (; *text; text++) {
    send(*text);
  }
}

void uart_print_number(uint32_t number) {
  char digits[11];
  char *at = digits + sizeof digits - 1;
  *at = 0;
  do {
    *--at = (char)('0' + (int)(number % 10u));
    number /= 10u;
  } while (number);
  uart_print(at);
}
