"""Random loop nests over random strided views, their C program and their meaning in numpy."""

from dataclasses import dataclass, replace
from math import prod

import numpy as np
from numpy.lib.stride_tricks import as_strided

from embedc.emit.forward import forward
from embedc.emit.headers import wide_headers
from embedc.emit.layout import lay_out
from embedc.emit.loops import nest_arguments
from embedc.emit.nests import print_nest
from embedc.ir.scalar import ScalarBuilder, ScalarProgram, binary, identity
from embedc.ir.types import F32, F64, I8, I32, I64, U8, Array, Element
from embedc.ops.elementwise import Reduction
from embedc.program.program import Buffer, Layer, Lookup, Nest, Storage, View
from embedc.targets.target import Target

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

    def buffer(self, data: Array, places: dict[Buffer, int]) -> Buffer:
        buffer = Buffer("b", Storage.ARENA, data.nbytes)
        places[buffer] = self.bytes
        padded = np.zeros(-(-data.nbytes // 64) * 64, np.uint8)
        padded[: data.nbytes] = data.view(np.uint8)
        self.memory.append(padded)
        self.bytes += padded.size
        return buffer

    def view(
        self,
        extents: tuple[int, ...],
        element: Element,
        places: dict[Buffer, int],
        still: frozenset[int],
        order: list[int] | None = None,
        copies: int = 1,
    ) -> View:
        """Axes in any order, with gaps, backwards or (those in `still`) not moving at all; a buffer for so many copies of it."""
        strides = [0] * len(extents)
        step, offset = element.bits // 8, 0
        if order is None:
            order = (
                list(range(len(extents))) if self.often(50) else [int(a) for a in self.random.permutation(len(extents))]
            )
        for axis in reversed(order):
            if axis not in still:
                strides[axis] = step * (2 if self.often(15) else 1)
                step = strides[axis] * extents[axis]
                if self.often(15):
                    offset += strides[axis] * (extents[axis] - 1)
                    strides[axis] = -strides[axis]
        buffer = self.buffer(self.numbers(max(1, step * 8 // element.bits) * copies, element), places)
        return View(buffer, element, extents, tuple(strides), offset)

    def body(self, element: Element, count: int) -> ScalarProgram:
        if element in (U8, I8) and self.often(70):
            return self.quantized_body(element, count)
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

    def quantized_body(self, element: Element, count: int) -> ScalarProgram:
        """Bytes that are widened, put together, rescaled or taken through floats, and clamped to bytes again."""
        builder = ScalarBuilder(*[element] * count)
        value = builder.cast(0, I32)
        for other in range(1, count):
            value = builder.call(BINARY[self.integer(0, 4)], value, builder.cast(other, I32))
        if self.often(50):
            value = builder.call("rescale", value, builder.const((1.0, 0.5, 0.3125, 7.25)[self.integer(0, 3)], F32))
        else:
            real = builder.call("mul", builder.cast(value, F32), builder.const(0.75, F32))
            whole = builder.call("min", builder.call("round", real), builder.const(99.0, F32))
            value = builder.cast(builder.call("max", whole, builder.const(-99.0, F32)), I32)
        low, high = (3, 250) if element == U8 else (-120, 100)
        clamped = builder.call("max", builder.call("min", value, builder.const(high, I32)), builder.const(low, I32))
        return builder.build(builder.cast(clamped, element))

    def transposed(self) -> Case:
        """A copy from one order of axes to another."""
        extents = tuple(self.integer(2, 23) for _ in range(self.integer(2, 3)))
        places: dict[Buffer, int] = {}
        last = len(extents) - 1
        element = (F32, U8, I8, I32)[self.integer(0, 3)]
        source = self.view(extents, element, places, frozenset(), list(range(last + 1)))
        result = self.view(extents, element, places, frozenset(), [last, *range(last)])
        return Case(Nest(Layer("n", "n"), extents, (source,), result, identity(element)), places)

    def lookup(self, case: Case) -> Case:
        """The nest with its first operand gathered from a few copies of its view."""
        nest, places = case.nest, dict(case.places)
        extent = self.integer(1, 5)
        still = frozenset(a for a in range(len(nest.extents)) if self.often(40))
        table = self.view(nest.extents, nest.operands[0].element, places, still, copies=extent)
        wide = self.often(50)
        indices = self.view(nest.extents, I64 if wide else I32, places, still)
        self.fill_indices(places[indices.buffer], indices, extent)
        lookup = Lookup(indices, table.buffer.bytes // extent, extent)
        return Case(replace(nest, operands=(table, *nest.operands[1:]), lookup=lookup), places)

    def scatter(self) -> Case:
        """Updates along some axes, which put the result, or combine it, somewhere among a few copies of it."""
        element = (F32, F32, I8, I64)[self.integer(0, 3)]
        extents = tuple(self.integer(1, 9) for _ in range(self.integer(1, 4)))
        extent, places = self.integer(1, 5), dict[Buffer, int]()
        axes = range(len(extents))
        updating = frozenset(a for a in axes if self.often(50))
        result = self.view(extents, element, places, updating, copies=extent)
        updates = self.view(extents, element, places, frozenset(a for a in axes if self.often(15)))
        indices = self.view(extents, I64 if self.often(50) else I32, places, frozenset(axes) - updating)
        self.fill_indices(places[indices.buffer], indices, extent)
        lookup = Lookup(indices, result.buffer.bytes // extent, extent)
        operands, body = (updates,), identity(element)
        if self.often(60):
            operands, body = (result, updates), binary(("add", "min", "max")[self.integer(0, 2)], element)
        return Case(Nest(Layer("n", "n"), extents, operands, result, body, scatter=lookup), places)

    def fill_indices(self, place: int, indices: View, extent: int) -> None:
        """Most of them in range, from the end too, some beyond."""
        count = indices.buffer.bytes // (indices.element.bits // 8)
        self.fill(place, self.random.integers(-extent - 2, extent + 2, count), indices.element)

    def fill(self, place: int, values: Array, element: Element) -> None:
        """Puts other values into a buffer."""
        bytes_ = values.astype(element.dtype).view(np.uint8)
        for block in self.memory:
            if place < block.size:
                block[place : place + bytes_.size] = bytes_
                return
            place -= block.size

    def nest(self, element: Element) -> Case:
        rank = self.integer(0, 4)
        extents = tuple(self.integer(1, 2) if self.often(25) else self.integer(3, 19) for _ in range(rank))
        while prod(extents) > 6000:
            extents = extents[1:]
        axes = range(len(extents))
        count = self.integer(1, 3)
        places: dict[Buffer, int] = {}
        last = len(extents) - 1
        reduced = tuple(a for a in axes if self.often(60 if a == last else 30)) if self.often(60) else ()
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
        if drawer.often(10):
            found.append(drawer.transposed())
            continue
        if drawer.often(10):
            found.append(drawer.scatter())
            continue
        case = drawer.nest(F32 if drawer.often(65) else others[drawer.integer(0, 4)])
        case = drawer.lookup(case) if drawer.often(10) else case
        nest = case.nest
        if nest.reduction is not Reduction.MUL or prod(nest.extents[a] for a in nest.reduce_axes) <= 9:
            found.append(case)
    return found


def program_text(found: list[Case], size: int, target: Target) -> str:
    """A program that reads the memory, runs every nest, and writes it; nests are printed as the compiler prints them."""
    heads = [*wide_headers(target), "ec_scalar.h", f"ec_v__{target.isa}.h", "ec_transpose_f32.h", "ec_transpose_u8.h"]
    parts = [f'#include "{head}"' for head in heads]
    calls: list[str] = []
    for number, case in enumerate(found):
        nest = forward(case.nest)
        parts.append("\n" + lay_out(print_nest(nest, f"nest{number}", target)))
        addresses = ", ".join(f"memory + {case.places[v.buffer] + v.offset}" for v in nest_arguments(nest))
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
    if nest.scatter:
        expect_scatter(memory, case, nest.scatter)
        return
    arrays = [window(memory, v, case.places[v.buffer]) for v in nest.operands]
    if nest.lookup:
        indices, table = nest.lookup.indices, nest.operands[0]
        tables = [
            window(memory, replace(table, offset=table.offset + k * nest.lookup.stride), case.places[table.buffer])
            for k in range(nest.lookup.extent)
        ]
        picked = window(memory, indices, case.places[indices.buffer]).astype(np.int64)
        picked = np.clip(np.where(picked < 0, picked + nest.lookup.extent, picked), 0, nest.lookup.extent - 1)
        arrays[0] = np.choose(picked, tables)
    value = np.broadcast_to(nest.body.evaluate(arrays, wide=False), nest.extents)
    if nest.reduction:
        functions = {"add": np.add, "mul": np.multiply, "max": np.maximum, "min": np.minimum}
        kind = functions[nest.reduction.value]
        value = kind.reduce(value, axis=nest.reduce_axes, keepdims=True, dtype=nest.result.element.dtype)
    result = window(memory, nest.result, case.places[nest.result.buffer])
    kept = tuple(slice(0, 1) if a in nest.reduce_axes else slice(None) for a in range(len(nest.extents)))
    result[kept] = value


def expect_scatter(memory: Array, case: Case, scatter: Lookup) -> None:
    """Runs a scatter, one update after the other."""
    nest = case.nest
    indices = window(memory, scatter.indices, case.places[scatter.indices.buffer])
    updates = window(memory, nest.operands[-1], case.places[nest.operands[-1].buffer])
    for at in np.ndindex(nest.extents):
        position = int(indices[at]) + (scatter.extent if indices[at] < 0 else 0)
        if 0 <= position < scatter.extent:
            moved = replace(nest.result, offset=nest.result.offset + position * scatter.stride)
            target = window(memory, moved, case.places[moved.buffer])
            operands = [target[at], updates[at]] if len(nest.operands) > 1 else [updates[at]]
            target[at] = nest.body.evaluate(operands, wide=False)
