"""Branch and bound over placements from the bottom up: exhaustive, for small problems.

Of the optimal plans take one in which no item can move down alone, and call j below i where offset(i) - offset(j) >=
high(i, j). This has no cycle: lifetimes are intervals, so a shortest one would be of three items live in one step;
there an item overlaps another from below only where it begins under the other's top, and the rules of Problem leave no
way back. Placing each item after all that are below it, at its lowest offset, repeats the plan; of those sequences take
the lexicographically least by (offset, index). The search meets it, for it cuts by these rules only:

- Next: an item follows one of greater (offset, index) only if that one is below it, which takes a Forbidden.high <= 0.
  So nothing ends up lower than the last offset less the `drop` = -high of all items yet to come.
- Hole: no room is left into which an unplaced item fits, as that could move down alone (Moffitt 2023, "MiniMalloc").
- Bound: the unplaced items of a StepBound need its remaining height above the lowest offset left to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from embedc.plan.bound import StepBound, round_up, step_bounds
from embedc.plan.budget import Budget
from embedc.plan.conflicts import UNPLACED, find_conflicts
from embedc.plan.problem import Problem

SETUP = 100
"""Work, per item, of setting up a search."""


@dataclass(frozen=True)
class Outcome:
    """The order that places the smallest plan found, None without any; `lower` is 0 where the search was cut off."""

    order: tuple[int, ...] | None
    lower: int


def solve(problem: Problem, size: int, target: int, budget: Budget, work: int) -> Outcome:
    """Looks for ever smaller plans below `size` bytes until one has `target`, none is left or the work is done."""
    tree = _Tree(problem, size, target, budget, work)
    budget.left -= SETUP * len(problem.items)
    tree.visit(tree.root)
    settled = budget.left > tree.stop and tree.size > target
    return Outcome(tree.order, tree.size if settled else 0)


class _Share(NamedTuple):
    """What an item adds to a step's height: `size` padded bytes, less `saved` while its partner there is unplaced."""

    step: int
    size: int
    partner: int
    saved: int


@dataclass(frozen=True)
class _Node:
    """A partial plan: items placed and to come, lowest offset left to each, height left of each step, size so far."""

    placed: tuple[int, ...]
    unplaced: tuple[int, ...]
    least: list[int]
    heights: list[int]
    drop: int
    size: int


class _Tree:
    """The search: offsets of the present node, and the smallest plan."""

    def __init__(self, problem: Problem, size: int, target: int, budget: Budget, work: int) -> None:
        self.order: tuple[int, ...] | None = None
        self.size = size
        self.stop = budget.left - work
        self._target = target
        self._budget = budget
        self._conflicts = find_conflicts(problem)
        steps = list(step_bounds(problem))
        self._paddings = [step.padding for step in steps]
        self._shares = _shares(problem, steps)
        self._members = [
            [item for item, shares in enumerate(self._shares) if any(share.step == number for share in shares)]
            for number in range(len(steps))
        ]
        self._drops = [max((-high for _, _, high in row if high < 0), default=0) for row in self._conflicts.forbidden]
        self._offsets = [UNPLACED if size else 0 for size in self._conflicts.sizes]
        unplaced = tuple(item for item, size in enumerate(self._conflicts.sizes) if size)
        heights = [step.height for step in steps]
        self.root = _Node((), unplaced, [0] * len(self._offsets), heights, sum(self._drops), 0)

    def visit(self, node: _Node) -> None:
        """Depth first, lowest offset first, large before small."""
        if not node.unplaced:
            self.order, self.size = node.placed, node.size
            return
        for item in sorted(self._next(node), key=lambda item: (node.least[item], -self._conflicts.sizes[item])):
            if self._budget.left <= self.stop or self.size <= self._target:
                return
            if child := self._place(node, item):
                self.visit(child)
            self._offsets[item] = UNPLACED

    def _next(self, node: _Node) -> list[int]:
        """The items that may follow under the rules of next and hole."""
        self._budget.left -= len(node.unplaced)
        least, sizes = node.least, self._conflicts.sizes
        hole = min(least[item] + sizes[item] for item in node.unplaced) + node.drop
        items = [item for item in node.unplaced if least[item] < hole]
        if not node.placed:
            return items
        last = node.placed[-1]
        key = (self._offsets[last], last)
        return [item for item in items if (least[item], item) > key or self._may_follow(item, last)]

    def _may_follow(self, item: int, last: int) -> bool:
        """An Overlap puts `last` below `item`, at an offset that may be as great or greater."""
        return any(other == last and high <= 0 for other, _, high in self._conflicts.forbidden[item])

    def _place(self, node: _Node, item: int) -> _Node | None:
        """The node with this item at its lowest offset, unless the bound shows that no smaller plan follows."""
        offset = node.least[item]
        size = max(node.size, offset + self._conflicts.sizes[item])
        if size >= self.size:
            return None
        self._offsets[item] = offset
        self._budget.left -= len(node.heights) + len(self._conflicts.forbidden[item])
        drop = node.drop - self._drops[item]
        heights = node.heights.copy()
        for step, share, partner, saved in self._shares[item]:
            heights[step] -= share - (saved if self._offsets[partner] == UNPLACED else 0)
        if max(map(int.__sub__, heights, self._paddings)) + offset - drop >= self.size:
            return None
        least = node.least.copy()
        changed = [item, *self._push_up(item, least)]
        for step in {share.step for other in changed for share in self._shares[other]}:
            floors = [least[other] for other in self._members[step] if self._offsets[other] == UNPLACED]
            if floors and min(floors) + heights[step] - self._paddings[step] >= self.size:
                return None
        unplaced = tuple(other for other in node.unplaced if other != item)
        return _Node((*node.placed, item), unplaced, least, heights, drop, size)

    def _push_up(self, item: int, least: list[int]) -> list[int]:
        """The unplaced items whose lowest offset `item` forbids; `least` is brought up to date."""
        pushed = [
            other
            for other, low, high in self._conflicts.forbidden[item]
            if self._offsets[other] == UNPLACED and low < self._offsets[item] - least[other] < high
        ]
        for other in pushed:
            least[other] = self._conflicts.lowest(other, self._offsets)
            self._budget.left -= len(self._conflicts.forbidden[other])
        return pushed


def _shares(problem: Problem, steps: Sequence[StepBound]) -> list[list[_Share]]:
    """By index of the item."""
    index = {item.name: i for i, item in enumerate(problem.items)}
    shares: list[list[_Share]] = [[] for _ in problem.items]
    for number, step in enumerate(steps):
        for item in step.singles:
            own = index[item.name]
            shares[own].append(_Share(number, round_up(item.size, step.align), own, 0))
        for pair in step.pairs:
            sizes = [round_up(item.size, step.align) for item in (pair.early, pair.late)]
            early, late = index[pair.early.name], index[pair.late.name]
            saved = sum(sizes) - pair.size
            shares[early].append(_Share(number, sizes[0], late, saved))
            shares[late].append(_Share(number, sizes[1], early, saved))
    return shares
