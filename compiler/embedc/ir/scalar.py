"""Scalar programs: the bodies of maps, reductions and epilogues, as straight-line SSA over typed scalars."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from embedc.ir.types import BF16, BOOL, F16, F32, F64, I32, I64, U16, U32, U64, Array, Element


@dataclass(frozen=True)
class ScalarOp:
    """A scalar operator: its numpy meaning, its C spelling and its vector word (kernels/README.md).

    `c` has {0}, {1}, … for operands and {e} for the element's name; `integer` is the spelling for integers where another
    one is needed. `word` is the ec_v name without suffix or None. `result` is the element of the result where that is not the
    operands'. `exact` marks results that IEEE 754 fixes, so that they may be folded on any host; those of integers always are.
    `raw` operators see the bits of their operand, so that it is narrowed to its own type before. `operands` are the elements
    of an operator that takes just these; others take operands of one type.
    """

    name: str
    arity: int
    numpy: Callable[..., Any]
    c: str
    word: str | None = None
    result: Element | None = None
    exact: bool = True
    integer: str | None = None
    raw: bool = False
    operands: tuple[Element, ...] = ()

    def accepts(self, elements: Sequence[Element]) -> bool:
        """True for operands of these types; a selection's first one is a truth value."""
        if self.operands:
            return tuple(elements) == self.operands
        alike = elements[1:] if self.name == "select" else elements
        truth = self.name != "select" or elements[0] == BOOL
        return len(elements) == self.arity and len(set(alike)) == 1 and truth

    @property
    def compares(self) -> bool:
        """True if the result is a truth value."""
        return self.result == BOOL


def _divide(a: Array, b: Array) -> Array:
    """C division: integers truncate towards zero; over zero they give zero."""
    if np.issubdtype(a.dtype, np.integer):
        quotient = a // b
        return (quotient + ((quotient < 0) & (quotient * b != a))).astype(a.dtype)
    return a / b


def _power(a: Array, b: Array) -> Array:
    """Integers wrap around; a negative exponent gives 0 but for 1 and -1."""
    if not np.issubdtype(a.dtype, np.integer):
        return np.power(a, b)
    odd = np.where(b % 2 != 0, a, np.ones_like(a))
    inverse = np.where(np.abs(a) == 1, odd, np.zeros_like(a))
    return np.where(b < 0, inverse, np.power(a, np.where(b < 0, np.zeros_like(b), b)))


def _bits(to: Element) -> Callable[[Array], Array]:
    return lambda a: np.array(a, order="C").view(to.dtype)


def _minimum(a: Array, b: Array) -> Array:
    """The lesser one, NaN if either is; which zero wins is fixed here, while numpy leaves it to the host's vector unit."""
    return np.where((a < b) | (a != a), a, b)  # noqa: PLR0124 - NaN


def _maximum(a: Array, b: Array) -> Array:
    return np.where((a > b) | (a != a), a, b)  # noqa: PLR0124 - NaN


def _sigmoid(a: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-a))


def _erf(a: Array) -> Array:
    return np.vectorize(math.erf, otypes=[np.float64])(a)


def _rescale(a: Array, scale: Array) -> Array:
    """round-half-even(a scale) in integers, |a| < 2^38, scale as m 2^-s with 24 bits of m; clamped to i32 (ec_rescale.h)."""
    fraction, exponent = np.frexp(np.asarray(scale, np.float64))
    product = np.asarray(a).astype(np.int64) * np.ldexp(fraction, 24).astype(np.int64)
    shift = np.asarray(24 - exponent).astype(np.int64)
    right = np.clip(shift, 1, 63)
    rounded = (product + ((np.int64(1) << (right - 1)) - 1) + ((product >> right) & 1)) >> right
    grown = np.clip(product, -(2**32), 2**32) << np.clip(-shift, 0, 8)
    return np.clip(np.where(shift > 0, rounded, grown), -(2**31), 2**31 - 1)


_LIBM = {
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "sin": np.sin,
    "cos": np.cos,
}

SCALAR_OPS: dict[str, ScalarOp] = {
    op.name: op
    for op in (
        ScalarOp("add", 2, np.add, "{0} + {1}", "add", integer="ec_add_{e}({0}, {1})"),
        ScalarOp("sub", 2, np.subtract, "{0} - {1}", "sub", integer="ec_sub_{e}({0}, {1})"),
        ScalarOp("mul", 2, np.multiply, "{0} * {1}", "mul", integer="ec_mul_{e}({0}, {1})"),
        ScalarOp("div", 2, _divide, "{0} / {1}", "div", integer="ec_div_{e}({0}, {1})"),
        ScalarOp("rem", 2, np.fmod, "ec_rem_{e}({0}, {1})"),
        ScalarOp("min", 2, _minimum, "ec_min_{e}({0}, {1})", "min"),
        ScalarOp("max", 2, _maximum, "ec_max_{e}({0}, {1})", "max"),
        ScalarOp("neg", 1, np.negative, "-{0}", "neg", integer="ec_neg_{e}({0})"),
        ScalarOp("abs", 1, np.abs, "ec_abs_{e}({0})", "abs"),
        ScalarOp("sqrt", 1, np.sqrt, "ec_sqrt_{e}({0})", "sqrt"),
        ScalarOp("floor", 1, np.floor, "ec_floor_{e}({0})", "floor"),
        ScalarOp("ceil", 1, np.ceil, "ec_ceil_{e}({0})", "ceil"),
        ScalarOp("round", 1, np.rint, "ec_round_{e}({0})", "round"),
        ScalarOp("exp", 1, np.exp, "ec_exp_{e}({0})", "exp", exact=False),
        ScalarOp("log", 1, np.log, "ec_log_{e}({0})", "log", exact=False),
        ScalarOp("tanh", 1, np.tanh, "ec_tanh_{e}({0})", "tanh", exact=False),
        ScalarOp("sigmoid", 1, _sigmoid, "ec_sigmoid_{e}({0})", "sigmoid", exact=False),
        ScalarOp("erf", 1, _erf, "ec_erf_{e}({0})", "erf", exact=False),
        ScalarOp("pow", 2, _power, "ec_pow_{e}({0}, {1})", exact=False),
        *(ScalarOp(name, 1, function, f"ec_{name}_{{e}}({{0}})", exact=False) for name, function in _LIBM.items()),
        ScalarOp("lt", 2, np.less, "{0} < {1}", "lt", BOOL),
        ScalarOp("le", 2, np.less_equal, "{0} <= {1}", "le", BOOL),
        ScalarOp("eq", 2, np.equal, "{0} == {1}", "eq", BOOL),
        ScalarOp("and", 2, np.logical_and, "{0} && {1}", "and", BOOL),
        ScalarOp("or", 2, np.logical_or, "{0} || {1}", "or", BOOL),
        ScalarOp("not", 1, np.logical_not, "!{0}", "not", BOOL),
        ScalarOp("select", 3, np.where, "{0} ? {1} : {2}", "select"),
        ScalarOp("bit_and", 2, np.bitwise_and, "{0} & {1}"),
        ScalarOp("bit_or", 2, np.bitwise_or, "{0} | {1}"),
        ScalarOp("bit_xor", 2, np.bitwise_xor, "{0} ^ {1}"),
        ScalarOp("bit_not", 1, np.bitwise_not, "~{0}"),
        ScalarOp("shl", 2, np.left_shift, "ec_shl_{e}({0}, {1})"),
        ScalarOp("shr", 2, np.right_shift, "ec_shr_{e}({0}, {1})"),
        ScalarOp("rescale", 2, _rescale, "ec_rescale_i32({0}, {1})", result=I32, operands=(I32, F32)),
        ScalarOp("rescale_wide", 2, _rescale, "ec_rescale_i64({0}, {1})", result=I32, operands=(I64, F32)),
        *(
            ScalarOp(f"bits_{to}", 1, _bits(to), f"ec_bits_{to}_{{e}}({{0}})", result=to, raw=True)
            for to in (F16, BF16, F32, F64, U16, U32, U64)
        ),
    )
}


@dataclass(frozen=True)
class ScalarNode:
    """One step: `op` is a ScalarOp's name, "const" (with `value`) or "cast" (to `element`)."""

    op: str
    args: tuple[int, ...]
    element: Element
    value: float | int | None = None


@dataclass(frozen=True)
class ScalarProgram:
    """Inputs are numbered 0…k-1, nodes follow; `result` is the number of the value it yields."""

    inputs: tuple[Element, ...]
    nodes: tuple[ScalarNode, ...]
    result: int

    def element(self, index: int) -> Element:
        """The element type of value `index`."""
        k = len(self.inputs)
        return self.inputs[index] if index < k else self.nodes[index - k].element

    @cached_property
    def result_element(self) -> Element:
        return self.element(self.result)

    @property
    def is_identity(self) -> bool:
        """True if the program yields its first input unchanged."""
        return self.result == 0

    @property
    def is_exact(self) -> bool:
        """True if every host computes the same bits."""
        return all(n.op in ("const", "cast") or SCALAR_OPS[n.op].exact or n.element.is_integer for n in self.nodes)

    @property
    def rounds(self) -> bool:
        """True if floats become whole numbers on the way, so that a last bit can become a whole unit."""
        return any(makes_whole(n.op, n.element, [self.element(a) for a in n.args]) for n in self.nodes)

    def evaluate(self, arrays: Sequence[Array], wide: bool = True) -> Array:
        """The program over broadcast numpy arrays.

        When `wide`, floats are computed in f64 and rounded once at the end, unless the program itself rounds.
        """
        wide = wide and not self.rounds
        values: list[Array] = [_widen(a, e) if wide else a for a, e in zip(arrays, self.inputs, strict=True)]
        with np.errstate(all="ignore"):
            for node in self.nodes:
                values.append(self._step(node, [values[a] for a in node.args], wide))
            return np.asarray(values[self.result]).astype(self.result_element.dtype)

    def _step(self, node: ScalarNode, args: list[Array], wide: bool) -> Array:
        dtype = np.dtype(np.float64) if wide and node.element.is_float else node.element.dtype
        if node.op == "const":
            return np.asarray(node.value, dtype)
        sources = [self.element(a) for a in node.args]
        if node.op == "cast":
            return _converted(args[0], sources[0], node.element).astype(dtype)
        declared = SCALAR_OPS[node.op]
        if declared.raw:
            args = [a.astype(e.dtype) for a, e in zip(args, sources, strict=True)]
        return np.asarray(declared.numpy(*args)).astype(dtype)

    def __str__(self) -> str:
        names = [f"x{i}" for i in range(len(self.inputs))]
        steps: list[str] = []
        for number, node in enumerate(self.nodes):
            names.append(f"t{number}")
            inside = (
                format_number(node.value, node.element)
                if node.op == "const"
                else ", ".join(names[a] for a in node.args)
            )
            steps.append(f"t{number} = {node.op}({inside}) : {node.element}; ")
        inputs = ", ".join(f"x{i} : {e}" for i, e in enumerate(self.inputs))
        return f"({inputs}) {{ {''.join(steps)}{names[self.result]} }}"


def makes_whole(op: str, element: Element, operands: Sequence[Element]) -> bool:
    """True if a step makes whole numbers of floats: a last bit in what it reads can then become a whole unit."""
    return op in ("round", "floor", "ceil") or (op == "cast" and operands[0].is_float and not element.is_float)


def _widen(array: Array, element: Element) -> Array:
    return array.astype(np.float64) if element.is_float else array


def _converted(array: Array, source: Element, target: Element) -> Array:
    """Floats to integers are clamped, NaN becomes 0; floats to narrower ones are rounded; integers drop bits.

    To less than a byte floats go by way of i32, as ONNX has it.
    """
    if target.is_integer and target.bits < 8:
        whole = _converted(array, source, I32) if source.is_float else array.astype(np.int64)
        low, sign = whole & ((1 << target.bits) - 1), -target.limits[0]
        return ((low ^ sign) - sign).astype(target.dtype)
    if source.is_float and target.is_integer:
        limits = np.iinfo(target.dtype)
        inside = (array > float(limits.min)) & (array < float(limits.max))
        ends = np.where(array > 0, limits.max, np.where(array < 0, limits.min, 0)).astype(target.dtype)
        return np.where(inside, np.where(inside, array, 0).astype(target.dtype), ends)
    if target.is_stored or (target.is_float and target.precision < source.precision):
        return array.astype(target.dtype)
    return array if target.is_float else array.astype(target.dtype)


def format_number(value: float | int | None, element: Element) -> str:
    """A number that reads back to the same bits: hexadecimal floats, `nan`, `inf`, decimal integers."""
    if value is None:
        return "missing"
    return format_float(float(value)) if element.is_float else str(int(value))


def format_float(value: float) -> str:
    """A hexadecimal float without trailing zeros, `nan`, `inf` or `-inf`."""
    if not math.isfinite(value):
        return str(value)
    mantissa, exponent = value.hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}p{exponent}"


class ScalarBuilder:
    """Builds a ScalarProgram; equal steps are shared."""

    def __init__(self, *inputs: Element) -> None:
        self.inputs = inputs
        self.nodes: list[ScalarNode] = []
        self._numbers: dict[ScalarNode, int] = {}

    def _element(self, index: int) -> Element:
        k = len(self.inputs)
        return self.inputs[index] if index < k else self.nodes[index - k].element

    def _add(self, node: ScalarNode) -> int:
        # -0.0 == 0.0 as a dictionary key, so constants are shared only with their own sign.
        if node.value == 0 and math.copysign(1, node.value) < 0:
            self.nodes.append(node)
            return len(self.inputs) + len(self.nodes) - 1
        if node not in self._numbers:
            self.nodes.append(node)
            self._numbers[node] = len(self.inputs) + len(self.nodes) - 1
        return self._numbers[node]

    def const(self, value: float | int, element: Element) -> int:
        """A literal."""
        return self._add(ScalarNode("const", (), element, value))

    def cast(self, arg: int, element: Element) -> int:
        """`arg` converted to `element`; nothing if it is that already."""
        return arg if self._element(arg) == element else self._add(ScalarNode("cast", (arg,), element))

    def call(self, op: str, *args: int) -> int:
        """`op` applied to earlier values; TypeError where element types differ."""
        declared = SCALAR_OPS[op]
        elements = [self._element(a) for a in args]
        if not declared.accepts(elements):
            wanted = f"({', '.join(map(str, declared.operands))})" if declared.operands else "one type"
            raise TypeError(f"{op} takes {declared.arity} operands of {wanted}, got ({', '.join(map(str, elements))})")
        return self._add(ScalarNode(op, args, declared.result or elements[-1]))

    def inline(self, program: ScalarProgram, args: Sequence[int]) -> int:
        """The nodes of `program` with `args` as its inputs; returns its result."""
        numbers = list(args)
        for node in program.nodes:
            numbers.append(
                self._add(ScalarNode(node.op, tuple(numbers[a] for a in node.args), node.element, node.value))
            )
        return numbers[program.result]

    def inline_without(self, program: ScalarProgram, inputs: Mapping[int, int], skipped: Mapping[int, int]) -> int:
        """As `inline`, with `inputs` for those that are used; a step in `skipped` is replaced by another value of the program."""
        numbers = dict(inputs)
        for number, node in enumerate(program.nodes, len(program.inputs)):
            if number in skipped:
                numbers[number] = numbers[skipped[number]]
                continue
            args = tuple(numbers[a] for a in node.args)
            numbers[number] = self._add(ScalarNode(node.op, args, node.element, node.value))
        return numbers[program.result]

    def build(self, result: int) -> ScalarProgram:
        """The finished program without unused steps."""
        k = len(self.inputs)
        used = {result}
        for index in range(len(self.nodes) - 1, -1, -1):
            if index + k in used:
                used.update(self.nodes[index].args)
        numbers = {i: i for i in range(k)}
        nodes: list[ScalarNode] = []
        for index, node in enumerate(self.nodes):
            if index + k in used:
                numbers[index + k] = k + len(nodes)
                nodes.append(ScalarNode(node.op, tuple(numbers[a] for a in node.args), node.element, node.value))
        return ScalarProgram(self.inputs, tuple(nodes), numbers[result])


def unary(op: str, element: Element) -> ScalarProgram:
    """The program of one operator with one operand."""
    builder = ScalarBuilder(element)
    return builder.build(builder.call(op, 0))


def binary(op: str, element: Element) -> ScalarProgram:
    """The program of one operator with two operands."""
    builder = ScalarBuilder(element, element)
    return builder.build(builder.call(op, 0, 1))


def identity(element: Element) -> ScalarProgram:
    """Yields its input."""
    return ScalarProgram((element,), (), 0)


def clamp(element: Element, low: float | None, high: float | None) -> ScalarProgram:
    """min(max(x, low), high), either end may be open."""
    builder = ScalarBuilder(element)
    value = 0
    if low is not None:
        value = builder.call("max", value, builder.const(low, element))
    if high is not None:
        value = builder.call("min", value, builder.const(high, element))
    return builder.build(value)
