"""Scalar programs as C: plain expressions, or vector words of ec_v (kernels/README.md)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from embedc.ir.intervals import Interval
from embedc.ir.scalar import SCALAR_OPS, ScalarBuilder, ScalarNode, ScalarProgram
from embedc.ir.types import BOOL, F32, F64, I8, I32, U8, Element, Encoding
from embedc.kernels.row import SATURATING
from embedc.program.vectors import SHIFTS, rescale_form, shift_of


def c_type(element: Element) -> str:
    """The C type of a variable; floats of 16 bits are computed as float."""
    if element.is_float:
        return "double" if element == F64 else "float"
    if element == BOOL:
        return "uint8_t"
    return f"{'u' if element.encoding is Encoding.UNSIGNED else ''}int{8 * element.bytes}_t"


def stored_type(element: Element) -> str:
    """The C type of one element in memory."""
    return "uint16_t" if element.is_stored else c_type(element)


def suffix(element: Element) -> str:
    """The name of an element in typed helpers (ec_load_f32)."""
    return "u8" if element == BOOL else str(replace(element, bits=8 * element.bytes))


def literal(value: float | int, element: Element) -> str:
    """A C literal that denotes exactly `value`; floats in hexadecimal unless a short decimal is exact."""
    if not element.is_float:
        text = str(int(value))
        if element.bits == 64:
            return (
                "INT64_MIN" if int(value) == -(2**63) else f"INT64_C({text})" if value < 2**63 else f"UINT64_C({text})"
            )
        return (
            "INT32_MIN" if int(value) == -(2**31) and element.bits == 32 else text + ("u" if value > 2**31 - 1 else "")
        )
    single = element != F64
    end = "f" if single else ""
    if math.isnan(value):
        return "NAN" if single else "(double)NAN"
    if math.isinf(value):
        return ("-" if value < 0 else "") + ("INFINITY" if single else "(double)INFINITY")
    if float(value) == round(value, 4) and abs(value) < 1e6:
        short = repr(float(value))
        return f"{short}{end}"
    return f"{float(value).hex()}{end}"


def spell(op: str, args: Sequence[str], element: Element) -> str:
    """The C expression of a scalar operator on operands of `element`."""
    declared = SCALAR_OPS[op]
    text = declared.integer if declared.integer and element.is_integer else declared.c
    return text.format(*args, e=suffix(element if declared.raw else element.computed))


class Dialect(Protocol):
    """How a printed program spells types and steps."""

    def declare(self, element: Element) -> str:
        """The C type of a variable."""
        ...

    def step(self, node: ScalarNode, names: Sequence[str], program: ScalarProgram) -> str:
        """The expression of one step over the names of all earlier values."""
        ...


class ScalarC:
    """One element at a time in plain C; `known` are intervals of the program's values."""

    def __init__(self, known: Sequence[Interval] = ()) -> None:
        self.known = known

    def declare(self, element: Element) -> str:
        return c_type(element)

    def step(self, node: ScalarNode, names: Sequence[str], program: ScalarProgram) -> str:
        if node.op == "const":
            assert node.value is not None
            text = literal(node.value, node.element)
            return f"({text})" if text.startswith("-") else text
        args = [names[a] for a in node.args]
        if node.op == "cast":
            return self._cast(args[0], program.element(node.args[0]), node.element)
        if node.op == "rescale" and self.known:
            form = rescale_form(program, node, self.known)
            if form in SHIFTS:
                return f"ec_{form}_i32({args[0]}, {shift_of(program, node)})"
            if form != "rescale":
                return f"ec_{form}_i32({', '.join(args)})"
        text = spell(node.op, args, program.element(node.args[-1]))
        narrow = not node.element.is_float and not text.startswith("ec_")
        return f"({c_type(node.element)})({text})" if narrow else text

    @staticmethod
    def _cast(value: str, source: Element, target: Element) -> str:
        if target == BOOL:
            return f"(uint8_t)({value} != 0)"
        if target.is_integer and target.bits < 8:
            return _dropped(ScalarC._cast(value, source, I32) if source.is_float else value, target)
        if source.is_float and target.is_integer:
            return f"ec_{suffix(target)}_from_{suffix(source.computed)}({value})"
        if not target.is_stored:
            return value if source.computed == target else f"({c_type(target)}){value}"
        wide = source.computed if source.is_float else F32
        return f"ec_round_{suffix(target)}_{suffix(wide)}({value if source.is_float else f'(float){value}'})"


def _dropped(value: str, target: Element) -> str:
    """The low bits of an integer as a number of fewer bits than a byte has."""
    low = f"((uint32_t){value} & {(1 << target.bits) - 1}u)"
    if target.encoding is Encoding.UNSIGNED:
        return f"(uint8_t){low}"
    sign = 1 << target.bits - 1
    return f"(int8_t)((int32_t)({low} ^ {sign}u) - {sign})"


class VectorC:
    """ec_v words over `n` active lanes of f32 and i32, which hold smaller integers too; comparisons as masks.

    `known` are intervals of the program's values, which choose the faster one of equal words. `in_floats`: small sums are
    rescaled by a fused multiply-add.
    """

    in_floats = True

    def __init__(self, known: Sequence[Interval] = ()) -> None:
        self.known = known

    def declare(self, element: Element) -> str:
        return "ec_vm32" if element == BOOL else f"ec_v{lane(element)}"

    def step(self, node: ScalarNode, names: Sequence[str], program: ScalarProgram) -> str:
        if node.op == "const":
            assert node.value is not None
            wide = F32 if node.element.is_float else I32
            return f"ec_vsplat_{wide}({literal(node.value, wide)}, n)"
        args = [names[a] for a in node.args]
        sources = [program.element(a) for a in node.args]
        if node.op == "cast":
            return self._cast(args[0], sources[0], node.element)
        word = SCALAR_OPS[node.op].word
        if node.op == "rescale":
            return self.rescale(node, args, program)
        if node.op in ("max", "min") and sources[0].is_float:
            fixed = [a for a in node.args if _is_number(program, a)]
            if fixed:
                other = next(a for a in node.args if a != fixed[0] or node.args.count(a) == 2)
                word, args = f"clamp{'min' if node.op == 'max' else 'max'}", [names[other], names[fixed[0]]]
        kind = "m32" if node.op in ("and", "or", "not") else lane(sources[-1])
        return f"ec_v{word}_{kind}({', '.join(args)}, n)"

    def rescale(self, node: ScalarNode, args: Sequence[str], program: ScalarProgram) -> str:
        """The word for what is known of a rescale's operands."""
        word = rescale_form(program, node, self.known) if self.known else "rescale"
        by = str(shift_of(program, node)) if word in SHIFTS else args[1]
        return f"ec_v{word}_i32({args[0]}, {by}, n)"

    @staticmethod
    def _cast(value: str, source: Element, target: Element) -> str:
        """Between integers nothing happens: what is cast is known to fit. Floats are whole numbers; NaN becomes 0."""
        if source.is_float == target.is_float:
            return value
        if target.is_float:
            return f"ec_vcvt_f32_i32({value}, n)"
        return f"ec_vselect_i32(ec_veq_f32({value}, {value}, n), ec_vcvt_i32_f32({value}, n), ec_vsplat_i32(0, n), n)"


Words = Callable[[Sequence[Interval]], VectorC]
"""A vocabulary, for a program of whose values so much is known."""


def lane(element: Element) -> str:
    """The type of a lane that holds an element."""
    return "f32" if element.is_float else "i32"


def _is_number(program: ScalarProgram, index: int) -> bool:
    """True for constants that are not NaN."""
    k = len(program.inputs)
    value = program.nodes[index - k].value if index >= k and program.nodes[index - k].op == "const" else None
    return value is not None and not math.isnan(value)


def stored(program: ScalarProgram, isa: str) -> ScalarProgram:
    """The program without those clamps of its result that the ISA's stores of bytes do."""
    element, first, index = program.result_element, len(program.inputs), program.result
    if isa not in SATURATING or element not in (U8, I8):
        return program
    least, most = element.limits
    limits = {"max": least, "min": most}
    while index >= first:
        node = program.nodes[index - first]
        inner = next((a for a in node.args if not _is_constant(program, a)), first)
        known = [program.nodes[a - first].value for a in node.args if _is_constant(program, a)]
        widens = node.op == "cast" and program.element(node.args[0]).is_integer
        if not node.element.is_integer or not (widens or known == [limits.get(str(node.op))]):
            break
        index = inner
    builder = ScalarBuilder(*program.inputs)
    return builder.build(builder.inline(replace(program, result=index), range(first)))


def _is_constant(program: ScalarProgram, index: int) -> bool:
    first = len(program.inputs)
    return index >= first and program.nodes[index - first].op == "const"


def print_program(program: ScalarProgram, inputs: Sequence[str], dialect: Dialect) -> tuple[list[str], str]:
    """Declarations for every step, and the expression of the result; constants are written where they are used."""
    names = list(inputs)
    lines: list[str] = []
    for number, node in enumerate(program.nodes):
        text = dialect.step(node, names, program)
        if node.op == "const":
            names.append(text)
            continue
        names.append(f"t{number}")
        lines.append(f"const {dialect.declare(node.element)} t{number} = {text};")
    return lines, names[program.result]
