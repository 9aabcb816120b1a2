"""Epilogues of integer sums in the wide words of kernels/README.md: several vectors at once, so that bytes are narrowed and stored together."""

from dataclasses import dataclass, replace

from embedc.emit.scalars import VectorC, lane, print_program, suffix
from embedc.ir.intervals import Interval, intervals
from embedc.ir.scalar import ScalarBuilder, ScalarProgram
from embedc.ir.types import I16
from embedc.program.vectors import rescale_form


@dataclass(frozen=True)
class Ending:
    """The end of a program that yields bytes: min(max(value + zero, low), high)."""

    value: int
    zero: int
    low: int
    high: int


def ending_of(program: ScalarProgram, known: list[Interval]) -> Ending:
    """All of the last steps that add or clamp by constants, if what they start from takes no more than 16 bits."""
    first = len(program.inputs)
    least, most = (int(limit) for limit in program.result_element.limits)
    index = program.result
    steps: list[tuple[str, int]] = []
    while index >= first:
        node = program.nodes[index - first]
        constants = [a for a in node.args if a >= first and program.nodes[a - first].op == "const"]
        if node.op == "cast" and program.element(node.args[0]).is_integer:
            index = node.args[0]
        elif node.op in ("add", "max", "min") and len(constants) == 1 and node.element.is_integer:
            number = program.nodes[constants[0] - first].value
            assert number is not None
            steps.append((node.op, int(number)))
            index = next(a for a in node.args if a != constants[0])
        else:
            break
    zero, low, high = 0, -(2**31), 2**31 - 1
    for op, number in reversed(steps):
        if op == "add":
            zero, low, high = zero + number, low + number, high + number
        else:
            choose = max if op == "max" else min
            low, high = choose(low, number), choose(high, number)
    (start, end), (bottom, top) = known[index], I16.limits
    if bottom <= min(start, start + zero) and max(end, end + zero) <= top:
        return Ending(index, zero, max(low, least), min(high, most))
    return Ending(program.result, 0, least, most)


def print_wide(
    program: ScalarProgram,
    operands: list[Interval | None],
    vectors: int,
    name: str,
    pixels: list[str],
    channels: list[str],
) -> str:
    """The functor over so many vectors; `pixels` and `channels` are addresses: of the result, and of the operands behind the sums."""
    known = intervals(program, operands)
    element = program.result_element
    store, values, clamp = suffix(element), [program.result], ""
    if element.bytes == 1 and element.is_integer:
        ending = ending_of(program, known)
        node = program.nodes[ending.value - len(program.inputs)] if ending.value >= len(program.inputs) else None
        rescaled = node and node.op == "rescale" and rescale_form(program, node, known) == "rescale_small"
        values = list(node.args) if node and rescaled else [ending.value]
        store = f"{'rescaled' if rescaled else 'clamped'}_{store}"
        clamp = f", {ending.zero}, {ending.low}, {ending.high}"
    functions: list[str] = []
    lines: list[str] = []
    for k, source in enumerate(pixels[1:], 1):
        kind = program.inputs[k]
        lines.append(f"  const ec_w{lane(kind)} x{k} = ec_wload_{suffix(kind)}({source}, n);")
    loads: list[str] = []
    for k, source in enumerate(channels):
        kind = program.inputs[len(pixels) + k]
        kept, value = f"kept->ch[{k}]", f"ec_wload_{suffix(kind)}({source}, n)"
        loads.append(f"    {kept} = {f'ec_wbits_i32_f32({value})' if kind.is_float else value};")
        read = f"ec_wbits_f32_i32({kept})" if kind.is_float else kept
        lines.append(f"  const ec_w{lane(kind)} x{len(pixels) + k} = {read};")
    first = ["  if (!loaded) {", *loads, "  }"] if loads else ["  (void)kept, (void)loaded;"]
    names: list[str] = []
    for k, value in enumerate(values):
        if value < len(program.inputs):
            names.append(f"x{value}")
            continue
        function, used = f"{name}_part{k}", _used(program, value)
        functions.append(_part(program, value, used, operands, function))
        calls = [f"{function}({', '.join([*(f'x{i}.v{v}' for i in used), 'EC_V_LANES'])})" for v in range(vectors)]
        names.append(f"y{k}")
        lines.append(f"  const ec_w{lane(program.element(value))} y{k} = {{{', '.join(calls)}}};")
    given = "ec_wi32 x0, ec_wchannels *kept, int loaded, const ec_epilogue *e, ptrdiff_t i, int32_t c, int32_t n"
    last = f"  ec_wstore_{store}({pixels[0]}, {', '.join(names)}{clamp}, n);"
    return "\n".join([*functions, f"EC_INLINE void {name}({given}) {{", *first, *lines, last, "}"])


def _slice(program: ScalarProgram, value: int) -> ScalarProgram:
    builder = ScalarBuilder(*program.inputs)
    return builder.build(builder.inline(replace(program, result=value), range(len(program.inputs))))


def _used(program: ScalarProgram, value: int) -> list[int]:
    part = _slice(program, value)
    read = {part.result, *(a for n in part.nodes for a in n.args)}
    return [k for k in range(len(part.inputs)) if k in read]


def _part(program: ScalarProgram, value: int, used: list[int], operands: list[Interval | None], name: str) -> str:
    """A value of the program for the lanes of one vector."""
    part = _slice(program, value)
    dialect = VectorC(intervals(part, operands))
    given = [f"{dialect.declare(part.inputs[k])} x{k}" for k in used]
    steps, result = print_program(part, [f"x{k}" for k in range(len(part.inputs))], dialect)
    head = f"EC_INLINE {dialect.declare(part.result_element)} {name}({', '.join([*given, 'int32_t n'])}) {{"
    return "\n".join([head, *(f"  {step}" for step in steps), f"  return {result};", "}", "", ""])
