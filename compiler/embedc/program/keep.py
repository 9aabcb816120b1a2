"""State in place: the next value is written straight over the present one, where nothing reads that any more."""

from dataclasses import replace

from embedc.program.program import Buffer, Nest, Program, Step, Storage
from embedc.program.share import in_place_operands, with_buffers
from embedc.program.views import same_steps


def keep_in_place(program: Program) -> Program:
    """The Program without those copies into a state at its end whose source can lie in the state itself.

    A source is a buffer of the arena of the state's size, copied as it lies. Its first write must come after every read of
    the state, or be a step that reads each element of the state just before it writes that of the source.
    """
    mapping: dict[Buffer, Buffer] = {}
    gone: set[Step] = set()
    seen = {port.buffer for port in (*program.inputs, *program.outputs)}
    for number, step in enumerate(program.steps):
        if isinstance(step, Nest) and _is_whole_copy(step):
            source, state = step.operands[0].buffer, step.result.buffer
            if source not in seen and source not in mapping and _comes_after_reads(program, source, state, number):
                mapping[source] = state
                gone.add(step)
    kept = replace(program, steps=tuple(step for step in program.steps if step not in gone))
    return with_buffers(kept, mapping)


def _is_whole_copy(step: Nest) -> bool:
    """True for a copy of a buffer of the arena to the same place of a state of the same size."""
    if step.result.buffer.storage is not Storage.STATE or not step.body.is_identity or len(step.operands) != 1:
        return False
    source = step.operands[0]
    return (
        source.buffer.storage is Storage.ARENA
        and source.buffer.bytes == step.result.buffer.bytes
        and same_steps(source, step.result)
    )


def _comes_after_reads(program: Program, source: Buffer, state: Buffer, copy: int) -> bool:
    steps = program.steps[:copy]
    writes = [number for number, step in enumerate(steps) if source in step.writes]
    reads = [number for number, step in enumerate(program.steps) if state in step.reads]
    others = [number for number, step in enumerate(program.steps) if state in step.writes]
    if not writes or others != [copy]:
        return False
    first, last = writes[0], max(reads, default=-1)
    if last < first:
        return True
    return last == first and state in in_place_operands(program.steps[first])
