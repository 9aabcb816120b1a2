"""Orders for greedy placement.

By size and by breadth: Pisarchyk and Lee 2020, "Efficient memory management for deep neural net inference". Skyline:
Sekiyama et al. 2018, "Profile-guided memory optimization for deep neural networks". Besides, by size times lifetime and
by first step. On random networks each of them leads somewhere.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from embedc.plan.problem import Problem


def orders(problem: Problem) -> Iterator[list[int]]:
    """Every order twice: as it is, and with the late item of each Overlap before the early one, which lies above it."""
    spans, steps = _spans(problem)
    sizes = [item.size for item in problem.items]
    breadth = [0] * steps
    for size, (first, last) in zip(sizes, spans, strict=True):
        for step in range(first, last + 1):
            breadth[step] += size
    widest = [max(breadth[first : last + 1]) for first, last in spans]
    length = [last - first + 1 for first, last in spans]
    indices = range(len(sizes))
    lates = _lates(problem)
    for order in (
        sorted(indices, key=lambda i: -sizes[i]),
        sorted(indices, key=lambda i: (-widest[i], -sizes[i])),
        sorted(indices, key=lambda i: -sizes[i] * length[i]),
        sorted(indices, key=lambda i: (spans[i][0], -sizes[i])),
        _skyline(sizes, spans, steps),
    ):
        yield order
        if problem.overlaps:
            yield _lates_first(order, lates)


def _spans(problem: Problem) -> tuple[list[tuple[int, int]], int]:
    """Lifetimes, and how many steps, counting only those in which an item goes live."""
    starts = sorted({item.first for item in problem.items})
    spans = [(bisect_left(starts, item.first), bisect_right(starts, item.last) - 1) for item in problem.items]
    return spans, len(starts)


def _skyline(sizes: list[int], spans: list[tuple[int, int]], steps: int) -> list[int]:
    """On the lowest ledge of the skyline over time the longest-lived item that fits; a ledge without any fills up."""
    sky = [0] * steps
    rest = sorted(range(len(sizes)), key=lambda i: (spans[i][0] - spans[i][1], -sizes[i]))
    order: list[int] = []
    while rest:
        height = min(sky)
        left = sky.index(height)
        right = next((step for step in range(left, steps) if sky[step] != height), steps)
        item = next((i for i in rest if spans[i][0] >= left and spans[i][1] < right), None)
        if item is None:
            beside = [*sky[left - 1 : left], *sky[right : right + 1]]
            sky[left:right] = [min(beside)] * (right - left)
        else:
            first, last = spans[item]
            sky[first : last + 1] = [height + sizes[item]] * (last + 1 - first)
            rest.remove(item)
            order.append(item)
    return order


def _lates(problem: Problem) -> list[list[int]]:
    """By index of an early item, the late items of its overlaps."""
    index = {item.name: i for i, item in enumerate(problem.items)}
    lates: list[list[int]] = [[] for _ in problem.items]
    for overlap in problem.overlaps:
        lates[index[overlap.early]].append(index[overlap.late])
    return lates


def _lates_first(order: list[int], lates: list[list[int]]) -> list[int]:
    """The order, but each item after all items that may overlap it from below."""
    done: dict[int, None] = {}
    for item in order:
        stack = [item]
        while stack:
            waiting = [late for late in lates[stack[-1]] if late not in done]
            stack.extend(waiting)
            if not waiting:
                done[stack.pop()] = None
    return list(done)
