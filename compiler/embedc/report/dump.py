"""A Plan as text, for --dump-ir."""

from collections.abc import Iterator

from embedc.plan.plan import Plan
from embedc.program.program import Call, For, Nest, Routine, Step, View


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
        yield f"for {step.extent}"
        for inner in step.body:
            yield from (f"  {line}" for line in _step(inner))
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


def _view(view: View) -> str:
    return f"{view.buffer.storage} '{view.buffer.name}' {view.element}{list(view.shape)} at {view.offset} strides {list(view.strides)}"


def _layer(step: Call | Nest | Routine) -> str:
    return f"# {step.layer.op} '{step.layer.name}'"
