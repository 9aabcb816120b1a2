/* SPDX-License-Identifier: 0BSD
 * A plugin of QEMU's user mode (interface version 1) that counts how often each translated block of a program runs, and
 * tells at its end: address of the block, its instructions, runs. */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*translated)(plugin_id, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int operation, void *counter, uint64_t add);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*ends)(plugin_id, void *), void *data);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

enum { INLINE_ADD_U64 = 0 };

typedef struct block {
  uint64_t address, instructions, runs;
  struct block *next;
} block;

static block *blocks;

static void translated(plugin_id id, struct qemu_plugin_tb *tb) {
  block *const b = (block *)calloc(1, sizeof *b);
  (void)id;
  if (!b) {
    abort();
  }
  b->address = qemu_plugin_tb_vaddr(tb);
  b->instructions = qemu_plugin_tb_n_insns(tb);
  b->next = blocks;
  blocks = b;
  qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &b->runs, 1);
}

static void ends(plugin_id id, void *data) {
  (void)id, (void)data;
  for (const block *b = blocks; b; b = b->next) {
    fprintf(stderr, "block %" PRIx64 " %" PRIu64 " %" PRIu64 "\n", b->address, b->instructions, b->runs);
  }
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
  (void)info, (void)argc, (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ends, NULL);
  return 0;
}
