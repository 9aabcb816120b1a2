"""In place: a step's result takes the buffer of an operand that dies there and lies exactly where the result would."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from embedc.program.lifetimes import lifetimes
from embedc.program.program import Branch, Buffer, Call, For, Nest, Pixels, Program, Routine, Step, Storage, View
from embedc.program.views import same_place, same_steps


def share_buffers(program: Program) -> Program:
    """The Program with results in place of dying operands; element-by-element steps and residuals of calls."""
    lives = lifetimes(program)
    first = {buffer: span[0] for buffer, span in lives.spans.items()}
    last = {buffer: span[1] for buffer, span in lives.spans.items()}
    outputs = {port.buffer for port in program.outputs}
    merged: dict[Buffer, Buffer] = {}
    for step, moment in lives.moments.items():
        if not isinstance(step, Call | Nest):
            continue
        result = step.output
        if result.buffer.storage is not Storage.ARENA or first[result.buffer] != moment:
            continue
        for operand in _candidates(step):
            source = _final(operand.buffer, merged)
            dies = source.storage is Storage.ARENA and last[source] == moment and source not in outputs
            if dies and source.bytes == result.buffer.bytes and _alone(step, operand):
                merged[result.buffer] = source
                last[source] = last[result.buffer]
                break
    return with_buffers(program, {b: _final(b, merged) for b in merged})


def with_buffers(program: Program, mapping: Mapping[Buffer, Buffer]) -> Program:
    """The Program with buffers replaced."""
    steps = substituted(program.steps, mapping)
    traces = tuple(replace(t, view=moved(t.view, mapping)) for t in program.traces)
    outputs = tuple(replace(port, buffer=mapping.get(port.buffer, port.buffer)) for port in program.outputs)
    return _without_idle(replace(program, steps=steps, traces=traces, outputs=outputs))


def _without_idle(program: Program) -> Program:
    """Without copies onto themselves, unless they are what computes a traced value."""
    traced = {trace.step for trace in program.traces}
    kept = [number for number, step in enumerate(program.steps) if number in traced or not _is_idle(step)]
    places = {number: place for place, number in enumerate(kept)}
    traces = tuple(replace(trace, step=places[trace.step]) for trace in program.traces)
    return replace(program, steps=tuple(program.steps[number] for number in kept), traces=traces)


def _is_idle(step: Step) -> bool:
    if not isinstance(step, Nest) or len(step.operands) != 1:
        return False
    plain = step.body.is_identity and not (step.reduction or step.lookup or step.scatter)
    return plain and same_place(step.operands[0], step.result)


def in_place_operands(step: Step) -> set[Buffer]:
    """Buffers of which a step reads each element just before it writes the result's element at the same place."""
    if not isinstance(step, Call | Nest):
        return set()
    return {operand.buffer for operand in _candidates(step) if _alone(step, operand)}


def _final(buffer: Buffer, merged: dict[Buffer, Buffer]) -> Buffer:
    while buffer in merged:
        buffer = merged[buffer]
    return buffer


def _candidates(step: Call | Nest) -> list[View]:
    """Operands whose elements are read just before the result's element at the same place is written."""
    result = step.output
    operands = (
        [p.view for p in step.pixels[1:]]
        if isinstance(step, Call)
        else list(step.operands)
        if not step.reduce_axes and not step.lookup and not step.scatter
        else []
    )
    return [v for v in operands if v.element == result.element and same_steps(v, result)]


def _alone(step: Call | Nest, operand: View) -> bool:
    """True if the step reads the operand's buffer in this way only."""
    others = [b for b in step.reads if b is operand.buffer]
    if isinstance(step, Call):
        return len(others) == 1
    return all(same_steps(v, operand) for v in step.operands if v.buffer is operand.buffer)


def moved(view: View, mapping: Mapping[Buffer, Buffer]) -> View:
    """`view` with its buffer replaced."""
    return replace(view, buffer=mapping.get(view.buffer, view.buffer))


def substituted(steps: Sequence[Step], mapping: Mapping[Buffer, Buffer]) -> tuple[Step, ...]:
    """Steps with buffers replaced."""
    return tuple(substitute(step, mapping) for step in steps)


def _busy(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Without copies onto themselves."""
    return tuple(step for step in steps if not _is_idle(step))


def substitute(step: Step, mapping: Mapping[Buffer, Buffer]) -> Step:
    """`step` with buffers replaced."""

    def view(old: View) -> View:
        return moved(old, mapping)

    def pixels(old: Pixels) -> Pixels:
        return replace(old, view=view(old.view))

    if isinstance(step, Routine):
        return replace(step, operands=tuple(map(view, step.operands)), results=tuple(map(view, step.results)))
    if isinstance(step, For):
        limit, condition, number = (v and view(v) for v in (step.limit, step.condition, step.number))
        body = _busy(substituted(step.body, mapping))
        return replace(step, body=body, limit=limit, condition=condition, number=number)
    if isinstance(step, Branch):
        then, otherwise = (_busy(substituted(branch, mapping)) for branch in (step.then, step.otherwise))
        return replace(step, condition=view(step.condition), then=then, otherwise=otherwise)
    if isinstance(step, Nest):
        lookup = step.lookup and replace(step.lookup, indices=view(step.lookup.indices))
        scatter = step.scatter and replace(step.scatter, indices=view(step.scatter.indices))
        operands = tuple(view(v) for v in step.operands)
        return replace(step, operands=operands, result=view(step.result), lookup=lookup, scatter=scatter)
    return replace(
        step,
        x=pixels(step.x),
        pixels=tuple(pixels(p) for p in step.pixels),
        channels=tuple(view(v) for v in step.channels),
    )
