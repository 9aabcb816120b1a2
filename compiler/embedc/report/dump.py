"""A Plan as text, for --dump-ir."""

from collections.abc import Iterator, Sequence

from embedc.plan.plan import Plan
from embedc.program.program import Branch, Call, For, Routine, Step, View


def plan_text(plan: Plan) -> str:
    """One line for each step and each arena buffer."""
    lines = [
        f"program {plan.program.name}: {plan.size} bytes of scratch, at least {plan.bounds.lower} ({plan.bounds.why})"
    ]
    for number, step in enumerate(plan.program.steps):
        lines += [f"{number:4}  {line}" for line in _step(step)]
    for buffer, offset in plan.offsets.items():
        first, last = plan.live[buffer]
        lines.append(f"arena {offset:8} + {buffer.bytes:8}  steps {first} to {last}  {buffer.name}")
    return "\n".join(lines) + "\n"


def _step(step: Step) -> Iterator[str]:
    if isinstance(step, For):
        ends = [str(step.counter.trips), *map(_view, step.head)]
        yield f"for {' and '.join(ends)}  {_layer(step)}"
        yield from _inside(step.body)
    elif isinstance(step, Branch):
        yield f"if {_view(step.condition)}  {_layer(step)}"
        yield from _inside(step.then)
        yield "else"
        yield from _inside(step.otherwise)
    elif isinstance(step, Call):
        operands = ", ".join(_view(p.view) for p in (step.x, *step.pixels[1:]))
        yield f"{_view(step.output)} = {step.row.id}({operands})  block {step.block}  {_layer(step)}"
        yield from (f"  epilogue {line}" for line in str(step.epilogue).splitlines())
    elif isinstance(step, Routine):
        results, operands = ", ".join(map(_view, step.results)), ", ".join(map(_view, step.operands))
        yield f"{results} = {step.function} {step.extents} of ({operands}) {step.parameters}  {_layer(step)}"
    else:
        kind = f"{step.reduction} over {step.reduce_axes} of " if step.reduction else ""
        yield f"{_view(step.result)} = nest {step.extents} {kind}({', '.join(map(_view, step.operands))})  {_layer(step)}"
        yield from (f"  body {line}" for line in str(step.body).splitlines())


def _inside(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        yield from (f"  {line}" for line in _step(step))


def _view(view: View) -> str:
    moves = "".join(f", {bytes_} a trip" for _, bytes_ in view.moves)
    place = f"at {view.offset} strides {list(view.strides)}{moves}"
    return f"{view.buffer.storage} '{view.buffer.name}' {view.element}{list(view.shape)} {place}"


def _layer(step: Step) -> str:
    return f"# {step.layer.op} '{step.layer.name}'"
