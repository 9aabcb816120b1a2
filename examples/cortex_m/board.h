/* SPDX-License-Identifier: 0BSD
 * What the program asks of the board: startup.c and uart.c. */
#ifndef BOARD_H
#define BOARD_H

#include <stdint.h>

/* Ends the program where a debugger or emulator listens; elsewhere it stops. */
void board_exit(int code);

/* Ticks of the core's clock since the last call, up to 16,777,215. */
uint32_t board_ticks(void);

/* Bytes of stack that were ever used. */
uint32_t board_stack_used(void);

void uart_start(void);
void uart_print(const char *text);
void uart_print_number(uint32_t number);

#endif
