"""Greedy placement: items one after the other, each at its lowest feasible offset.

The lowest offset suffices, given the right order: push the items of an optimal plan down as far as they go; placing
them from the bottom up, each as low as possible, then repeats that plan (exact.py has the proof).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from embedc.plan.conflicts import UNPLACED, Conflicts


@dataclass(frozen=True)
class Placement:
    """Items placed in `order`; `offsets` by index and `size` in bytes."""

    order: list[int]
    offsets: list[int]
    size: int

    @cached_property
    def rank(self) -> list[int]:
        """Place in the order, by index."""
        rank = [0] * len(self.order)
        for place, item in enumerate(self.order):
            rank[item] = place
        return rank


def place(order: list[int], conflicts: Conflicts) -> Placement:
    """Each item at its lowest offset beside those before it."""
    offsets = [UNPLACED] * len(order)
    for item in order:
        offsets[item] = conflicts.lowest(item, offsets)
    return Placement(order, offsets, extent(offsets, conflicts))


def extent(offsets: Sequence[int], conflicts: Conflicts) -> int:
    """Bytes up to the end of the topmost item."""
    return max(map(int.__add__, offsets, conflicts.sizes), default=0)
