"""Program to Plan: lifetimes of the arena's buffers, what may overlap, offsets, checked by an independent checker."""

from dataclasses import dataclass

from embedc.plan.arena import plan as solve
from embedc.plan.bound import bounds
from embedc.plan.checker import check
from embedc.plan.problem import Bounds, Item, Overlap, Problem
from embedc.policy import Policy
from embedc.program.inplace import overlap_distances
from embedc.program.program import Buffer, Call, Program, Storage


@dataclass(frozen=True, eq=False)
class Plan:
    """A Program with an offset in scratch for every arena buffer; `live` holds its first and last step.

    The calls of the steps in `backwards` run from their last block to the first, as their output lies above their input.
    """

    program: Program
    offsets: dict[Buffer, int]
    size: int
    bounds: Bounds
    live: dict[Buffer, tuple[int, int]]
    backwards: frozenset[int] = frozenset()


def plan_arena(program: Program, policy: Policy) -> Plan:
    """Places every arena buffer; the result is checked."""
    live = lifetimes(program)
    names = {buffer: f"{number} {buffer.name}" for number, buffer in enumerate(live)}
    align = policy.target.align
    items = tuple(Item(names[b], b.bytes, first, last, align) for b, (first, last) in live.items())
    overlaps: list[Overlap] = []
    both: dict[int, tuple[Buffer, Buffer, int]] = {}
    for number, step in enumerate(program.steps):
        if not isinstance(step, Call):
            continue
        source, target = step.x.view.buffer, step.output.buffer
        dies = source in live and live[source][1] == number and target in live and live[target][0] == number
        distances = overlap_distances(step) if dies and source is not target else None
        if distances is not None:
            overlaps.append(Overlap(names[source], names[target], distances.forwards, distances.backwards))
            both[number] = (source, target, distances.forwards)
    problem = Problem(items, tuple(overlaps), align)
    solution = solve(problem)
    check(problem, solution)
    offsets = {b: solution.offsets[names[b]] for b in live}
    backwards = frozenset(
        number
        for number, (early, late, least) in both.items()
        if -early.bytes < offsets[early] - offsets[late] < min(least, late.bytes)
    )
    return Plan(program, offsets, solution.size, bounds(problem, solution), live, backwards)


def lifetimes(program: Program) -> dict[Buffer, tuple[int, int]]:
    """First and last step that touches each arena buffer."""
    live: dict[Buffer, tuple[int, int]] = {}
    for number, step in enumerate(program.steps):
        for buffer in (*step.reads, *step.writes):
            if buffer.storage is Storage.ARENA:
                live[buffer] = (live.get(buffer, (number, number))[0], number)
    return live
