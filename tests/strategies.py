"""Random graphs and scalar programs for hypothesis: small shapes, every operator and every attribute.

One builder per operator class; `test_strategies` fails for an operator without one.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from embedc.ir.graph import NOWHERE, Graph, Origin, Value, collect
from embedc.ir.scalar import SCALAR_OPS, ScalarBuilder, ScalarProgram, binary, clamp
from embedc.ir.types import BOOL, F32, F64, I8, I16, I32, I64, U8, U32, Array, Element, TensorType
from embedc.ops.base import Op, TypeMismatch
from embedc.ops.control import If, Loop
from embedc.ops.elementwise import Const, Map, Reduce, Reduction, constant, splat
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape, Scatter, Update, transpose
from embedc.ops.lines import Arg, Cumulate, Extreme, TopK
from embedc.ops.matrix import Det
from embedc.ops.quantized import Dequantize, Quantize
from embedc.ops.sampling import Method, Outside, Sample
from embedc.ops.window import Contract, Conv, Window, WindowKind
from tests.random_regions import random_if, random_loop

ELEMENTS = (*[F32] * 12, *[I32] * 3, F64, F64, I8, U8, I64, U32)
Draw = Callable[[st.SearchStrategy[Any]], Any]
T = TypeVar("T")
LARGEST = 2000


class Growing:
    """A graph that grows by drawn operators; draws values that exist and makes new ones."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.inputs: list[Value] = []
        self.values: list[Value] = []
        self.random = np.random.default_rng(self.integer(0, 1 << 30))

    def integer(self, low: int, high: int) -> int:
        return self.draw(st.sampled_from(range(low, high + 1)) if high - low < 100 else st.integers(low, high))

    def choose(self, items: Sequence[T]) -> T:
        return items[self.integer(0, len(items) - 1)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        return self.draw(st.permutations(items))

    def often(self, percent: int) -> bool:
        return self.integer(0, 99) < percent

    def shape(self, rank: int, most: int = 5) -> tuple[int, ...]:
        return tuple(self.integer(1, most) for _ in range(rank))

    def array(self, shape: Sequence[int], element: Element) -> Array:
        return random_array(self.random, shape, element)

    def origin(self) -> Origin:
        number = len(self.values)
        if self.often(10):
            return NOWHERE
        return Origin(self.choose([f"node{number}", 'a/b "c"', ""]), "Fuzz", self.choose([f"t{number}", "same", "ü:0"]))

    def input(self, shape: Sequence[int], element: Element) -> Value:
        value = Value(TensorType(element, tuple(shape)), f"x{len(self.inputs)}")
        self.inputs.append(value)
        return value

    def leaf(self, shape: Sequence[int], element: Element) -> Value:
        """An input, a constant or a splat."""
        kind = self.integer(0, 5)
        if kind < 2 and len(self.inputs) < 4:
            return self.input(shape, element)
        if kind < 5:
            return self.constant(shape, element)
        return splat(self.array((), element).item(), TensorType(element, tuple(shape)), self.origin())

    def constant(self, shape: Sequence[int], element: Element) -> Value:
        return constant(self.array(shape, element), self.origin())

    def value(self, ranks: Sequence[int] = (1, 2, 3, 4), elements: Sequence[Element] = ELEMENTS) -> Value:
        """A value that exists, mostly the last one, or a new input."""
        fitting = [v for v in self.values if v.type.rank in ranks and v.type.element in elements]
        if fitting and self.often(90):
            return fitting[-1] if self.often(70) else self.choose(fitting)
        return self.input(self.shape(self.choose(ranks)), self.choose(elements))

    def like(self, value: Value) -> Value:
        """A value of the same element type that broadcasts with `value` without growing it."""
        fitting = [v for v in self.values if v.type == value.type]
        if fitting and self.often(60):
            return self.choose(fitting)
        kept = self.integer(0, value.type.rank)
        shape = tuple(1 if self.often(40) else n for n in value.type.dims[value.type.rank - kept :])
        return self.leaf(shape, value.type.element)


def examples(strategy: st.SearchStrategy[T], number: int, count: int) -> list[T]:
    """`count` examples that are the same every time; the first that hypothesis draws is the simplest of all, and left out."""
    found: list[T] = []

    @seed(number)
    @settings(
        max_examples=count + 1,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(strategy)
    def keep(example: T) -> None:
        found.append(example)

    keep()
    return found[1:]


def random_array(random: np.random.Generator, shape: Sequence[int], element: Element) -> Array:
    """Normal floats, small integers."""
    if element.is_float:
        return random.standard_normal(tuple(shape)).astype(element.dtype)
    if element == BOOL:
        return random.integers(0, 2, tuple(shape)).astype(np.bool_)
    return random.integers(0 if element.encoding == "u" else -8, 9, tuple(shape)).astype(element.dtype)


def random_inputs(graph: Graph, seed: int = 0) -> dict[str, Array]:
    """An array for every input."""
    random = np.random.default_rng(seed)
    return {v.name: random_array(random, v.type.dims, v.type.element) for v in graph.inputs}


def _const(grow: Growing) -> Op | None:
    return grow.constant(grow.shape(grow.integer(0, 3)), grow.choose([F32, I32])).producer


def _map(grow: Growing) -> Op:
    first = grow.value()
    if first.type.rank > 1 and first.type.element.is_float and grow.often(40):
        return _channelwise(grow, first)
    inputs = (first, *(grow.like(first) for _ in range(grow.integer(0, 2))))
    return Map(inputs, scalar_program(grow, len(inputs), first.type.element), origin=grow.origin())


def _channelwise(grow: Growing, x: Value) -> Op:
    """What a bias, a batch normalization or an activation looks like."""
    if grow.often(30):
        return Map((x,), clamp(x.type.element, 0.0, grow.choose([None, 6.0])), origin=grow.origin())
    axis = grow.choose([1, x.type.rank - 1])
    shape = [n if a == axis else 1 for a, n in enumerate(x.type.dims)][grow.integer(0, axis) :]
    values = grow.array(shape, x.type.element)
    op = grow.choose(["add", "mul", "sub", "div"])
    values = np.where(np.abs(values) < 0.25, values.dtype.type(0.5), values) if op == "div" else values
    inputs = (x, constant(values, grow.origin()))
    return Map(
        inputs if op == "div" or grow.often(70) else inputs[::-1], binary(op, x.type.element), origin=grow.origin()
    )


def _reduce(grow: Growing) -> Op:
    x = grow.value()
    axes = tuple(a for a in range(x.type.rank) if grow.often(30))
    return Reduce(x, grow.choose(list(Reduction)), axes, origin=grow.origin())


def _reshape(grow: Growing) -> Op:
    x = grow.value()
    rest, shape = x.type.size, list[int]()
    while rest > 1 and len(shape) < 4:
        factor = grow.choose([f for f in range(1, rest + 1) if rest % f == 0])
        shape.append(factor)
        rest //= factor
    if rest > 1:
        shape.append(rest)
    return Reshape(x, tuple(shape), origin=grow.origin())


def _index(grow: Growing) -> Op:
    x = grow.value()
    rank = x.type.rank
    if grow.often(40):
        order = grow.shuffled(range(rank))
        shape = tuple(x.type.dims[a] for a in order)
        return Index(x, shape, tuple(order), (0,) * rank, (1,) * rank, origin=grow.origin())
    shape, source, step, start = list[int](), list[int](), list[int](), [0] * rank
    for axis in grow.shuffled(range(rank)):
        extent = x.type.dims[axis]
        if grow.often(15):  # a repeated axis, or one of extent 1
            shape.append(grow.integer(1, 3))
            source.append(-1)
            step.append(1)
        if grow.often(15):  # selected and dropped
            start[axis] = grow.integer(0, extent - 1)
            continue
        stride = grow.choose([1, 1, 1, 2, -1, -2])
        length = grow.integer(1, (extent - 1) // abs(stride) + 1)
        slack = extent - 1 - (length - 1) * abs(stride)
        start[axis] = grow.integer(0, slack) + (0 if stride > 0 else (length - 1) * -stride)
        shape.append(length)
        source.append(axis)
        step.append(stride)
    return Index(x, tuple(shape), tuple(source), tuple(start), tuple(step), origin=grow.origin())


def _pad(grow: Growing) -> Op:
    x = grow.value()
    before, after = ([grow.choose([0, 0, 1, 2, -1]) for _ in range(x.type.rank)] for _ in range(2))
    value = grow.choose([0.0, 0.0, 1.0, 3.0 if x.type.element.encoding == "u" else -2.0, 5.0])
    value = float("-inf") if x.type.element.is_float and value == 5.0 else value
    return Pad(x, tuple(before), tuple(after), value, origin=grow.origin())


def _concat(grow: Growing) -> Op:
    x = grow.value()
    axis = grow.integer(0, x.type.rank - 1)
    parts = [x]
    for _ in range(grow.integer(0, 2)):
        shape = list(x.type.dims)
        shape[axis] = grow.integer(1, 3)
        same = [v for v in grow.values if v.type.dims == tuple(shape) and v.type.element == x.type.element]
        parts.append(grow.choose(same) if same and grow.often(60) else grow.leaf(shape, x.type.element))
    return Concat(tuple(grow.shuffled(parts)), axis, origin=grow.origin())


def _gather(grow: Growing) -> Op:
    x = grow.value()
    axis = grow.integer(0, x.type.rank - 1)
    shape = grow.shape(grow.integer(0, 2), 3)
    return Gather(x, _indices(grow, shape, x.type.dims[axis], (I8, I32, I64)), axis, origin=grow.origin())


def _indices(grow: Growing, shape: Sequence[int], extent: int, elements: Sequence[Element] = (I32, I64)) -> Value:
    """Constants in range, from the end too; or an input, whose small numbers may lie outside."""
    element = grow.choose(elements)
    if grow.often(30) and len(grow.inputs) < 4:
        return grow.input(shape, element)
    indices = grow.random.integers(-extent, extent, shape)
    if grow.often(40):
        indices = np.full(shape, grow.integer(0, extent - 1))
    return constant(indices.astype(element.dtype), NOWHERE)


def _scatter(grow: Growing) -> Op:
    x = grow.value()
    axis = grow.integer(0, x.type.rank - 1)
    indices = _indices(grow, grow.shape(grow.integer(0, 2), 4), x.type.dims[axis])
    shape = (*x.type.dims[:axis], *indices.type.dims, *x.type.dims[axis + 1 :])
    same = [v for v in grow.values if v.type.dims == shape and v.type.element == x.type.element]
    updates = grow.choose(same) if same and grow.often(60) else grow.leaf(shape, x.type.element)
    return Scatter(x, indices, updates, axis, grow.choose(list(Update)), origin=grow.origin())


def _conv(grow: Growing) -> Op:
    x = grow.value((3, 4))
    spatial = x.type.rank - 2
    channels = x.type.dims[1]
    groups = grow.choose([1, 1, *(g for g in range(1, channels + 1) if channels % g == 0)])
    kernel = grow.shape(spatial, 3)
    element, x_zero = _weights_and_zero(grow, x)
    w = grow.constant((groups * grow.integer(1, 2), channels // groups, *kernel), element)
    pads = tuple((grow.integer(0, 2), grow.integer(0, 2)) if grow.often(60) else (0, 0) for _ in range(spatial))
    spread = grow.shape(spatial, 2) if grow.often(20) else (1,) * spatial
    strides, dilations = grow.shape(spatial, 3), grow.shape(spatial, 2)
    return Conv(x, w, strides, pads, dilations, groups, spread, x_zero, origin=grow.origin())


def _weights_and_zero(grow: Growing, x: Value) -> tuple[Element, int]:
    """What weights can be for x, and its zero point if that makes quantized numbers of them."""
    if x.type.element == F32:
        return grow.choose([F32, F32, F32, I8]), 0
    if x.type.element not in (I8, U8):
        return x.type.element, 0
    limits = np.iinfo(x.type.element.dtype)
    return grow.choose([I8, I8, I16]), grow.choose([0, 3, int(limits.min), int(limits.max)])


def _window(grow: Growing) -> Op:
    x = grow.value((2, 3, 4))
    rank = x.type.rank
    whole = grow.often(25)
    slides = [axis > 1 or grow.often(10) for axis in range(rank)]
    extents = x.type.dims
    kernel = tuple((n if whole else grow.integer(1, 3)) if s else 1 for n, s in zip(extents, slides, strict=True))
    strides = tuple(grow.integer(1, 2) if s and not whole else 1 for s in slides)
    dilations = tuple(grow.integer(1, 2) if s and not whole else 1 for s in slides)
    pads = tuple(
        (grow.integer(0, k - 1), grow.integer(0, k - 1)) if s and not whole else (0, 0)
        for k, s in zip(kernel, slides, strict=True)
    )
    kinds = list(WindowKind) if x.type.element.is_float else [WindowKind.MAX, WindowKind.SUM]
    kind = grow.choose(kinds)
    return Window(x, kind, kernel, strides, pads, dilations, grow.often(50), origin=grow.origin())


EQUATIONS = (
    "nk,km->nm",
    "km,nk->nm",
    "nk,mk->nm",
    "nk,mk->mn",
    "bnk,bkm->bnm",
    "bnk,km->bnm",
    "abc,bd->acd",
    "nk,k->n",
    "ab,cd->abcd",
)


def _contract(grow: Growing) -> Op:
    x = grow.value((2, 3))
    equation = grow.choose([e for e in EQUATIONS if len(e.split(",")[0]) == x.type.rank])
    x_letters, y_letters = equation.split("->")[0].split(",")
    extents = dict(zip(x_letters, x.type.dims, strict=True))
    shape = [extents.setdefault(c, grow.integer(1, 4)) for c in y_letters]
    element, x_zero = _weights_and_zero(grow, x)
    return Contract(x, grow.leaf(shape, element), equation, x_zero, origin=grow.origin())


def _ordered(grow: Growing) -> Value:
    """A value whose order does not hang on rounding: integers, or floats that nothing has computed."""
    if grow.often(60):
        return grow.leaf(grow.shape(grow.integer(1, 3), 7), F32)
    return grow.value(elements=(I32,))


def _arg(grow: Growing) -> Op:
    x = _ordered(grow)
    axis = grow.integer(0, x.type.rank - 1)
    return Arg(x, grow.choose(list(Extreme)), axis, grow.often(50), origin=grow.origin())


def _cumulate(grow: Growing) -> Op:
    x = grow.value()
    axis = grow.integer(0, x.type.rank - 1)
    kind = Reduction.MUL if grow.often(30) else Reduction.ADD
    return Cumulate(x, kind, axis, grow.often(50), grow.often(50), origin=grow.origin())


def _topk(grow: Growing) -> Op:
    x = _ordered(grow)
    axis = grow.integer(0, x.type.rank - 1)
    count = grow.integer(1, x.type.dims[axis])
    return TopK(x, grow.choose(list(Extreme)), axis, count, origin=grow.origin())


def _sample(grow: Growing) -> Op:
    x = grow.value((3, 4), (F32,))
    axes = x.type.rank - 2
    at = grow.array((x.type.dims[0], *grow.shape(grow.integer(1, 2), 3), axes), F32) * np.float32(4)
    positions = constant(np.where(np.abs(at - np.rint(at)) > 0.4, np.rint(at), at).astype(np.float32), grow.origin())
    return Sample(x, positions, grow.choose(list(Method)), grow.choose(list(Outside)), origin=grow.origin())


def _det(grow: Growing) -> Op:
    side = grow.integer(1, 4)
    return Det(grow.leaf((*grow.shape(grow.integer(0, 2), 3), side, side), F32), origin=grow.origin())


def _quantize(grow: Growing) -> Op:
    """Numbers half a step away from where they would be rounded to the other side."""
    x = grow.leaf(grow.shape(grow.integer(1, 3)), F32)
    return Quantize(x, _scales(grow, x), grow.constant((), grow.choose([U8, I8])), origin=grow.origin())


def _dequantize(grow: Growing) -> Op:
    x = grow.leaf(grow.shape(grow.integer(1, 3)), grow.choose([U8, I8, I32]))
    return Dequantize(x, _scales(grow, x), grow.constant((), x.type.element), origin=grow.origin())


def _scales(grow: Growing, x: Value) -> Value:
    """One scale, or one for each index of the last axis."""
    shape = grow.choose([(), x.type.dims[-1:]])
    return constant(grow.random.uniform(0.01, 0.2, shape).astype(np.float32), grow.origin())


BUILDERS: dict[type[Op], Callable[[Growing], Op | None]] = {
    Const: _const,
    Map: _map,
    Reduce: _reduce,
    Reshape: _reshape,
    Index: _index,
    Pad: _pad,
    Concat: _concat,
    Gather: _gather,
    Scatter: _scatter,
    Conv: _conv,
    Window: _window,
    Contract: _contract,
    Arg: _arg,
    Cumulate: _cumulate,
    TopK: _topk,
    Det: _det,
    Sample: _sample,
    Quantize: _quantize,
    Dequantize: _dequantize,
    Loop: random_loop,
    If: random_if,
}
WEIGHTS = (*BUILDERS, Map, Map, Map, Conv, Index)


@st.composite
def random_graphs(draw: Draw, kinds: Sequence[type[Op]] = WEIGHTS, most: int = 7) -> Graph:
    """A graph of up to `most` operators of the given kinds with one or two outputs."""
    grow = Growing(draw)
    wanted = grow.integer(1 + most // 3, most)
    for _ in range(2 * most):
        if len(grow.values) >= wanted:
            break
        try:
            op = BUILDERS[grow.choose(kinds)](grow)
        except TypeMismatch:
            continue
        if op is not None and 0 < op.results[0].type.size <= LARGEST:
            grow.values.extend(op.results)
            if Map in kinds and most > 1 and grow.often(40):
                grow.values.extend(_idiom(grow, op))
    if not grow.values:
        grow.values.append(grow.leaf((2,), F32))
    outputs = {"y": grow.values[-1]}
    if grow.often(30):
        outputs["z"] = grow.choose(grow.values)
    return collect("fuzz", grow.inputs, outputs)


def _idiom(grow: Growing, op: Op) -> Iterator[Value]:
    """What usually follows: a bias or activation behind sums, a map and the way back behind a transpose."""
    x = op.results[0]
    if not x.type.element.is_float or x.type.rank < 2:
        return
    if isinstance(op, Conv | Contract | Map):
        for _ in range(grow.integer(1, 2)):
            x = _channelwise(grow, x).results[0]
            yield x
    elif isinstance(op, Index) and sorted(op.source) == list(range(op.x.type.rank)) == list(range(len(op.shape))):
        x = _channelwise(grow, x).results[0]
        yield x
        yield transpose(x, [op.source.index(a) for a in range(len(op.source))], grow.origin())


BIT_OPS = ("bit_and", "bit_or", "bit_xor", "bit_not")
SHIFTS = ("shl", "shr")
INTEGER_OPS = ("add", "sub", "mul", "div", "rem", "pow", "min", "max", "neg", "abs", "rescale", *BIT_OPS)
NOT_FLOAT = {*BIT_OPS, *SHIFTS, "rem", *(name for name, op in SCALAR_OPS.items() if op.raw or op.operands)}
FLOAT_OPS = [name for name in SCALAR_OPS if name not in NOT_FLOAT]


def scalar_program(grow: Growing, arity: int, element: Element) -> ScalarProgram:
    """A program of a few steps, kept away from overflow and poles."""
    builder = ScalarBuilder(*(element,) * arity)
    numbers, conditions = list(range(arity)), list[int]()

    def literal() -> int:
        value = grow.choose([0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 6.0, float(grow.random.standard_normal())])
        whole = abs(int(value)) if element.encoding == "u" else int(value)
        return builder.const(float(np.float32(value)) if element.is_float else whole, element)

    def number() -> int:
        return literal() if grow.often(25) else grow.choose(numbers[-3:])

    def at_least(value: int, low: float) -> int:
        return builder.call("max", builder.call("abs", value), builder.const(low, element))

    def apart(value: int) -> int:
        """Away from the round numbers where steps jump and the last bit of what came before would matter."""
        if not element.is_float:
            return value
        shrunk = builder.call("mul", value, builder.const(float(np.float32(0.9137)), element))
        return builder.call("add", shrunk, builder.const(float(np.float32(0.0713)), element))

    def within(value: int, limit: float) -> int:
        return builder.call(
            "max", builder.call("min", value, builder.const(limit, element)), builder.const(-limit, element)
        )

    def step(op: str) -> int:
        if op == "rescale":
            wide = builder.cast(number(), I32)
            scale = builder.const(float(np.float32(2.0 ** grow.integer(-30, 4) * grow.choose([1.0, 1.3, 1.75]))), F32)
            return builder.cast(builder.call(op, wide, scale), element)
        if not element.is_float:
            return builder.call(op, *(number() for _ in range(SCALAR_OPS[op].arity)))
        match op:
            case "tan" | "sinh" | "cosh":
                return builder.call(op, within(number(), 1.25))
            case "asin" | "acos" | "atanh":
                return builder.call(op, within(number(), 0.75))
            case "acosh":
                return builder.call(op, at_least(number(), 1.25))
            case "div":
                return builder.call("div", number(), at_least(number(), 0.5))
            case "exp":
                return builder.call("exp", builder.call("min", number(), builder.const(3.0, element)))
            case "log":
                return builder.call("log", at_least(number(), 0.25))
            case "sqrt":
                return builder.call("sqrt", builder.call("abs", number()))
            case "pow":
                exponent = builder.const(grow.choose([0.5, 1.0, 2.0, 3.0, 0.3]), element)
                return builder.call("pow", at_least(number(), 0.25), exponent)
            case "lt" | "le" | "eq":
                return builder.call(op, number(), apart(number()))
            case "round" | "floor" | "ceil":
                return builder.call(op, apart(number()))
            case "and" | "or":
                return builder.call(op, grow.choose(conditions), grow.choose(conditions))
            case "not":
                return builder.call(op, grow.choose(conditions))
            case "select":
                return builder.call(op, grow.choose(conditions), number(), number())
            case _:
                return builder.call(op, *(number() for _ in range(SCALAR_OPS[op].arity)))

    for _ in range(grow.integer(0, 5)):
        op = grow.choose(FLOAT_OPS if element.is_float else INTEGER_OPS + SHIFTS * (element.encoding == "u"))
        if op in ("and", "or", "not", "select") and not conditions:
            op = "lt"
        result = step(op)
        (conditions if SCALAR_OPS[op].compares else numbers).append(result)
    if element.is_float and grow.often(8):
        numbers.append(builder.cast(builder.cast(within(apart(numbers[-1]), 99.0), I32), element))
    return builder.build(numbers[-1])
