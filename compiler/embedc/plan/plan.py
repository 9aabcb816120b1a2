"""Program to Plan: lifetimes of the arena's buffers, what may overlap, offsets, checked by an independent checker."""

from dataclasses import dataclass, field

from embedc.plan.arena import plan as solve
from embedc.plan.bound import bounds
from embedc.plan.checker import check
from embedc.plan.problem import Bounds, Item, Overlap, Problem
from embedc.policy import Policy
from embedc.program.inplace import overlap_distances
from embedc.program.program import Buffer, Call, Program, Storage

STATE_ALIGN = 16  # vectors of most instruction sets; wider ones gain nothing from more where rows are not whole vectors


@dataclass(frozen=True, eq=False)
class Plan:
    """A Program with an offset in scratch for every arena buffer; `live` holds its first and last step.

    State has a memory of its own, in which `state_offsets` tells where each of it lies.
    The calls of the steps in `backwards` run from their last block to the first, as their output lies above their input.
    """

    program: Program
    offsets: dict[Buffer, int]
    size: int
    bounds: Bounds
    live: dict[Buffer, tuple[int, int]]
    backwards: frozenset[int] = frozenset()
    state_offsets: dict[Buffer, int] = field(default_factory=dict[Buffer, int])

    @property
    def state_bytes(self) -> int:
        """Bytes of all state."""
        return max((offset + buffer.bytes for buffer, offset in self.state_offsets.items()), default=0)


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
    return Plan(program, offsets, solution.size, bounds(problem, solution), live, backwards, _place_states(program))


def _place_states(program: Program) -> dict[Buffer, int]:
    """States one after the other, each aligned as the whole."""
    offsets: dict[Buffer, int] = {}
    end = 0
    for state in program.states:
        offsets[state.port.buffer] = end
        end = -(-(end + state.port.buffer.bytes) // STATE_ALIGN) * STATE_ALIGN
    return offsets


def lifetimes(program: Program) -> dict[Buffer, tuple[int, int]]:
    """First and last step that touches each arena buffer; inputs are there from the first step, outputs to the last."""
    live = {port.buffer: (0, 0) for port in program.inputs if port.buffer.storage is Storage.ARENA}
    for number, step in enumerate(program.steps):
        for buffer in (*step.reads, *step.writes):
            if buffer.storage is Storage.ARENA:
                live[buffer] = (live.get(buffer, (number, number))[0], number)
    last = max(len(program.steps) - 1, 0)
    for port in program.outputs:
        if port.buffer.storage is Storage.ARENA:
            live[port.buffer] = (live.get(port.buffer, (last, last))[0], last)
    return live
