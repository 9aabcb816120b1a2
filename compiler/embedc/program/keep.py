"""What is kept from call to call, or from trip to trip of a loop, in place: the next value is written straight over the present one."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from embedc.program.program import Buffer, Nest, Program, Step, Storage
from embedc.program.share import in_place_operands, substituted, with_buffers
from embedc.program.views import same_steps


def keep_in_place(program: Program) -> Program:
    """The Program without those copies into a state at its end whose source can lie in the state itself."""
    ports = {port.buffer for port in (*program.inputs, *program.outputs)}
    states = {state.port.buffer for state in program.states}
    steps, mapping = without_copies(program.steps, states, ports)
    return with_buffers(replace(program, steps=steps), mapping)


def carried_in_place(body: Sequence[Step], carried: Collection[Buffer]) -> tuple[Step, ...]:
    """The steps of a loop without those copies into carried values whose source can lie in the carried value itself."""
    steps, mapping = without_copies(body, carried, carried)
    return substituted(steps, mapping)


def without_copies(
    steps: Sequence[Step], kept: Collection[Buffer], others: Collection[Buffer]
) -> tuple[tuple[Step, ...], dict[Buffer, Buffer]]:
    """The steps without needless copies into `kept` buffers, and what takes the place of their sources, none of the `others`.

    A source is a buffer of the arena of the same size, copied as it lies. Its first write must come after every read of what is
    kept, or be a step that reads each element of that just before it writes that of the source.
    """
    mapping: dict[Buffer, Buffer] = {}
    gone: set[Step] = set()
    for number, step in enumerate(steps):
        if isinstance(step, Nest) and step.result.buffer in kept and _is_whole_copy(step):
            source, target = step.operands[0].buffer, step.result.buffer
            if source not in others and source not in mapping and _comes_after_reads(steps, source, target, number):
                mapping[source] = target
                gone.add(step)
    return tuple(step for step in steps if step not in gone), mapping


def _is_whole_copy(step: Nest) -> bool:
    """True for a copy of a buffer of the arena to the same place of a buffer of the same size."""
    if not step.body.is_identity or len(step.operands) != 1 or step.lookup or step.reduction:
        return False
    source = step.operands[0]
    return (
        source.buffer.storage is Storage.ARENA
        and source.buffer.bytes == step.result.buffer.bytes
        and same_steps(source, step.result)
    )


def _comes_after_reads(all_steps: Sequence[Step], source: Buffer, target: Buffer, copy: int) -> bool:
    steps = all_steps[:copy]
    writes = [number for number, step in enumerate(steps) if source in step.writes]
    reads = [number for number, step in enumerate(all_steps) if target in step.reads]
    others = [number for number, step in enumerate(all_steps) if target in step.writes]
    if not writes or others != [copy]:
        return False
    first, last = writes[0], max(reads, default=-1)
    if last < first:
        return True
    return last == first and target in in_place_operands(steps[first])
