"""All constants of a bundle as one blob: small ones as C words, large ones by .incbin."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from embedc.program.program import Buffer, Program, Storage

ALIGN = 64
INCBIN_BYTES = 1 << 20  # above this a C array costs the C compiler seconds
WORD = b"0x................,"
PART_BYTES = 5 * 8 << 16
DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)


@dataclass(frozen=True)
class Blob:
    """Offsets of the constant buffers in one block of memory."""

    offsets: dict[Buffer, int]
    size: int

    def bytes(self) -> bytes:
        """The block, little-endian, a whole number of 64-bit words."""
        block = bytearray(-(-self.size // 8) * 8)
        for buffer, offset in self.offsets.items():
            assert buffer.data is not None
            data = buffer.data.astype(buffer.data.dtype.newbyteorder("<"), copy=False)
            block[offset : offset + buffer.bytes] = np.ascontiguousarray(data).reshape(-1).view(np.uint8).data
        return bytes(block)


def layout_constants(program: Program) -> Blob:
    """Places every constant in order of first use; operands of calls are aligned for vectors."""
    offsets: dict[Buffer, int] = {}
    position = 0
    for buffer in _constants(program):
        if buffer not in offsets:
            position = -(-position // min(ALIGN, _alignment(buffer))) * min(ALIGN, _alignment(buffer))
            offsets[buffer] = position
            position += buffer.bytes
    return Blob(offsets, position)


def _constants(program: Program) -> Iterator[Buffer]:
    """What steps read, then what states begin with."""
    for step in program.steps:
        yield from (b for b in step.reads if b.storage is Storage.CONST)
    yield from (state.initial for state in program.states if state.initial)


def _alignment(buffer: Buffer) -> int:
    """Weights of kernels begin a cache line; short vectors need not."""
    return buffer.align if buffer.bytes >= ALIGN else 16


def print_words(name: str, blob: bytes) -> str:
    """A C file with the bytes of `blob` as an array of 64-bit words."""
    head = f"""/* SPDX-License-Identifier: 0BSD */
#include "ec_base.h"

extern const uint64_t {name}[{len(blob) // 8}];

EC_ALIGNED({ALIGN})
const uint64_t {name}[{len(blob) // 8}] = {{
"""
    parts = (_word_lines(blob[i : i + PART_BYTES]) for i in range(0, len(blob), PART_BYTES))
    return "".join((head, *parts, "};\n"))


def _word_lines(blob: bytes) -> str:
    """Words in lines of five, by way of a table of characters: there may be millions of them."""
    words = np.frombuffer(blob, np.uint8).reshape(-1, 8)[:, ::-1]
    table = np.full((len(words), len(WORD) + 1), 32, np.uint8)
    table[:, : len(WORD)] = np.frombuffer(WORD, np.uint8)
    for nibble, shift in ((0, 4), (1, 0)):
        table[:, 2 + nibble : 18 : 2] = DIGITS[words >> shift & 15]
    table[4::5, -1] = table[-1, -1] = 10
    text = table.tobytes().decode("ascii")
    width = 5 * table.shape[1]
    return "".join(f"    {text[i : i + width]}" for i in range(0, len(text), width))


def print_incbin(name: str, file: str) -> str:
    """Assembly that includes the file, for ELF, Mach-O and COFF assemblers of gcc and clang."""
    return f"""/* SPDX-License-Identifier: 0BSD */
#if defined(__APPLE__)
#define SYMBOL _{name}
  .const
#else
#define SYMBOL {name}
#if defined(__ELF__)
  .section .rodata.{name}, "a"
#else
  .section .rdata
#endif
#endif
  .balign {ALIGN}
  .globl SYMBOL
SYMBOL:
  .incbin "{file}"
#if defined(__linux__) && defined(__ELF__)
  .section .note.GNU-stack, "", %progbits
#endif
"""
