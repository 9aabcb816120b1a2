"""Arithmetic on views: affine index, reshape without a copy, merging and comparing axes."""

from dataclasses import replace

from embedc.ir.types import Element
from embedc.ops.layout import Index
from embedc.program.layout import Layout
from embedc.program.program import Buffer, View


def dense_view(buffer: Buffer, element: Element, shape: tuple[int, ...], layout: Layout, offset: int = 0) -> View:
    """A view of a whole tensor that lies in `layout` at `offset`."""
    return View(buffer, element, shape, layout.strides(shape, element), offset)


def index_view(view: View, op: Index) -> View:
    """The view that an index operator takes of `view`."""
    offset = view.offset + sum(b * s for b, s in zip(op.start, view.strides, strict=True))
    strides = tuple(0 if o < 0 else s * view.strides[o] for o, s in zip(op.source, op.step, strict=True))
    return replace(view, shape=op.shape, strides=strides, offset=offset)


def reshape_view(view: View, shape: tuple[int, ...]) -> View | None:
    """`view` in row-major order under another shape, or None if its strides do not allow it without a copy."""
    old = [(n, s) for n, s in zip(view.shape, view.strides, strict=True) if n != 1]
    strides: list[int] = []
    position = 0
    remaining, step = 1, 0  # the part of the current run of old axes that new axes have not taken yet
    for n in shape:
        if n == 1:
            strides.append(0)
            continue
        if remaining == 1:
            remaining, step, position = _run(old, position, n)
        while remaining % n and position < len(old) and step == old[position][0] * old[position][1]:
            remaining *= old[position][0]
            step = old[position][1]
            position += 1
        if remaining % n:
            return None
        remaining //= n
        strides.append(step * remaining)
    return replace(view, shape=shape, strides=tuple(strides)) if remaining == 1 and position == len(old) else None


def _run(old: list[tuple[int, int]], position: int, n: int) -> tuple[int, int, int]:
    """The next old axes, merged while they are contiguous and shorter than n: (extent, stride, next position)."""
    extent, step = old[position]
    position += 1
    while extent < n and position < len(old) and step == old[position][0] * old[position][1]:
        extent *= old[position][0]
        step = old[position][1]
        position += 1
    return extent, step, position


def same_place(a: View, b: View) -> bool:
    """True if both views address the same bytes in the same logical order."""
    return a.buffer is b.buffer and same_steps(a, b)


def same_steps(a: View, b: View) -> bool:
    """True if both views lie alike in their buffers."""
    strides = zip(a.strides, b.strides, a.shape, strict=True)
    return (a.offset, a.shape, a.moves) == (b.offset, b.shape, b.moves) and all(s == t for s, t, n in strides if n > 1)


def axis_order(view: View) -> tuple[int, ...]:
    """Axes from slowest to fastest; axes of extent 1 keep their place before the next faster axis."""
    order = sorted((a for a in range(len(view.shape)) if view.shape[a] > 1), key=lambda a: (-abs(view.strides[a]), a))
    for axis in range(len(view.shape)):
        if view.shape[axis] == 1:
            order.insert(next((i for i, a in enumerate(order) if a > axis), len(order)), axis)
    return tuple(order)


def merge_axes(extents: tuple[int, ...], operands: tuple[tuple[int, ...], ...]) -> list[list[int]]:
    """Groups of neighbouring axes that are one axis for all operands (strides given per operand); extent-1 axes vanish."""
    groups: list[list[int]] = []
    for axis, n in enumerate(extents):
        if n == 1:
            continue
        if groups and all(s[groups[-1][-1]] == s[axis] * n for s in operands):
            groups[-1].append(axis)
        else:
            groups.append([axis])
    return groups
