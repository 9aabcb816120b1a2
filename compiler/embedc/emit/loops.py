"""Loops of generated C: axes ordered and merged, heads, ends, addresses, and rows that indices pick."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import prod

from embedc.emit.scalars import suffix
from embedc.program.program import Nest, View
from embedc.program.views import merge_axes


@dataclass(frozen=True)
class Loop:
    """One loop: extent, byte stride of the result, byte strides of the operands, then of the indices of a lookup."""

    extent: int
    result: int
    operands: tuple[int, ...]


@dataclass(frozen=True)
class Loops:
    """A nest with its axes in the order of execution."""

    parallel: tuple[Loop, ...]
    reduce: tuple[Loop, ...]


def order_loops(nest: Nest) -> Loops:
    """Parallel axes by falling stride of the result, reduced ones by that of the first operand; neighbours merged.

    The updates of a scatter come in turn, outside of everything else.
    """
    strides = [v.strides for v in (nest.result, *nest_arguments(nest)[:-1])]
    parallel = [a for a in range(len(nest.extents)) if a not in nest.reduce_axes]
    if nest.scatter:
        updates = [a for a in parallel if not nest.result.strides[a]]
        moving = [a for a in parallel if nest.result.strides[a]]
        in_turn = arrange(nest.extents, strides, updates, None)
        return Loops((*in_turn, *arrange(nest.extents, strides, moving, 0)), ())
    reduce = arrange(nest.extents, strides, list(nest.reduce_axes), 1 if nest.operands else 0)
    return Loops(arrange(nest.extents, strides, parallel, 0), reduce)


def nest_arguments(nest: Nest) -> list[View]:
    """What a nest's function takes the addresses of: operands, indices, the result."""
    lookup = nest.lookup or nest.scatter
    return [*nest.operands, *([lookup.indices] if lookup else []), nest.result]


def arrange(
    extents: Sequence[int], strides: Sequence[Sequence[int]], axes: list[int], key: int | None
) -> tuple[Loop, ...]:
    """Loops over some axes by falling stride of operand `key`, neighbours merged; strides of the result come first."""
    if key is not None:
        axes.sort(key=lambda a: (-abs(strides[key][a]), -abs(strides[-1][a]), a))
    sizes = tuple(extents[a] for a in axes)
    table = tuple(tuple(s[a] for a in axes) for s in strides)
    return tuple(
        Loop(prod(sizes[a] for a in group), table[0][group[-1]], tuple(s[group[-1]] for s in table[1:]))
        for group in merge_axes(sizes, table)
    )


@dataclass(frozen=True)
class Row:
    """Where indices have moved an operand or the result: known within the first `depth` loops, by these statements.

    `bases` are the moved addresses of the first operand and of the result; others are not moved.
    """

    depth: int = 0
    statements: tuple[str, ...] = ()
    bases: dict[str, str] = field(default_factory=dict[str, str])


def find_row(nest: Nest, loops: Loops) -> Row:
    """The row that a nest's index picks; a scatter goes on to the next one where there is none."""
    lookup = nest.lookup or nest.scatter
    if lookup is None:
        return Row()
    number = len(nest.operands)
    moves = terms(loops.parallel, "i", number) + terms(loops.reduce, "j", number)
    depth = max((k for k, (_, stride) in enumerate(moves, 1) if stride), default=0)
    index = f"ec_load_{suffix(lookup.indices.element)}({at('indices', moves)})"
    if nest.lookup:
        row = f"const unsigned char *row = x0 + ec_index({index}, {lookup.extent}) * {lookup.stride};"
        return Row(depth, (row,), {"x0": "row"})
    statements = [
        f"const ptrdiff_t at = ec_position({index}, {lookup.extent});",
        "if (at < 0) {",
        "  continue;" if depth else "  return;",
        "}",
        f"unsigned char *row = y + at * {lookup.stride};",
    ]
    bases = {"y": "row"}
    if len(nest.operands) > 1:
        statements.append(f"const unsigned char *old = x0 + at * {lookup.stride};")
        bases["x0"] = "old"
    return Row(depth, tuple(statements), bases)


def open_loops(loops: tuple[Loop, ...], letter: str, depth: int, row: Row | None = None) -> list[str]:
    """Heads of loops; loop variables are <letter>0, <letter>1, …; the row's statements stand in the first loop that can."""
    lines = _indented(row.statements, depth) if row and row.depth == 0 else []
    for i, loop in enumerate(loops):
        lines.append(
            f"{'  ' * (depth + i)}for (ptrdiff_t {letter}{i} = 0; {letter}{i} < {loop.extent}; {letter}{i}++) {{"
        )
        if row and row.depth == i + 1:
            lines += _indented(row.statements, depth + i + 1)
    return lines


def _indented(statements: Sequence[str], depth: int) -> list[str]:
    return ["  " * depth + statement for statement in statements]


def close_loops(count: int, depth: int) -> list[str]:
    """Ends of loops that `open_loops` began."""
    return ["  " * (depth + i) + "}" for i in reversed(range(count))]


def at(base: str, terms: list[tuple[str, int]]) -> str:
    """Base + variable * stride + …"""
    return base + "".join(f" + {v} * {s}" for v, s in terms if s)


def terms(loops: tuple[Loop, ...], letter: str, operand: int | None) -> list[tuple[str, int]]:
    """Loop variables with the strides of an operand, or of the result for None."""
    return [
        (f"{letter}{i}", loop.result if operand is None else loop.operands[operand]) for i, loop in enumerate(loops)
    ]
