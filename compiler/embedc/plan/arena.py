"""Where each buffer lies in the arena.

Greedy plans; then by turns branch and bound over the items that decide the size, which may also raise the lower bound,
and local search over all. The answer depends on the problem and the effort alone: work is counted, no clock is read and
the random seed is fixed.
"""

from embedc.plan.bound import step_bounds
from embedc.plan.budget import Budget
from embedc.plan.conflicts import find_conflicts
from embedc.plan.core import around_top, part
from embedc.plan.exact import solve
from embedc.plan.orders import orders
from embedc.plan.placement import Placement, place
from embedc.plan.problem import Problem, Solution
from embedc.plan.search import Search

WORK, WORK_PER_ITEM = 150_000, 2000
"""Budget for one unit of effort: 0.1 s for 100 items."""
STARTS = 4
"""Greedy plans that local search starts from; one alone left twice the gap on random problems of 100 items."""
SHARES = 16
"""Parts of the budget, one for each local search and each branch and bound."""
CORES = (8, 12, 16, 24, 32, 48, 64)
"""Numbers of items given to branch and bound; most of up to 16 are settled within its share."""


def plan(problem: Problem, effort: int = 1) -> Solution:
    """The smallest arena found; `effort` scales the work where greedy plans miss the lower bound, 0 is greedy only."""
    planner = _Planner(problem, effort * (WORK + WORK_PER_ITEM * len(problem.items)))
    planner.run()
    offsets = {item.name: offset for item, offset in zip(problem.items, planner.best.offsets, strict=True)}
    return Solution(offsets, planner.best.size, planner.lower)


class _Planner:
    """The smallest placement and the highest lower bound so far."""

    def __init__(self, problem: Problem, work: int) -> None:
        self._problem = problem
        self._share = work // SHARES
        self._budget = Budget(work)
        self._conflicts = find_conflicts(problem)
        self._search = Search(self._conflicts, self._budget)
        self.lower = max((step.bytes for step in step_bounds(problem)), default=0)
        self._starts = self._greedy()
        self.best = self._starts[0]

    def run(self) -> None:
        """Until the lower bound is met or the budget is spent."""
        for start in self._starts:
            self._improve(start)
        while not self._done():
            size = self.best.size
            self._rearrange_cores()
            if self.best.size == size:
                self._improve(self._search.shake(self.best))

    def _done(self) -> bool:
        return self.best.size <= self.lower or self._budget.left <= 0

    def _greedy(self) -> list[Placement]:
        """The best few, smallest first."""
        placements: list[Placement] = []
        for order in orders(self._problem):
            placements.append(place(order, self._conflicts))
            if placements[-1].size <= self.lower:
                break
        return sorted(placements, key=lambda placement: placement.size)[:STARTS]

    def _improve(self, start: Placement) -> None:
        """Local search; an equally small placement replaces the best, so that the next one starts elsewhere."""
        if not self._done():
            found = self._search.improve(start, self.lower, self._share)
            self.best = found if found.size <= self.best.size else self.best

    def _rearrange_cores(self) -> None:
        """More and more items around the topmost arranged on their own, the others after them, until that helps."""
        size = self.best.size
        around = around_top(self.best, self._conflicts)
        for count in dict.fromkeys(min(count, len(around)) for count in CORES):
            core = around[:count]
            outcome = solve(part(self._problem, core), size, self.lower, self._budget, self._share)
            self.lower = max(self.lower, outcome.lower)
            if outcome.order is None:
                return
            first = dict.fromkeys(core[index] for index in outcome.order)
            rest = (item for item in self.best.order if item not in first)
            self._improve(place([*first, *rest], self._conflicts))
            if self.best.size < size or self._done():
                return
