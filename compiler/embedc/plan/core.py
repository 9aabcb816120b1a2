"""Parts of a problem: the items around the topmost ones, whose arrangement decides the arena's size."""

from collections.abc import Sequence

from embedc.plan.conflicts import Conflicts
from embedc.plan.placement import Placement
from embedc.plan.problem import Problem


def around_top(placement: Placement, conflicts: Conflicts) -> list[int]:
    """The topmost items and all that conflicts tie to them, nearest first, large before small."""
    sizes = conflicts.sizes
    reached = [item for item, size in enumerate(sizes) if placement.offsets[item] + size == placement.size]
    distance = dict.fromkeys(reached, 0)
    for item in reached:
        for other, _, _ in conflicts.forbidden[item]:
            if other not in distance:
                distance[other] = distance[item] + 1
                reached.append(other)
    return sorted(reached, key=lambda item: (distance[item], -sizes[item]))


def part(problem: Problem, indices: Sequence[int]) -> Problem:
    """These items alone; its least arena is a lower bound of the whole problem's."""
    items = tuple(problem.items[index] for index in indices)
    names = {item.name for item in items}
    return Problem(items, tuple(o for o in problem.overlaps if {o.early, o.late} <= names), problem.align)
