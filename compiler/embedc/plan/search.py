"""Local search over orders: whatever holds up the topmost item is placed earlier."""

from random import Random

from embedc.plan.budget import Budget
from embedc.plan.conflicts import UNPLACED, Conflicts
from embedc.plan.placement import Placement, extent, place

DESCEND = 0.8
"""Chance to go on from an item to one that supports it; best of 0, 0.5, 0.7, 0.8 and 0.9 on random problems."""

OVERHEAD = 20
"""Work of one move besides what depends on the number of items."""


class Search:
    """Local search in one problem; its random sequence runs on from call to call."""

    def __init__(self, conflicts: Conflicts, budget: Budget) -> None:
        self._conflicts = conflicts
        self._budget = budget
        self._beside = [frozenset(other for other, _, _ in row) for row in conflicts.forbidden]
        self._random = Random(0)

    def improve(self, here: Placement, target: int, work: int) -> Placement:
        """Moves that do not make the arena larger, until it has `target` bytes or the work is done."""
        stop = self._budget.left - work
        while self._budget.left > stop and here.size > target:
            item = self._support(here)
            place = here.rank[item]
            earlier = [here.rank[other] for other, _, _ in self._conflicts.forbidden[item] if here.rank[other] < place]
            self._budget.left -= OVERHEAD + len(here.order) // 2 + len(self._beside[item])
            if earlier:
                here = self._move(here, item, self._pick(earlier)) or here
        return here

    def shake(self, here: Placement) -> Placement:
        """Another placement near this one, perhaps larger: two items moved to the front of the order."""
        first = dict.fromkeys((self._pick(here.order), self._pick(here.order)))
        return place([*first, *(item for item in here.order if item not in first)], self._conflicts)

    def _pick(self, choices: list[int]) -> int:
        """Of Random, only random() is the same in every version of Python."""
        return choices[int(self._random.random() * len(choices))]

    def _support(self, here: Placement) -> int:
        """A topmost item, or one that supports it through others: it forbids the next lower offset."""
        offsets, rank = here.offsets, here.rank
        sizes, aligns = self._conflicts.sizes, self._conflicts.aligns
        item = self._pick([i for i, size in enumerate(sizes) if offsets[i] + size == here.size])
        while self._random.random() < DESCEND:
            below = offsets[item] - aligns[item]
            supports = [
                other
                for other, low, high in self._conflicts.forbidden[item]
                if rank[other] < rank[item] and low < below - offsets[other] < high
            ]
            if not supports:
                break
            item = self._pick(supports)
        return item

    def _move(self, here: Placement, item: int, place: int) -> Placement | None:
        """The item moved to an earlier place; None where that makes the arena larger."""
        start = here.rank[item]
        order = [*here.order[:place], item, *here.order[place:start], *here.order[start + 1 :]]
        offsets = self._replay(order, place, here)
        return Placement(order, offsets, extent(offsets, self._conflicts)) if offsets else None

    def _replay(self, order: list[int], start: int, here: Placement) -> list[int] | None:
        """The offsets with order[start:] placed anew; None as soon as an item ends above the present size.

        Only items beside one that moved are looked at, the others keep their offset.
        """
        sizes = self._conflicts.sizes
        offsets = here.offsets.copy()
        for item in order[start:]:
            offsets[item] = UNPLACED
        stale = {order[start], *self._beside[order[start]]}
        for item in order[start:]:
            offset = here.offsets[item]
            if item in stale:
                offset = self._conflicts.lowest(item, offsets)
                self._budget.left -= 1 + len(self._beside[item])
                if offset + sizes[item] > here.size:
                    return None
                if offset != here.offsets[item]:
                    stale |= self._beside[item]
            offsets[item] = offset
        return offsets
