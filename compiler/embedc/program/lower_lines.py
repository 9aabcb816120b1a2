"""Operators along the lines of one axis, as routines of the runtime."""

from collections.abc import Sequence
from dataclasses import replace

from embedc.ops.lines import Arg, Cumulate, TopK
from embedc.program.lowering import Lowering
from embedc.program.program import Routine, View

HEADER = "ec_lines.h"


def lower_arg(lowering: Lowering, op: Arg) -> None:
    """One position for each line."""
    _lower(lowering, op, f"ec_arg{op.kind}", False, (op.x.type.dims[op.axis], int(op.last)))


def lower_cumulate(lowering: Lowering, op: Cumulate) -> None:
    """Lines of the same length, from their last element on if reversed."""
    _lower(lowering, op, f"ec_cum{op.kind}", op.reverse, (op.x.type.dims[op.axis], int(op.exclusive)))


def lower_topk(lowering: Lowering, op: TopK) -> None:
    """Values and positions, which hold the heap while it is searched."""
    _lower(lowering, op, f"ec_top{op.kind}", False, (op.x.type.dims[op.axis], op.count))


def _lower(
    lowering: Lowering, op: Arg | Cumulate | TopK, function: str, reverse: bool, parameters: tuple[int, ...]
) -> None:
    results = [lowering.allocate(value, lowering.natural_order((op.x,), value)) for value in op.results]
    x = _line(lowering.view(op.x), op.axis, reverse)
    lines = [_line(view, op.axis, reverse) for view in results]
    if isinstance(op, Arg):
        lines = [replace(view, shape=view.shape[:-1], strides=view.strides[:-1]) for view in lines]
    step = Routine(lowering.layer(op), function, HEADER, x.shape[:-1], (x,), tuple(lines), parameters)
    lowering.steps.append(step)


def _line(view: View, axis: int, reverse: bool) -> View:
    """`view` with `axis` behind all others, backwards if `reverse`."""

    def moved(items: Sequence[int]) -> tuple[int, ...]:
        return (*items[:axis], *items[axis + 1 :], items[axis])

    shape, strides, offset = moved(view.shape), moved(view.strides), view.offset
    if reverse:
        offset += strides[-1] * (shape[-1] - 1)
        strides = (*strides[:-1], -strides[-1])
    return replace(view, shape=shape, strides=strides, offset=offset)
