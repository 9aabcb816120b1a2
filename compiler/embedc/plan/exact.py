"""Branch and bound over placements from the bottom up: exhaustive, for small problems.

Of the optimal plans take one in which no item can move down alone, and call j below i where offset(i) - offset(j) >= high(i, j). Placing
each item after all that are below it, at its lowest offset, repeats that plan; of those sequences take the lexicographically least
by (offset, index). The search meets it, for it only cuts by these rules:
- Next: an item follows one of greater (offset, index) only if that one is below it, which takes a Forbidden.high <= 0. So nothing
  ends up lower than the last offset less the `drop` = -high of all items yet to come.
- Hole: no room is left into which an unplaced item fits, as that could move down alone (Moffitt 2023, "MiniMalloc").
- Bound: the unplaced items of a Stack (bound.py) need its remaining height above the lowest offset left to them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from embedc.plan.bound import Stack, round_up
from embedc.plan.bound import stacks as find_stacks
from embedc.plan.conflicts import UNPLACED, find_conflicts
from embedc.plan.budget import Budget
from embedc.plan.problem import Problem


class Share(NamedTuple):
    """What an item adds to a stack: `size` padded bytes, less `saved` while its partner there is unplaced."""

    stack: int
    size: int
    partner: int
    saved: int


@dataclass(frozen=True)
class Node:
    """A partial plan: the items placed and to come, the lowest offset left to each, what remains of each stack, size so far."""

    placed: tuple[int, ...]
    unplaced: tuple[int, ...]
    least: list[int]
    heights: list[int]
    drop: int
    size: int


class Exact:
    """Looks for ever smaller plans below `size` bytes; `order` places the smallest found, None where there is none."""

    def __init__(self, problem: Problem, size: int, budget: Budget) -> None:
        self.order: tuple[int, ...] | None = None
        self.size = size
        self._conflicts = find_conflicts(problem)
        self._budget = budget
        stacks = list(find_stacks(problem))
        self._paddings = [stack.padding for stack in stacks]
        self._heights = [stack.height for stack in stacks]
        self._shares, self._members = _shares(problem, stacks)
        self._drops = [max((-high for _, _, high in row if high < 0), default=0) for row in self._conflicts.forbidden]
        self._offsets = [UNPLACED if size else 0 for size in self._conflicts.sizes]

    def run(self, target: int, work: int) -> bool:
        """Until a plan has `target` bytes or `work` is done; whether no plan is smaller than `size` (or `target`) now."""
        self._target, self._stop = target, self._budget.left - work
        unplaced = tuple(item for item, size in enumerate(self._conflicts.sizes) if size)
        self._visit(Node((), unplaced, [0] * len(self._offsets), self._heights, sum(self._drops), 0))
        return self._budget.left > self._stop

    def _visit(self, node: Node) -> None:
        if not node.unplaced:
            self.order, self.size = node.placed, node.size
            return
        for item in self._next(node):
            if self._budget.left <= self._stop or self.size <= self._target:
                return
            if child := self._place(node, item):
                self._visit(child)
            self._offsets[item] = UNPLACED

    def _next(self, node: Node) -> list[int]:
        """The items that may follow, lowest first, large before small."""
        least, sizes = node.least, self._conflicts.sizes
        last = node.placed[-1] if node.placed else -1
        key = (self._offsets[last], last) if node.placed else (0, -1)
        hole = min(least[item] + sizes[item] for item in node.unplaced) + node.drop
        self._budget.left -= len(node.unplaced)
        return sorted(
            (
                item
                for item in node.unplaced
                if least[item] < hole and ((least[item], item) > key or self._below(last, item))
            ),
            key=lambda item: (least[item], -sizes[item]),
        )

    def _below(self, late: int, early: int) -> bool:
        """An Overlap puts `early` above `late` at an offset that need not be greater."""
        return any(other == late and high <= 0 for other, _, high in self._conflicts.forbidden[early])

    def _place(self, node: Node, item: int) -> Node | None:
        """The node with this item at its lowest offset, unless it cannot lead to a smaller plan."""
        offset = node.least[item]
        size = max(node.size, offset + self._conflicts.sizes[item])
        if size >= self.size:
            return None
        self._offsets[item] = offset
        drop = node.drop - self._drops[item]
        heights = node.heights.copy()
        for stack, share, partner, saved in self._shares[item]:
            heights[stack] -= share - (saved if self._offsets[partner] == UNPLACED else 0)
        self._budget.left -= len(heights) + len(self._conflicts.forbidden[item])
        if any(offset - drop + height - padding >= self.size for height, padding in zip(heights, self._paddings, strict=True)):
            return None
        least = node.least.copy()
        touched = {share.stack for share in self._shares[item]}
        for other, low, high in self._conflicts.forbidden[item]:
            if self._offsets[other] == UNPLACED and low < offset - least[other] < high:
                least[other] = self._conflicts.lowest(other, self._offsets)
                touched.update(share.stack for share in self._shares[other])
        if any(self._floor(stack, least) + heights[stack] - self._paddings[stack] >= self.size for stack in touched):
            return None
        unplaced = tuple(other for other in node.unplaced if other != item)
        return Node((*node.placed, item), unplaced, least, heights, drop, size)

    def _floor(self, stack: int, least: list[int]) -> int:
        """The lowest offset left to an unplaced item of this stack."""
        return min((least[item] for item in self._members[stack] if self._offsets[item] == UNPLACED), default=0)


def _shares(problem: Problem, stacks: Iterable[Stack]) -> tuple[list[list[Share]], list[list[int]]]:
    """By item its shares, by stack its items."""
    index = {item.name: i for i, item in enumerate(problem.items)}
    shares: list[list[Share]] = [[] for _ in problem.items]
    members: list[list[int]] = []
    for number, stack in enumerate(stacks):
        for item in stack.singles:
            shares[index[item.name]].append(Share(number, round_up(item.size, stack.align), index[item.name], 0))
        for pair in stack.pairs:
            sizes = [round_up(item.size, stack.align) for item in (pair.early, pair.late)]
            early, late = index[pair.early.name], index[pair.late.name]
            saved = sum(sizes) - pair.size
            shares[early].append(Share(number, sizes[0], late, saved))
            shares[late].append(Share(number, sizes[1], early, saved))
        members.append([item for item, row in enumerate(shares) if row and row[-1].stack == number])
    return shares, members
