"""The arena problem: where in one block of memory does each buffer lie? Plain integers, sizes and offsets in bytes."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Item:
    """A buffer of `size` bytes, live in the steps first..last inclusive; its offset is a multiple of `align`."""

    name: str
    size: int
    first: int
    last: int
    align: int = 1

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(f"{self.name}: size {self.size} is negative")
        if self.first > self.last:
            raise ValueError(f"{self.name}: first step {self.first} is after last step {self.last}")
        if self.align < 1 or self.align & (self.align - 1):
            raise ValueError(f"{self.name}: alignment {self.align} is not a power of two")


@dataclass(frozen=True)
class Overlap:
    """A step that reads `early` for the last time and writes `late` for the first time, from its low end up.

    They may share memory where offset(early) - offset(late) >= distance: writes then stay behind reads. 0 is in place.
    A step that can also run from the high end down permits offset(late) - offset(early) >= reverse as well.
    """

    early: str
    late: str
    distance: int
    reverse: int | None = None


@dataclass(frozen=True)
class Problem:
    """Items of an arena with a base aligned to `align`; those live in a common step are disjoint, save for overlaps."""

    items: tuple[Item, ...]
    overlaps: tuple[Overlap, ...] = ()
    align: int = 64

    def __post_init__(self) -> None:
        if len(self.by_name) != len(self.items):
            raise ValueError("two items have the same name")
        for item in self.items:
            if self.align % item.align:
                raise ValueError(f"{item.name}: alignment {item.align} does not divide the arena's {self.align}")
        self._check_overlaps()

    @cached_property
    def by_name(self) -> dict[str, Item]:
        return {item.name: item for item in self.items}

    def _check_overlaps(self) -> None:
        """A pair shares exactly one step and stands once; no item is read out and written anew in the same step.

        A step that can run either way has one overlap only: several would have to agree on the direction.
        """
        for overlap in self.overlaps:
            pair = f"overlap of {overlap.early} and {overlap.late}"
            if overlap.early not in self.by_name or overlap.late not in self.by_name:
                raise ValueError(f"{pair}: no such item")
            early, late = self.by_name[overlap.early], self.by_name[overlap.late]
            if early.last != late.first:
                raise ValueError(f"{pair}: the last step {early.last} is not the first step {late.first}")
        steps = Counter(self.by_name[overlap.late].first for overlap in self.overlaps)
        pairs = Counter((overlap.early, overlap.late) for overlap in self.overlaps)
        sources = {(overlap.early, self.by_name[overlap.early].last) for overlap in self.overlaps}
        for overlap in self.overlaps:
            step = self.by_name[overlap.late].first
            if pairs[overlap.early, overlap.late] > 1:
                raise ValueError(f"overlap of {overlap.early} and {overlap.late}: listed twice")
            if (overlap.late, step) in sources:
                raise ValueError(f"{overlap.late}: both early and late of an overlap in step {step}")
            if overlap.reverse is not None and steps[step] > 1:
                raise ValueError(f"overlap of {overlap.early} and {overlap.late}: reversible, not alone in step {step}")


@dataclass(frozen=True)
class Solution:
    """Offset of every item and size of the arena; the planner proved that no arena for these steps is below `lower`."""

    offsets: dict[str, int]
    size: int
    lower: int = 0


@dataclass(frozen=True)
class Bounds:
    """No arena is below `lower`; `step` alone needs most; `proved` where the plan has that size; `why` in words."""

    lower: int
    step: int
    proved: bool
    why: str
