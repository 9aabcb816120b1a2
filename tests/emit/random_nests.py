"""Random loop nests over random strided views, their C program and their meaning in numpy."""

from dataclasses import dataclass
from math import prod

import numpy as np
from embedc.emit.layout import lay_out
from embedc.emit.nests import print_nest
from embedc.ir.scalar import ScalarBuilder, ScalarProgram, identity
from embedc.ir.types import F32, F64, I8, I32, I64, U8, Array, Element
from embedc.ops.elementwise import Reduction
from embedc.program.program import Buffer, Layer, Nest, Storage, View
from embedc.targets.target import Target
from numpy.lib.stride_tricks import as_strided

BINARY = ("add", "sub", "mul", "min", "max")
MAIN = """
#include <stdio.h>

static unsigned char memory[%(bytes)d];

int main(int argc, char **argv) {
  FILE *in = fopen(argv[argc - 2], "rb"), *out = fopen(argv[argc - 1], "wb");
  if (in == NULL || out == NULL || fread(memory, 1, sizeof memory, in) != sizeof memory)
    return 1;
%(calls)s
  return fwrite(memory, 1, sizeof memory, out) != sizeof memory || fclose(out) != 0;
}
"""


@dataclass(frozen=True)
class Case:
    """A nest whose operands and result lie at the given places of one memory."""

    nest: Nest
    places: dict[Buffer, int]


class Drawer:
    """Draws nests; every buffer gets room of its own in one memory."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.memory: list[Array] = []
        self.bytes = 0

    def integer(self, low: int, high: int) -> int:
        return int(self.random.integers(low, high, endpoint=True))

    def often(self, percent: int) -> bool:
        return self.integer(0, 99) < percent

    def numbers(self, count: int, element: Element) -> Array:
        """Small integers, so that sums and products of a few are exact."""
        return self.random.integers(0 if element == U8 else -3, 3, count, endpoint=True).astype(element.dtype)

    def buffer(self, count: int, element: Element, places: dict[Buffer, int]) -> Buffer:
        data = self.numbers(count, element)
        buffer = Buffer("b", Storage.ARENA, data.nbytes)
        places[buffer] = self.bytes
        padded = np.zeros(-(-data.nbytes // 64) * 64, np.uint8)
        padded[: data.nbytes] = data.view(np.uint8)
        self.memory.append(padded)
        self.bytes += padded.size
        return buffer

    def view(self, extents: tuple[int, ...], element: Element, places: dict[Buffer, int], still: frozenset[int]) -> View:
        """Axes in any order, with gaps, backwards or (those in `still`) not moving at all."""
        strides = [0] * len(extents)
        step, offset = element.bits // 8, 0
        order = [int(a) for a in self.random.permutation(len(extents))]
        if self.often(50):
            order.sort()
        for axis in reversed(order):
            if axis not in still:
                strides[axis] = step * (2 if self.often(15) else 1)
                step = strides[axis] * extents[axis]
                if self.often(15):
                    offset += strides[axis] * (extents[axis] - 1)
                    strides[axis] = -strides[axis]
        buffer = self.buffer(max(1, step * 8 // element.bits), element, places)
        return View(buffer, element, extents, tuple(strides), offset)

    def body(self, element: Element, count: int) -> ScalarProgram:
        builder = ScalarBuilder(*[element] * count)
        value = 0
        for other in range(1, count):
            value = builder.call(BINARY[self.integer(0, 4)], value, other)
        for _ in range(self.integer(0, 2)):
            constant = builder.const(self.integer(0, 3) - (0 if element == U8 else 1), element)
            op = BINARY[self.integer(0, 4)]
            value = builder.call(op, value, constant) if self.often(60) else builder.call(op, constant, value)
        if self.often(20):
            value = builder.call("select", builder.call("lt", value, 0), value, count - 1)
        return builder.build(value)

    def nest(self, element: Element) -> Case:
        rank = self.integer(0, 4)
        extents = tuple(self.integer(1, 2) if self.often(25) else self.integer(3, 19) for _ in range(rank))
        while prod(extents) > 6000:
            extents = extents[1:]
        axes = range(len(extents))
        count = self.integer(1, 3)
        places: dict[Buffer, int] = {}
        reduced = tuple(a for a in axes if self.often(40)) if self.often(50) else ()
        reduction = list(Reduction)[self.integer(0, len(Reduction) - 1)] if reduced else None
        operands = tuple(
            self.view(extents, element, places, frozenset(a for a in axes if self.often(25))) for _ in range(count)
        )
        result = self.view(extents, element, places, frozenset(reduced))
        body = identity(element) if count == 1 and self.often(60) else self.body(element, count)
        return Case(Nest(Layer("n", "n"), extents, operands, result, body, reduced, reduction), places)

    def all(self) -> Array:
        """The memory as it is before any nest has run."""
        return np.concatenate(self.memory)


def cases(drawer: Drawer, count: int) -> list[Case]:
    """Mostly f32; products are reduced over few elements only, so that all stay exact."""
    others = (F64, I8, I32, I64, U8)
    found: list[Case] = []
    while len(found) < count:
        case = drawer.nest(F32 if drawer.often(65) else others[drawer.integer(0, 4)])
        nest = case.nest
        if nest.reduction is not Reduction.MUL or prod(nest.extents[a] for a in nest.reduce_axes) <= 9:
            found.append(case)
    return found


def program_text(found: list[Case], size: int, target: Target) -> str:
    """A program that reads the memory, runs every nest, and writes it."""
    heads = ["ec_scalar.h", f"ec_v__{target.isa}.h", "ec_transpose_f32.h"]
    parts = [f'#include "{head}"' for head in heads]
    calls: list[str] = []
    for number, case in enumerate(found):
        parts.append("\n" + lay_out(print_nest(case.nest, f"nest{number}", target)))
        views = (*case.nest.operands, case.nest.result)
        addresses = ", ".join(f"memory + {case.places[v.buffer] + v.offset}" for v in views)
        calls.append(f"  nest{number}({addresses});")
    return "\n".join(parts) + MAIN % {"bytes": size, "calls": "\n".join(calls)}


def window(memory: Array, view: View, place: int) -> Array:
    """The view as a writable array over the memory."""
    begin = place + view.offset
    first = memory[begin : begin + view.element.bits // 8].view(view.element.dtype)
    return as_strided(first, view.shape, view.strides)


def expect(memory: Array, case: Case) -> None:
    """Runs a nest in numpy."""
    nest = case.nest
    arrays = [window(memory, v, case.places[v.buffer]) for v in nest.operands]
    value = np.broadcast_to(nest.body.evaluate(arrays, wide=False), nest.extents)
    if nest.reduction:
        functions = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
        kind = functions[nest.reduction.value]
        value = kind.reduce(value, axis=nest.reduce_axes, keepdims=True, dtype=nest.result.element.dtype)
    result = window(memory, nest.result, case.places[nest.result.buffer])
    kept = tuple(slice(0, 1) if a in nest.reduce_axes else slice(None) for a in range(len(nest.extents)))
    result[kept] = value
