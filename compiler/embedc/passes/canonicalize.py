"""canonicalize: operators that do nothing vanish, and what can be said in two ways is said in one.

A window over a whole axis is a reduction (the average divided by the count, exactly as the window divides); a gather of evenly spaced
constant indices is an index; a crop is an index; neighbouring pads, concats and reductions of one kind are one.
"""

import math
from dataclasses import replace

import numpy as np

from embedc.ir.graph import Value
from embedc.ops.base import Op
from embedc.ops.elementwise import Reduce, Reduction, constant_of
from embedc.ops.layout import Concat, Gather, Pad, slice_axes
from embedc.ops.window import Conv, Window, WindowKind
from embedc.passes.base import Pass
from embedc.passes.expression import as_value, call, literal, read
from embedc.passes.uses import Uses
from embedc.passes.views import normal


class Canonicalize(Pass, name="canonicalize"):
    """Brings pad, concat, gather, reduce, window and conv into one form each."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        match op:
            case Pad():
                return _pad(op, uses)
            case Concat():
                return _concat(op, uses)
            case Gather():
                return _gather(op)
            case Reduce():
                return _reduce(op, uses)
            case Window():
                return _window(op)
            case Conv():
                return _conv(op)
            case _:
                return None


def _pad(op: Pad, uses: Uses) -> Value | None:
    amounts = op.before + op.after
    if not any(amounts):
        return op.x
    if max(amounts) <= 0:
        begin = [-b for b in op.before]
        return slice_axes(op.x, begin, op.result.type.dims, [1] * op.x.type.rank, op.origin)
    inner = op.x.producer
    if (
        isinstance(inner, Pad)
        and min(amounts + inner.before + inner.after) >= 0
        and repr(float(inner.value)) == repr(float(op.value))
        and uses[op.x] == 1
    ):
        before = tuple(a + b for a, b in zip(op.before, inner.before, strict=True))
        after = tuple(a + b for a, b in zip(op.after, inner.after, strict=True))
        return Pad(inner.x, before, after, op.value, origin=op.origin).result
    return None


def _concat(op: Concat, uses: Uses) -> Value | None:
    parts: list[Value] = []
    for value in op.inputs:
        inner = value.producer
        if isinstance(inner, Concat) and inner.axis == op.axis and uses[value] == 1:
            parts.extend(inner.inputs)
        elif value.type.dims[op.axis] > 0:
            parts.append(value)
    if len(parts) == 1:
        return parts[0]
    return Concat(tuple(parts), op.axis, origin=op.origin).result if parts and tuple(parts) != op.inputs else None


def _gather(op: Gather) -> Value | None:
    indices = constant_of(op.indices)
    if indices is None or indices.size == 0 or indices.ndim > 1:
        return None
    line = op.positions(indices.reshape(-1))
    steps = np.diff(line)
    if line.size > 1 and (steps != steps[0]).any():
        return None
    rank, axis = op.x.type.rank, op.axis
    start = tuple(int(line[0]) if a == axis else 0 for a in range(rank))
    kept = [a for a in range(rank) if a != axis or indices.ndim == 1]
    step = tuple(int(steps[0]) if a == axis and line.size > 1 else 1 for a in kept)
    return normal(op.x, op.result.type.dims, kept, start, step, op.origin)


def _reduce(op: Reduce, uses: Uses) -> Value | None:
    dims = op.x.type.dims
    axes = tuple(a for a in sorted(op.axes) if dims[a] != 1)
    if not axes:
        return op.x
    inner = op.x.producer
    if isinstance(inner, Reduce) and inner.kind == op.kind and uses[op.x] == 1:
        return Reduce(inner.x, op.kind, tuple(sorted({*axes, *inner.axes})), origin=op.origin).result
    return Reduce(op.x, op.kind, axes, origin=op.origin).result if axes != op.axes else None


REDUCTIONS = {WindowKind.SUM: Reduction.ADD, WindowKind.AVERAGE: Reduction.ADD, WindowKind.MAX: Reduction.MAX}


def _window(op: Window) -> Value | None:
    dims = op.x.type.dims
    if any(map(any, op.pads)):
        return None
    if math.prod(op.kernel) == 1:
        return normal(op.x, op.result.type.dims, range(len(dims)), (0,) * len(dims), op.strides, op.origin)
    axes = tuple(a for a, k in enumerate(op.kernel) if k > 1)
    whole = all(op.kernel[a] == dims[a] and op.dilations[a] == 1 for a in axes)
    still = all(op.strides[a] == 1 for a in range(len(dims)) if a not in axes)
    average = op.kind is WindowKind.AVERAGE
    if not (whole and still) or (average and not op.x.type.element.is_float):
        return None
    origin = op.origin.without_tensor() if average else op.origin
    total = Reduce(op.x, REDUCTIONS[op.kind], axes, origin=origin).result
    if not average:
        return total
    count = literal(float(math.prod(op.kernel)), total.type.element)
    return as_value(call("div", read(total), count), total.type.shape, op.origin)


def _conv(op: Conv) -> Value | None:
    dilations = tuple(d if k > 1 else 1 for d, k in zip(op.dilations, op.w.type.dims[2:], strict=True))
    return None if dilations == op.dilations else replace(op, dilations=dilations).result
