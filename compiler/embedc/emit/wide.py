"""Epilogues of integer sums in the wide words of kernels/README.md: several vectors at once, so that bytes are narrowed and stored together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from embedc.emit.scalars import VectorC, Words, lane, literal, suffix
from embedc.ir.intervals import Interval, intervals
from embedc.ir.scalar import ScalarBuilder, ScalarNode, ScalarProgram
from embedc.ir.types import I16, I32
from embedc.program.vectors import rescale_form, shift_form, shift_of

RESCALE_BITS = 0x4B400000  # EC_RESCALE_BITS
HIGH_HALF = 16  # bits in front of the one that stores take of sums that they shift


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
    words: Words = VectorC,
) -> str:
    """The functor over so many vectors; `pixels` and `channels` are addresses: of the result, and of the operands behind the sums."""
    known = intervals(program, operands)
    element = program.result_element
    store, values, clamp = suffix(element), [program.result], ""
    if element.bytes == 1 and element.is_integer:
        ending = ending_of(program, known)
        node = program.nodes[ending.value - len(program.inputs)] if ending.value >= len(program.inputs) else None
        how, values, by = "clamped", [ending.value], ""
        if node and words(known).in_floats and _is_small(program, node, known):
            how, values = "rescaled", list(node.args)
        elif node and _shift_form(program, node, known) == "shift_half" and shift_of(program, node) >= HIGH_HALF:
            shift = shift_of(program, node)
            program = _plus(program, node.args[0], 2 ** (shift - 1))
            how, values, by = "shifted", [program.result], f", {shift}"
        store = f"{how}_{store}"
        clamp = f"{by}, {ending.zero}, {ending.low}, {ending.high}"
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
        functions.append(_part(program, value, used, operands, function, words))
        calls = [f"{function}({', '.join([*(f'x{i}.v{v}' for i in used), 'EC_V_LANES'])})" for v in range(vectors)]
        names.append(f"y{k}")
        lines.append(f"  const ec_w{lane(program.element(value))} y{k} = {{{', '.join(calls)}}};")
    given = "ec_wi32 x0, ec_wchannels *kept, int loaded, const ec_epilogue *e, ptrdiff_t i, int32_t c, int32_t n"
    last = f"  ec_wstore_{store}({pixels[0]}, {', '.join(names)}{clamp}, n);"
    return "\n".join([*functions, f"EC_INLINE void {name}({given}) {{", *first, *lines, last, "}"])


def _plus(program: ScalarProgram, value: int, number: int) -> ScalarProgram:
    """A program whose result is a value of another one and a number."""
    builder = ScalarBuilder(*program.inputs)
    given = builder.inline(replace(program, result=value), range(len(program.inputs)))
    return builder.build(builder.call("add", given, builder.const(number, I32)))


def _slice(program: ScalarProgram, value: int) -> ScalarProgram:
    builder = ScalarBuilder(*program.inputs)
    return builder.build(builder.inline(replace(program, result=value), range(len(program.inputs))))


def _used(program: ScalarProgram, value: int) -> list[int]:
    part = _slice(program, value)
    read = {part.result, *(a for n in part.nodes for a in n.args)}
    return [k for k in range(len(part.inputs)) if k in read]


def _is_small(program: ScalarProgram, node: ScalarNode, known: Sequence[Interval]) -> bool:
    return node.op == "rescale" and rescale_form(program, node, known) == "rescale_small"


def _shift_form(program: ScalarProgram, node: ScalarNode, known: Sequence[Interval]) -> str:
    return shift_form(program, node, known) if node.op == "rescale" else ""


def _part(
    program: ScalarProgram, value: int, used: list[int], operands: list[Interval | None], name: str, words: Words
) -> str:
    """A value of the program for the lanes of one vector."""
    part = _slice(program, value)
    lanes = Lanes(part, words(intervals(part, operands)))
    given = [f"{lanes.words.declare(part.inputs[k])} x{k}" for k in used]
    head = f"EC_INLINE {lanes.words.declare(part.result_element)} {name}({', '.join([*given, 'int32_t n'])}) {{"
    result = lanes.value(part.result)
    return "\n".join([head, *(f"  {line}" for line in lanes.lines), f"  return {result};", "}", "", ""])


class Lanes:
    """A program in ec_v words, its integers less a constant: what adds constants costs nothing before a value itself is asked for."""

    def __init__(self, program: ScalarProgram, words: VectorC) -> None:
        self.program = program
        self.known = words.known
        self.words = words
        self.names = [f"x{k}" for k in range(len(program.inputs))]
        self.less = [0 for _ in program.inputs]
        self.lines: list[str] = []
        for number, node in enumerate(program.nodes):
            name, less = self._step(node)
            if node.op != "const" and name not in self.names:
                self.lines.append(f"const {self.words.declare(node.element)} t{number} = {name};")
                name = f"t{number}"
            self.names.append(name)
            self.less.append(less)

    def value(self, index: int) -> str:
        """The expression of a value itself."""
        less = self.less[index]
        return f"ec_vadd_i32({self.names[index]}, {_splat(less)}, n)" if less else self.names[index]

    def _step(self, node: ScalarNode) -> tuple[str, int]:
        """The expression of a step less a constant, and that constant."""
        if node.element.is_integer and node.op in ("add", "sub", "mul", "min", "max"):
            number = self._constant(node.args[1])
            if number is None and node.op != "sub" and self._constant(node.args[0]) is not None:
                return self._with_constant(node, node.args[1], self._constant(node.args[0]) or 0)
            if number is not None:
                return self._with_constant(node, node.args[0], number)
            if node.op in ("add", "sub"):
                a, b = node.args
                sign = 1 if node.op == "add" else -1
                text = f"ec_v{node.op}_i32({self.names[a]}, {self.names[b]}, n)"
                return text, _wrapped(self.less[a] + sign * self.less[b])
        if node.op == "cast" and node.element.is_integer and self.program.element(node.args[0]).is_integer:
            return self.names[node.args[0]], self.less[node.args[0]]
        if self.words.in_floats and _is_small(self.program, node, self.known):
            return f"ec_vrescale_bits_i32({self.value(node.args[0])}, {self.names[node.args[1]]}, n)", -RESCALE_BITS
        form = _shift_form(self.program, node, self.known)
        if form:
            shift, a = shift_of(self.program, node), node.args[0]
            word = "round_half" if form == "round_shift" else "shr"
            half = _splat(_wrapped(self.less[a] + 2 ** (shift - 1)))
            return f"ec_v{word}_i32(ec_vadd_i32({self.names[a]}, {half}, n), {shift}, n)", 0
        return self.words.step(node, [self.value(k) for k in range(len(self.names))], self.program), 0

    def _constant(self, index: int) -> int | None:
        first = len(self.program.inputs)
        node = self.program.nodes[index - first] if index >= first else None
        return int(node.value) if node and node.op == "const" and node.value is not None else None

    def _with_constant(self, node: ScalarNode, a: int, number: int) -> tuple[str, int]:
        """A step of which one operand is a constant number."""
        name, less = self.names[a], self.less[a]
        if node.op in ("add", "sub"):
            return name, _wrapped(less + (number if node.op == "add" else -number))
        if node.op == "mul":
            return f"ec_vmul_i32({name}, {_splat(number)}, n)", _wrapped(less * number)
        bottom, top = I32.limits
        ends = (*self.known[a], number)
        if not all(bottom <= end - less <= top for end in ends):
            name, less = self.value(a), 0
        return f"ec_v{node.op}_i32({name}, {_splat(number - less)}, n)", less


def _splat(number: int) -> str:
    return f"ec_vsplat_i32({literal(number, I32)}, n)"


def _wrapped(number: int) -> int:
    """The number of i32 that is equal modulo 2^32."""
    return (number + 2**31) % 2**32 - 2**31
