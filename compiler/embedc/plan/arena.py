"""Where each buffer lies in the arena.

Greedy plans; then by turns branch and bound over the items that decide the size, which also raises the lower bound, and local search
over all. The answer depends on the problem and the effort alone: work is counted, no clock is read, the random seed is fixed.
"""

from embedc.plan.bound import stacks
from embedc.plan.budget import Budget
from embedc.plan.conflicts import find_conflicts
from embedc.plan.core import around_top, part
from embedc.plan.exact import Exact
from embedc.plan.orders import orders
from embedc.plan.placement import Placement, place
from embedc.plan.problem import Problem, Solution
from embedc.plan.search import Search

WORK = 100_000
WORK_PER_ITEM = 3000
"""Budget for one unit of effort: about 0.1 s for 100 items."""
STARTS = 4
"""Greedy plans that local search starts from; one alone left twice the gap on random problems of 100 items."""
START_SHARE, SEARCH_SHARE, EXACT_SHARE = 16, 8, 32
"""Parts of the budget for one local search at the start, one later, and one branch and bound."""
CORES = (8, 12, 16, 24, 32, 48, 64)
"""Numbers of items given to branch and bound; most of up to 16 are settled within its share of the work."""


def plan(problem: Problem, effort: int = 1) -> Solution:
    """The smallest arena found; `effort` scales the work done where greedy plans miss the lower bound, 0 is greedy only."""
    planner = _Planner(problem, effort * (WORK + WORK_PER_ITEM * len(problem.items)))
    planner.refine()
    offsets = {item.name: offset for item, offset in zip(problem.items, planner.best.offsets, strict=True)}
    return Solution(offsets, planner.best.size, planner.lower)


class _Planner:
    """The smallest placement and the highest lower bound so far."""

    def __init__(self, problem: Problem, work: int) -> None:
        self._problem = problem
        self._work = work
        self._budget = Budget(work)
        self._conflicts = find_conflicts(problem)
        self._search = Search(self._conflicts, self._budget)
        self.lower = max((stack.bytes for stack in stacks(problem)), default=0)
        self._starts = self._greedy()
        self.best = self._starts[0]

    def refine(self) -> None:
        """Until the lower bound is met or the budget is spent."""
        for start in self._starts:
            self._improve(start, START_SHARE)
        while not self._done():
            size = self.best.size
            self._solve_cores()
            if self.best.size == size:
                self._improve(self.best, SEARCH_SHARE)

    def _done(self) -> bool:
        return self.best.size <= self.lower or self._budget.left <= 0

    def _greedy(self) -> list[Placement]:
        """The few best of all orders, smallest first."""
        placements: list[Placement] = []
        for order in orders(self._problem):
            placements.append(place(order, self._conflicts))
            if placements[-1].size <= self.lower:
                break
        return sorted(placements, key=lambda placement: placement.size)[:STARTS]

    def _improve(self, start: Placement, share: int) -> None:
        """Local search with a share of the work; what it finds is kept unless it is larger."""
        if not self._done():
            found = self._search.improve(start, self.lower, self._work // share)
            self.best = found if found.size <= self.best.size else self.best

    def _solve_cores(self) -> None:
        """The items around the topmost, more and more of them, arranged on their own; the others then follow."""
        size = self.best.size
        around = around_top(self.best, self._conflicts)
        for count in dict.fromkeys(min(count, len(around)) for count in CORES):
            core = around[:count]
            exact = Exact(part(self._problem, core), size, self._budget)
            if exact.run(self.lower, self._work // EXACT_SHARE):
                self.lower = max(self.lower, exact.size)
            if exact.order is None or self._done():
                return
            first = dict.fromkeys(core[index] for index in exact.order)
            rest = (item for item in self.best.order if item not in first)
            self._improve(place([*first, *rest], self._conflicts), SEARCH_SHARE)
            if self.best.size < size:
                return
