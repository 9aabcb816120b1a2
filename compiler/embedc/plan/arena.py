"""Where each buffer lies in the arena: greedy plans, local search from the best of them, branch and bound where the problem is small.

The result depends on the problem and the effort alone: work is counted, no clock is read and the random seed is fixed.
"""

from embedc.plan.bound import stacks
from embedc.plan.conflicts import Conflicts, find_conflicts
from embedc.plan.exact import Exact
from embedc.plan.orders import orders
from embedc.plan.placement import Placement, place
from embedc.plan.problem import Problem, Solution
from embedc.plan.search import Search

STARTS = 4
"""Greedy plans that local search starts from."""
WORK_PER_ITEM = 4000
"""Conflicts that local search inspects, per item and unit of effort; about 0.1 s for 100 items."""
EXACT_ITEMS = 40
"""Branch and bound settles most random problems of 20 items and hardly any of 100."""
EXACT_NODES = 4000
"""Partial plans that branch and bound visits, per unit of effort."""


def plan(problem: Problem, effort: int = 1) -> Solution:
    """The smallest arena found; `effort` scales the work done where greedy plans miss the lower bound, 0 is greedy only."""
    conflicts = find_conflicts(problem)
    profile = list(stacks(problem))
    target = max((stack.bytes for stack in profile), default=0)
    best = _search(_greedy(problem, conflicts, target), conflicts, target, effort)
    offsets, size, optimal = best.offsets, best.size, best.size == target
    if not optimal and len(problem.items) <= EXACT_ITEMS:
        exact = Exact(problem, conflicts, profile, size, target, effort * EXACT_NODES)
        offsets, size, optimal = exact.best or offsets, exact.size, exact.optimal
    return Solution({item.name: offset for item, offset in zip(problem.items, offsets, strict=True)}, size, optimal)


def _greedy(problem: Problem, conflicts: Conflicts, target: int) -> list[Placement]:
    """A placement for each order, smallest first; no more once the target is met."""
    placements: list[Placement] = []
    for order in orders(problem):
        placements.append(place(order, conflicts))
        if placements[-1].size <= target:
            break
    return sorted(placements, key=lambda placement: placement.size)


def _search(starts: list[Placement], conflicts: Conflicts, target: int, effort: int) -> Placement:
    """The best of what local search makes of the first few starts, which share the work."""
    best = starts[0]
    work = effort * WORK_PER_ITEM * len(best.order) // STARTS
    for start in starts[:STARTS]:
        if best.size > target:
            best = min(best, Search(conflicts, target, work).improve(start), key=lambda placement: placement.size)
    return best
