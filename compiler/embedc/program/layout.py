"""Layout: how a tensor lies in memory. The only place where elements become bytes."""

import math
from dataclasses import dataclass

from embedc.ir.types import Element


@dataclass(frozen=True)
class Layout:
    """Axes from slowest to fastest; sub-byte elements are packed along the fastest axis into words of `word_bits`.

    With `planes` > 0 the fastest axis is stored as that many bit planes, one after the other for each position of the
    other axes ([y][x][plane][C/8]).
    """

    order: tuple[int, ...]
    planes: int = 0
    word_bits: int = 8

    def row_bytes(self, shape: tuple[int, ...], element: Element) -> int:
        """Bytes of one line along the fastest axis, with all its planes."""
        if not self.order:
            return element.bytes
        bits = shape[self.order[-1]] * (1 if self.planes else element.bits if element.is_packed else 8 * element.bytes)
        if element.is_packed or self.planes:
            bits = -(-bits // self.word_bits) * self.word_bits
        return bits // 8 * max(self.planes, 1)

    def bytes(self, shape: tuple[int, ...], element: Element) -> int:
        """Bytes of the whole tensor."""
        return math.prod(shape[a] for a in self.order[:-1]) * self.row_bytes(shape, element)

    def strides(self, shape: tuple[int, ...], element: Element) -> tuple[int, ...]:
        """Bytes between neighbours on each axis (logical order); ValueError on the packed axis of sub-byte elements."""
        if element.is_packed or self.planes:
            raise ValueError(f"{element} in planes or packed has no byte stride on its fastest axis")
        strides = [0] * len(shape)
        step = element.bytes
        for axis in reversed(self.order):
            strides[axis] = step
            step *= shape[axis]
        return tuple(strides)


_SPATIAL = {3: "w", 4: "hw", 5: "dhw"}  # by rank


def named_layout(name: str, rank: int) -> Layout | None:
    """The layout that users call `name`: nhwc and its kind, channels-last, or axes from slowest to fastest as in 0231."""
    spatial = _SPATIAL.get(rank, "")
    if name in ("row-major", "channels-first") or (spatial and name == f"nc{spatial}"):
        return row_major(rank)
    if rank >= 3 and name in ("channels-last", f"n{spatial}c"):
        return channels_last(rank)
    if sorted(name) == [str(axis) for axis in range(rank)]:
        return Layout(tuple(map(int, name)))
    return None


def layout_name(layout: Layout) -> str:
    """What users call a layout of whole elements."""
    rank = len(layout.order)
    if layout == row_major(rank):
        return "row-major"
    if layout == channels_last(rank):
        return f"n{_SPATIAL[rank]}c" if rank in _SPATIAL else "channels-last"
    return "".join(map(str, layout.order))


def row_major(rank: int) -> Layout:
    """Logical order, last axis fastest."""
    return Layout(tuple(range(rank)))


def channels_last(rank: int) -> Layout:
    """[N, *spatial, C]: axis 1 fastest."""
    return row_major(rank) if rank < 3 else Layout((0, *range(2, rank), 1))
