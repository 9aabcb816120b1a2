"""When each buffer is in use, by moments: one for each step, and of a loop or branch one for its head, for each step inside, and a loop's end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from embedc.program.program import Branch, Buffer, Call, For, Nest, Program, Routine, Step, View, inner_steps


@dataclass
class Lifetimes:
    """First and last moment of every buffer; the moment of every step, by which top-level step each moment belongs to.

    What a loop needs from trip to trip, from before it or behind it, lives through the whole of it. What is written anew in every trip
    before it is read may share memory inside.
    """

    spans: dict[Buffer, tuple[int, int]] = field(default_factory=dict[Buffer, tuple[int, int]])
    moments: dict[Step, int] = field(default_factory=dict[Step, int])
    top: list[int] = field(default_factory=list[int])


@dataclass(frozen=True)
class _Loop:
    first: int
    last: int
    moving: frozenset[Buffer]


def lifetimes(program: Program) -> Lifetimes:
    """The lifetimes of all buffers; inputs are there from the first moment, outputs to the last."""
    walk = _Walk()
    for number, step in enumerate(program.steps):
        walk.step(step)
        walk.found.top += [number] * (walk.now - len(walk.found.top))
    spans = walk.found.spans
    end = max(walk.now - 1, 0)
    for buffer in (port.buffer for port in program.inputs):
        spans[buffer] = (0, spans.get(buffer, (0, 0))[1])
    for buffer in (port.buffer for port in program.outputs):
        spans[buffer] = (spans.get(buffer, (end, end))[0], end)
    for loop in walk.loops:  # the innermost come first
        for buffer, (first, last) in spans.items():
            touches = last >= loop.first and first <= loop.last
            if touches and not walk.is_local(buffer, loop):
                spans[buffer] = (min(first, loop.first), max(last, loop.last))
    return walk.found


class _Walk:
    def __init__(self) -> None:
        self.now = 0
        self.found = Lifetimes()
        self.loops: list[_Loop] = []
        self._begins_written: dict[Buffer, bool] = {}

    def step(self, step: Step) -> None:
        first = self.now
        self.found.moments[step] = first
        if isinstance(step, For):
            self._touch([view.buffer for view in step.head], [step.number.buffer] if step.number else [])
        elif isinstance(step, Branch):
            self._touch([step.condition.buffer], [])
        else:
            self._touch(step.reads, step.writes)
        for inner in inner_steps(step):
            self.step(inner)
        if isinstance(step, For):
            self._touch([view.buffer for view in step.head], [])
            self.loops.append(_Loop(first, self.now - 1, frozenset(_moving(step.body))))

    def _touch(self, reads: Iterable[Buffer], writes: Iterable[Buffer]) -> None:
        for written, buffers in ((False, reads), (True, writes)):
            for buffer in buffers:
                self._begins_written.setdefault(buffer, written)
                self.found.spans[buffer] = (self.found.spans.get(buffer, (self.now, 0))[0], self.now)
        self.now += 1

    def is_local(self, buffer: Buffer, loop: _Loop) -> bool:
        """True if every trip begins by writing the buffer, and nobody outside touches it."""
        first, last = self.found.spans[buffer]
        inside = first >= loop.first and last <= loop.last
        return inside and self._begins_written.get(buffer, False) and buffer not in loop.moving


def _moving(steps: Iterable[Step]) -> Iterator[Buffer]:
    """Buffers of which every trip writes or reads another part."""
    for step in steps:
        yield from (view.buffer for view in views(step) if view.moves)
        if isinstance(step, Call) and step.rows:
            yield from (pixels.view.buffer for pixels in (step.x, *step.pixels))
        yield from _moving(inner_steps(step))


def views(step: Step) -> tuple[View, ...]:
    """The views of a step itself, not of those inside."""
    match step:
        case Call():
            return (step.x.view, *(pixels.view for pixels in step.pixels), *step.channels)
        case Nest():
            lookups = tuple(lookup.indices for lookup in (step.lookup, step.scatter) if lookup)
            return (*step.operands, *lookups, step.result)
        case Routine():
            return (*step.operands, *step.results)
        case For():
            return (*step.head, *((step.number,) if step.number else ()))
        case Branch():
            return (step.condition,)
