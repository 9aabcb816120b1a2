"""Program to Plan: lifetimes of the arena's buffers, what may overlap, offsets, checked by an independent checker."""

from dataclasses import dataclass, field, replace

from embedc.plan.arena import plan as solve
from embedc.plan.bound import bounds
from embedc.plan.checker import check
from embedc.plan.problem import Bounds, Item, Overlap, Problem
from embedc.policy import Policy
from embedc.program.inplace import overlap_distances
from embedc.program.lifetimes import lifetimes
from embedc.program.program import Buffer, Call, Program, Step, Storage

STATE_ALIGN = 16  # vectors of most instruction sets; wider ones gain nothing from more where rows are not whole vectors


@dataclass(frozen=True, eq=False)
class Plan:
    """A Program with an offset in scratch for every arena buffer; `live` holds its first and last step.

    State has a memory of its own, in which `state_offsets` tells where each of it lies.
    The calls in `backwards` run from their last block to the first, as their output lies above their input.
    """

    program: Program
    offsets: dict[Buffer, int]
    size: int
    bounds: Bounds
    live: dict[Buffer, tuple[int, int]]
    backwards: frozenset[Step] = frozenset()
    state_offsets: dict[Buffer, int] = field(default_factory=dict[Buffer, int])

    @property
    def state_bytes(self) -> int:
        """Bytes of all state."""
        return max((offset + buffer.bytes for buffer, offset in self.state_offsets.items()), default=0)


def plan_arena(program: Program, policy: Policy) -> Plan:
    """Places every arena buffer; the result is checked."""
    lives = lifetimes(program)
    spans = {b: span for b, span in lives.spans.items() if b.storage is Storage.ARENA}
    names = {buffer: f"{number} {buffer.name}" for number, buffer in enumerate(spans)}
    align = policy.target.align
    items = tuple(Item(names[b], b.bytes, first, last, align) for b, (first, last) in spans.items())
    overlaps: list[Overlap] = []
    both: dict[Step, tuple[Buffer, Buffer, int]] = {}
    for step, moment in lives.moments.items():
        if not isinstance(step, Call):
            continue
        source, target = step.x.view.buffer, step.output.buffer
        dies = source in spans and spans[source][1] == moment and target in spans and spans[target][0] == moment
        distances = overlap_distances(step) if dies and source is not target else None
        if distances is not None:
            overlaps.append(Overlap(names[source], names[target], distances.forwards, distances.backwards))
            both[step] = (source, target, distances.forwards)
    problem = Problem(items, tuple(overlaps), align)
    solution = solve(problem)
    check(problem, solution)
    offsets = {b: solution.offsets[names[b]] for b in spans}
    backwards = frozenset(
        step
        for step, (early, late, least) in both.items()
        if -early.bytes < offsets[early] - offsets[late] < min(least, late.bytes)
    )
    live = {b: (lives.top[first], lives.top[last]) if lives.top else (0, 0) for b, (first, last) in spans.items()}
    found = bounds(problem, solution)
    found = replace(found, step=lives.top[found.step] if lives.top else 0)
    return Plan(program, offsets, solution.size, found, live, backwards, _place_states(program))


def _place_states(program: Program) -> dict[Buffer, int]:
    """States one after the other, each aligned as the whole."""
    offsets: dict[Buffer, int] = {}
    end = 0
    for state in program.states:
        offsets[state.port.buffer] = end
        end = -(-(end + state.port.buffer.bytes) // STATE_ALIGN) * STATE_ALIGN
    return offsets
