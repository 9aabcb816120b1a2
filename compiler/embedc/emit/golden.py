"""Golden values: what the generated code should compute on a pseudo-random input, every tensor shrunk to two signed sums.

A tensor of n elements x is told by s = sum(±x) with pseudo-random signs, twice: any error of its elements moves s by about
the error's norm, wherever it is. Sums of floats are rounded to four digits of the tensor's norm, so that the last bits of
the host's arithmetic do not show, and must be met within a thousandth of it; integers alone must be met exactly.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from embedc.emit.scalars import c_type
from embedc.ir.feedback import Feedback, initial_states
from embedc.ir.graph import Graph, Value
from embedc.ir.interpreter import InterpreterError, run
from embedc.ir.types import (
    BF16,
    BOOL,
    F16,
    F32,
    F64,
    I2,
    I4,
    I8,
    I16,
    I32,
    I64,
    U2,
    U4,
    U8,
    U16,
    U32,
    U64,
    Array,
    Element,
)
from embedc.ops.base import Op
from embedc.ops.control import Loop
from embedc.ops.elementwise import Const, Map, constant_of
from embedc.ops.lines import Arg, TopK
from embedc.program.program import Port, Program, View
from embedc.program.views import merge_axes

MAX_MACS = 2_000_000_000  # beyond, the interpreter would take most of the compile time
MAX_ELEMENTS = 1 << 27  # of a tensor
MAX_RUNS = 200_000
"""Most runs of operators, those in loops counted each time; loops that only their condition ends have far more."""
DIGITS = 4
TOLERANCE = 1e-3
EXACT = "0"  # the tolerance of sums of integers alone
ROUGH_TOLERANCE = 3e-2  # behind a rounding of floats: there an error of one bit may become one of a whole unit
ELEMENTS = (F16, BF16, F32, F64, I2, I4, I8, I16, I32, I64, U2, U4, U8, U16, U32, U64, BOOL)


@dataclass(frozen=True)
class Expected:
    """A tensor's sums as C literals; `extents` and `strides` (in bytes) walk it in the model's order.

    `id` is what its trace or its step is called, `nonfinite` counts infinities and NaN, which the sums leave out.
    """

    id: int
    element: Element
    extents: tuple[int, ...]
    strides: tuple[int, ...]
    sums: tuple[str, str]
    tolerance: str
    nonfinite: int


@dataclass(frozen=True)
class Golden:
    """What the self-test compares: layers in order of execution, and each output that is not empty with its number.

    `reason` says why there is nothing.
    """

    layers: tuple[Expected, ...] = ()
    outputs: tuple[tuple[int, Expected], ...] = ()
    reason: str = ""


def most_runs(graph: Graph) -> int:
    """How many operators run at most, those in loops counted for each trip."""
    trips = {op: op.trips if isinstance(op, Loop) else 1 for op in graph.ops}
    return sum(1 + count * sum(map(most_runs, op.regions.values())) for op, count in trips.items())


def golden_values(graph: Graph, program: Program, most_macs: int = MAX_MACS) -> Golden:
    """Runs the Graph from which `program` was made on the golden input."""
    macs = sum(step.layer.macs for step in program.steps)
    if macs > most_macs:
        return Golden(reason=f"{macs:,} MACs are more than the {most_macs:,} up to which golden values are computed")
    if most_runs(graph) > MAX_RUNS:
        return Golden(
            reason=f"its loops may run more than the {MAX_RUNS:,} operators up to which golden values are computed"
        )
    largest = max((v.type.size for v in (*graph.inputs, *(v for op in graph.ops for v in op.results))), default=0)
    if largest > MAX_ELEMENTS:
        return Golden(
            reason=f"a tensor of {largest:,} elements is larger than the {MAX_ELEMENTS:,} up to which golden values are computed"
        )
    ports = (*program.inputs, *program.outputs, *(state.port for state in program.states))
    odd = [p.name for p in ports if p.type.element not in ELEMENTS]
    if odd:
        return Golden(reason=f"'{odd[0]}' has elements that are not whole bytes")
    summaries: dict[Value, Summary] = {}
    exact = {value for value in exact_values(graph) if not value.type.element.is_float}
    rough = rough_values(graph)
    wanted = {trace.value for trace in program.traces} | set(graph.outputs.values())

    def watch(value: Value, array: Array) -> None:
        if value in wanted and value.type.element in ELEMENTS and array.size:
            summaries[value] = summarize(
                array, 0 if value in exact else ROUGH_TOLERANCE if value in rough else TOLERANCE
            )

    states = {state.port.name: state.output for state in program.states}
    feedback = Feedback(states, initial_states(graph, states))
    try:
        for _ in range(golden_calls(program)):
            feedback.outputs(run(graph, feedback.inputs(golden_inputs(program)), watch))
    except (InterpreterError, ArithmeticError, IndexError, ValueError) as error:
        return Golden(reason=f"the golden input does not suit the model ({error})")
    layers = [
        _expected(program.trace_id(t), t.view, summaries[t.value]) for t in program.traces if t.value in summaries
    ]
    outputs = [
        (number, _output(port, program, summaries[graph.outputs[port.name]]))
        for number, port in enumerate(program.outputs)
        if graph.outputs[port.name] in summaries
    ]
    if not outputs:
        return Golden(reason="every output is empty")
    return Golden(tuple(layers), tuple(sorted(outputs, key=lambda output: output[1].id)))


def golden_calls(program: Program) -> int:
    """Calls of the self-test, of which the last is compared: one more where state must have been kept."""
    return 2 if program.states else 1


def _output(port: Port, program: Program, summary: "Summary") -> Expected:
    writers = [number for number, step in enumerate(program.steps) if port.buffer in step.writes]
    return _expected(max(writers, default=0), port.view, summary)


def _expected(step: int, view: View, summary: "Summary") -> Expected:
    groups = merge_axes(view.shape, (view.strides,))
    extents = tuple(math.prod(view.shape[a] for a in group) for group in groups)
    strides = tuple(view.strides[group[-1]] for group in groups)
    return Expected(step, view.element, extents, strides, summary.sums, summary.tolerance, summary.nonfinite)


def exact_values(graph: Graph) -> set[Value]:
    """Values that every target computes to the same bits: integers of integers, rescaled by constants at most."""
    exact = set(graph.inputs)
    for op in graph.ops:
        if isinstance(op, Const) or (not op.regions and exact.issuperset(op.operands) and _in_integers(op)):
            exact.update(op.results)
    return exact


def _in_integers(op: Op) -> bool:
    """True if no float is computed."""
    if isinstance(op, Map):
        reals = {v.type.element.is_float for v in op.inputs if constant_of(v) is None}
        return True not in reals and all(n.op == "const" or not n.element.is_float for n in op.body.nodes)
    return not any(v.type.element.is_float for v in op.results)


def rough_values(graph: Graph) -> set[Value]:
    """Values behind a step function of floats."""
    rough: set[Value] = set()
    for op in graph.ops:
        if any(v in rough for v in op.operands) or _has_step(op):
            rough.update(op.results)
    return rough


def _has_step(op: Op) -> bool:
    """True for what rounds floats, or makes numbers of comparisons."""
    if any(value.type.element.is_stored for value in op.results):
        return True
    if isinstance(op, Arg | TopK):
        return op.x.type.element.is_float
    if not isinstance(op, Map):
        return False
    for node in op.body.nodes:
        source = op.body.element(node.args[0]) if node.args else node.element
        if source.is_float and (
            node.op in ("round", "floor", "ceil", "rem") or (node.op == "cast" and not node.element.is_float)
        ):
            return True
        if source == BOOL and node.op == "cast":
            return True
    return False


def golden_bits(first: int, count: int) -> Array:
    """16 pseudo-random bits for each number from `first` on: the finalizer of MurmurHash3, as the C code has it."""
    x = np.arange(first, first + count, dtype=np.uint32)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> shift)) * np.uint32(factor)
    return (x ^ (x >> 16)) & np.uint32(0xFFFF)


@dataclass(frozen=True)
class Draw:
    """How an input element is made from golden bits, in numpy and as C."""

    numpy: Callable[[Array], Array]
    c: str


def draw(element: Element) -> Draw:
    """Floats are multiples of 2^-15 in [-1, 1), bytes and less take every value, wider integers 0 to 3: they may be indices."""
    if element.is_float:
        kind, end = ("double", "") if element == F64 else ("float", "f")
        return Draw(lambda b: (b.astype(np.int64) - 32768) / 32768, f"({kind})((int32_t)bits - 32768) / 32768.0{end}")
    if element == BOOL:
        return Draw(lambda b: b & 1, "(uint8_t)(bits & 1u)")
    mask = (1 << element.bits) - 1 if element.bits <= 8 else 3
    low = element.limits[0] if element.bits <= 8 else 0
    if low:
        return Draw(lambda b: (b & mask).astype(np.int64) + low, f"(int8_t)((int32_t)(bits & {mask}u) - {-low})")
    return Draw(lambda b: b & mask, f"({c_type(element)})(bits & {mask}u)")


def golden_inputs(program: Program) -> dict[str, Array]:
    """The golden input; elements are numbered through all inputs, as they lie in memory."""
    arrays: dict[str, Array] = {}
    first = 0
    for port in program.inputs:
        numbers = draw(port.type.element).numpy(golden_bits(first, port.type.size))
        order = port.layout.order
        stored = numbers.astype(port.type.element.dtype).reshape([port.type.dims[axis] for axis in order])
        arrays[port.name] = stored.transpose(np.argsort(order))
        first += port.type.size
    return arrays


@dataclass(frozen=True)
class Summary:
    """Two signed sums and what they may differ by, as C literals."""

    sums: tuple[str, str]
    tolerance: str
    nonfinite: int


def summarize(array: Array, tolerance: float) -> Summary:
    """The sums of a tensor; exact where `tolerance` is 0."""
    flat = array.reshape(-1)
    bits = golden_bits(0, flat.size)
    turned = [(bits & mask).astype(np.bool_) for mask in (1, 2)]  # elements that are subtracted
    if not tolerance:
        whole = flat.astype(np.int64 if flat.itemsize <= 4 else object)
        first, second = (int(whole.sum() - 2 * whole[t].sum()) for t in turned)
        return Summary((str(first), str(second)), EXACT, 0)
    numbers = flat.astype(np.float64)
    finite = np.isfinite(numbers)
    numbers[~finite] = 0
    with np.errstate(over="raise"):  # an ArithmeticError: no golden values
        norm = math.sqrt(np.sum(numbers * numbers))
    power = math.floor(math.log10(norm)) - DIGITS + 1 if norm else -9
    unit = 10.0**power
    total = numbers.sum()
    first, second = (f"{round((total - 2 * numbers[t].sum()) / unit)}e{power}" for t in turned)
    return Summary((first, second), f"{math.ceil(norm * tolerance / unit) + 1}e{power}", int((~finite).sum()))
