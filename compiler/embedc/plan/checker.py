"""Validates a plan from the definition alone, pair by pair and step by step; shares nothing with the planner."""

from itertools import combinations

from embedc.plan.problem import Item, Problem, Solution


class PlanError(ValueError):
    """A plan that would corrupt memory or misstate its size."""


def check(problem: Problem, solution: Solution) -> None:
    """Raises PlanError unless all items are placed, aligned, within the size and apart from what is live with them."""
    names = {item.name for item in problem.items}
    if names != solution.offsets.keys():
        raise PlanError(f"items without offset or offsets without item: {sorted(names ^ solution.offsets.keys())}")
    for item in problem.items:
        if solution.offsets[item.name] < 0 or solution.offsets[item.name] % item.align:
            raise PlanError(f"{_range(item, solution)}: not at a multiple of {item.align}")
    end = max((solution.offsets[item.name] + item.size for item in problem.items), default=0)
    if end != solution.size:
        raise PlanError(f"the size is stated as {solution.size}, the topmost item ends at {end}")
    for one, two in combinations(problem.items, 2):
        step = max(one.first, two.first)
        live_together = step <= min(one.last, two.last)
        if live_together and _share_bytes(one, two, solution) and not _permitted(one, two, problem, solution):
            raise PlanError(f"{_range(one, solution)} and {_range(two, solution)} share bytes in step {step}")


def _range(item: Item, solution: Solution) -> str:
    """The item and its bytes, end excluded."""
    offset = solution.offsets[item.name]
    return f"{item.name} at [{offset}, {offset + item.size})"


def _share_bytes(one: Item, two: Item, solution: Solution) -> bool:
    """Whether a byte belongs to both."""
    first = max(solution.offsets[one.name], solution.offsets[two.name])
    return first < min(solution.offsets[item.name] + item.size for item in (one, two))


def _permitted(one: Item, two: Item, problem: Problem, solution: Solution) -> bool:
    """Whether an Overlap keeps the writes to its late item behind the reads of its early one, in either direction."""
    for overlap in problem.overlaps:
        if {overlap.early, overlap.late} == {one.name, two.name}:
            above = solution.offsets[overlap.early] - solution.offsets[overlap.late]
            return above >= overlap.distance or (overlap.reverse is not None and -above >= overlap.reverse)
    return False
