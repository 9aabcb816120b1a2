"""Scalar programs: the bodies of maps, reductions and epilogues, as straight-line SSA over typed scalars."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from embedc.ir.types import BOOL, Array, Element


@dataclass(frozen=True)
class ScalarOp:
    """A scalar operator: its numpy meaning, its C spelling and its vector word (kernels/README.md).

    `c` has {0}, {1}, … for operands and {e} for the element's name; `word` is the ec_v name without suffix or None.
    `exact` marks results that IEEE 754 fixes, so that they may be folded on any host.
    """

    name: str
    arity: int
    numpy: Callable[..., Any]
    c: str
    word: str | None = None
    compares: bool = False
    exact: bool = True


def _divide(a: Array, b: Array) -> Array:
    """C division: integers truncate towards zero."""
    if np.issubdtype(a.dtype, np.integer):
        quotient = np.abs(a) // np.where(b == 0, 1, np.abs(b))
        return (quotient * np.sign(a) * np.sign(b)).astype(a.dtype)
    return a / b


def _minimum(a: Array, b: Array) -> Array:
    """The lesser one, NaN if either is; which zero wins is fixed here, while numpy leaves it to the host's vector unit."""
    return np.where((a < b) | (a != a), a, b)  # noqa: PLR0124 - NaN


def _maximum(a: Array, b: Array) -> Array:
    return np.where((a > b) | (a != a), a, b)  # noqa: PLR0124 - NaN


def _sigmoid(a: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-a))


def _erf(a: Array) -> Array:
    return np.vectorize(math.erf, otypes=[np.float64])(a)


SCALAR_OPS: dict[str, ScalarOp] = {
    op.name: op
    for op in (
        ScalarOp("add", 2, np.add, "{0} + {1}", "add"),
        ScalarOp("sub", 2, np.subtract, "{0} - {1}", "sub"),
        ScalarOp("mul", 2, np.multiply, "{0} * {1}", "mul"),
        ScalarOp("div", 2, _divide, "{0} / {1}", "div"),
        ScalarOp("min", 2, _minimum, "ec_min_{e}({0}, {1})", "min"),
        ScalarOp("max", 2, _maximum, "ec_max_{e}({0}, {1})", "max"),
        ScalarOp("neg", 1, np.negative, "-{0}", "neg"),
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
        ScalarOp("pow", 2, np.power, "ec_pow_{e}({0}, {1})", exact=False),
        ScalarOp("sin", 1, np.sin, "ec_sin_{e}({0})", exact=False),
        ScalarOp("cos", 1, np.cos, "ec_cos_{e}({0})", exact=False),
        ScalarOp("lt", 2, np.less, "{0} < {1}", "lt", compares=True),
        ScalarOp("le", 2, np.less_equal, "{0} <= {1}", "le", compares=True),
        ScalarOp("eq", 2, np.equal, "{0} == {1}", "eq", compares=True),
        ScalarOp("and", 2, np.logical_and, "{0} && {1}", "and", compares=True),
        ScalarOp("or", 2, np.logical_or, "{0} || {1}", "or", compares=True),
        ScalarOp("not", 1, np.logical_not, "!{0}", "not", compares=True),
        ScalarOp("select", 3, np.where, "{0} ? {1} : {2}", "select"),
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
        return all(n.op in ("const", "cast") or SCALAR_OPS[n.op].exact for n in self.nodes)

    def evaluate(self, arrays: Sequence[Array], wide: bool = True) -> Array:
        """The program over broadcast numpy arrays; floats are computed in f64 when `wide`, and rounded once at the end."""
        values: list[Array] = [_widen(a, e) if wide else a for a, e in zip(arrays, self.inputs, strict=True)]
        with np.errstate(all="ignore"):
            for node in self.nodes:
                values.append(_evaluate_node(node, [values[a] for a in node.args], wide))
            return np.asarray(values[self.result]).astype(self.result_element.dtype)

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


def _widen(array: Array, element: Element) -> Array:
    return array.astype(np.float64) if element.is_float else array


def _evaluate_node(node: ScalarNode, args: list[Array], wide: bool) -> Array:
    dtype = np.dtype(np.float64) if wide and node.element.is_float else node.element.dtype
    if node.op == "const":
        return np.asarray(node.value, dtype)
    if node.op == "cast":
        return args[0].astype(dtype)
    return np.asarray(SCALAR_OPS[node.op].numpy(*args)).astype(dtype)


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
        operands = elements[1:] if op == "select" else elements
        if len(args) != declared.arity or len(set(operands)) > 1:
            raise TypeError(f"{op} takes {declared.arity} operands of one type, got ({', '.join(map(str, elements))})")
        return self._add(ScalarNode(op, args, BOOL if declared.compares else operands[0]))

    def inline(self, program: ScalarProgram, args: Sequence[int]) -> int:
        """The nodes of `program` with `args` as its inputs; returns its result."""
        numbers = list(args)
        for node in program.nodes:
            numbers.append(
                self._add(ScalarNode(node.op, tuple(numbers[a] for a in node.args), node.element, node.value))
            )
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
