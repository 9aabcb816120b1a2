"""Routines as C: loops over the parallel axes around the call of a function of the runtime."""

from embedc.emit.loops import arrange, at, close_loops, open_loops, terms
from embedc.emit.scalars import suffix
from embedc.program.program import Routine


def print_routine(routine: Routine, name: str) -> str:
    """The C text: a static function called `name`(operand pointers…, result pointers…)."""
    views = {f"y{k}": v for k, v in enumerate(routine.results)} | {f"x{k}": v for k, v in enumerate(routine.operands)}
    count = len(routine.extents)
    loops = arrange(routine.extents, [v.strides[:count] for v in views.values()], list(range(count)), 0)
    places = {name: number - 1 if number else None for number, name in enumerate(views)}
    order = sorted(views)  # operands before results
    arguments: list[str] = []
    for base in order:
        arguments.append(at(base, terms(loops, "i", places[base])))
        arguments += map(str, views[base].strides[count:])
    arguments += map(str, routine.parameters)
    pointers = [f"{'const ' if base.startswith('x') else ''}unsigned char *{base}" for base in order]
    call = f"{routine.function}_{suffix(routine.operands[0].element)}({', '.join(arguments)});"
    return "\n".join(
        [
            f"static EC_NOINLINE void {name}({', '.join(pointers)}) {{",
            *open_loops(loops, "i", 1),
            "  " * (1 + len(loops)) + call,
            *close_loops(len(loops), 1),
            "}",
        ]
    )
