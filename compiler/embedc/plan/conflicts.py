"""The arena problem by index, with every constraint in one form: differences of two offsets that are forbidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from embedc.plan.problem import Item, Overlap, Problem

UNPLACED = -1


class Forbidden(NamedTuple):
    """offset(item) - offset(other) must not lie strictly between `low` and `high` bytes."""

    other: int
    low: int
    high: int


@dataclass(frozen=True)
class Conflicts:
    """Sizes and alignments in bytes by index of the item, and what others forbid it."""

    sizes: tuple[int, ...]
    aligns: tuple[int, ...]
    forbidden: tuple[tuple[Forbidden, ...], ...]

    def lowest(self, item: int, offsets: Sequence[int]) -> int:
        """The least feasible offset, given those of other items; UNPLACED ones do not count."""
        blocked = [
            (at + low, at + high) for other, low, high in self.forbidden[item] if (at := offsets[other]) != UNPLACED
        ]
        blocked.sort()
        align = self.aligns[item]
        offset = 0
        for low, high in blocked:
            if low >= offset:
                break
            if high > offset:
                offset = -(-high // align) * align
        return offset


def find_conflicts(problem: Problem) -> Conflicts:
    """Items of no bytes conflict with none; neither does a pair whose Overlap permits every two offsets."""
    items = problem.items
    overlaps = {(overlap.early, overlap.late): overlap for overlap in problem.overlaps}
    forbidden: list[list[Forbidden]] = [[] for _ in items]
    live: list[int] = []
    for index in sorted((i for i, item in enumerate(items) if item.size), key=lambda i: items[i].first):
        live = [other for other in live if items[other].last >= items[index].first]
        for other in live:
            low, high = _forbidden(items[index], items[other], overlaps)
            if high - low > 1:
                forbidden[index].append(Forbidden(other, low, high))
                forbidden[other].append(Forbidden(index, -high, -low))
        live.append(index)
    sizes, aligns = tuple(item.size for item in items), tuple(item.align for item in items)
    return Conflicts(sizes, aligns, tuple(tuple(row) for row in forbidden))


def _forbidden(item: Item, other: Item, overlaps: dict[tuple[str, str], Overlap]) -> tuple[int, int]:
    """Bounds of offset(item) - offset(other) for two items that share a step."""
    low, high = -item.size, other.size
    if overlap := overlaps.get((item.name, other.name)):
        high = min(high, overlap.distance)
        low = low if overlap.reverse is None else max(low, -overlap.reverse)
    elif overlap := overlaps.get((other.name, item.name)):
        low = max(low, -overlap.distance)
        high = high if overlap.reverse is None else min(high, overlap.reverse)
    return low, high
