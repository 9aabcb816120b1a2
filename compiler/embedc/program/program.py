"""The Program: buffers, views and the steps that run on them. What fusion, planning and emission act on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from embedc.ir.graph import NOWHERE, Origin, Value
from embedc.ir.scalar import ScalarProgram
from embedc.ir.types import Array, Element, TensorType
from embedc.kernels.row import KernelRow
from embedc.ops.elementwise import Reduction
from embedc.program.layout import Layout


class Storage(StrEnum):
    """Where a buffer lives and for how long."""

    ARENA = "arena"
    CONST = "const"
    INPUT = "input"
    OUTPUT = "output"
    STATE = "state"


@dataclass(frozen=True, eq=False)
class Buffer:
    """A piece of memory; `data` holds the bytes of a constant."""

    name: str
    storage: Storage
    bytes: int
    align: int = 64
    data: Array | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Counter:
    """The variable of a loop, which counts its trips, at most so many, from 0."""

    trips: int


@dataclass(frozen=True)
class View:
    """A strided window into a buffer: element [i, j, …] lies at offset + i * strides[0] + … bytes.

    In loops it moves by so many bytes for each count in `moves`.
    """

    buffer: Buffer
    element: Element
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int = 0
    moves: tuple[tuple[Counter, int], ...] = ()

    @property
    def extent(self) -> tuple[int, int]:
        """First byte and the one behind the last that the view touches, wherever it moves."""
        steps = [*zip(self.strides, self.shape, strict=True), *((step, counter.trips) for counter, step in self.moves)]
        low = self.offset + sum(min(0, s * (n - 1)) for s, n in steps)
        high = self.offset + sum(max(0, s * (n - 1)) for s, n in steps)
        return low, high + self.element.bytes


@dataclass(frozen=True)
class Rows:
    """Output rows of a call inside a For, of which i is the counter: begin + step * i for `count` rows, clipped to the output."""

    begin: int = 0
    step: int = 0
    count: int = 0


@dataclass(frozen=True)
class Geometry:
    """A sliding window over (depth, height, width); pads in front only, all borders follow from the extents."""

    images: int
    groups: int
    ic: int
    oc: int
    input: tuple[int, int, int]
    output: tuple[int, int, int]
    kernel: tuple[int, int, int]
    stride: tuple[int, int, int]
    dilation: tuple[int, int, int]
    pad: tuple[int, int, int]
    count_pad: bool = False

    @property
    def taps(self) -> int:
        return self.kernel[0] * self.kernel[1] * self.kernel[2]

    @property
    def pixels(self) -> int:
        """Output pixels of one image."""
        return self.output[0] * self.output[1] * self.output[2]


@dataclass(frozen=True)
class Strides:
    """Byte strides of a pixel operand: image, (depth, height, width); channels are contiguous."""

    image: int
    step: tuple[int, int, int]


@dataclass(frozen=True)
class Pixels:
    """A pixel operand of a call: where it starts and how it is strided; `ring` rows are kept (0: all)."""

    view: View
    strides: Strides
    ring: int = 0


@dataclass(frozen=True)
class Layer:
    """What a step means to the user: name and operator in the model, the tensor it computes, its work."""

    name: str
    op: str
    origin: Origin = NOWHERE
    macs: int = 0
    tensor: str = ""
    type: TensorType | None = None


@dataclass(frozen=True)
class Unpack:
    """Weights of 4 bits: how many output channels are unpacked at a time, and the bytes of scratch for them."""

    channels: int
    bytes: int


@dataclass(frozen=True, eq=False)
class Call:
    """One kernel over a window geometry.

    `x` is the input, `weights` and `pad_row` constants, `pixels` the epilogue's pixel operands (the output first),
    `channels` its per-channel constants, `taps` the scratch for tap addresses and gathered windows of `gather` bytes. The kernel
    sees the rows of `joined` windows as taps (ec_gather.h). Addresses lie `steps` apart, those of pixels and of taps. The
    epilogue's inputs are the accumulator, pixels[1:], then channels.
    `sums` are the bounds of integer accumulators. Weights of 4 bits are unpacked as `unpack` says.
    """

    layer: Layer
    row: KernelRow
    geometry: Geometry
    x: Pixels
    x_group: int
    weights: Buffer | None
    weights_group: int
    pad_row: Buffer | None
    pixels: tuple[Pixels, ...]
    channels: tuple[View, ...]
    epilogue: ScalarProgram
    taps: Buffer
    block: int
    steps: tuple[int, int]
    spans_rows: bool
    rows: Rows | None = None
    gather: int = 0
    joined: bool = False
    sums: tuple[int, int] | None = None
    unpack: Unpack | None = None

    @property
    def reads(self) -> Iterator[Buffer]:
        yield self.x.view.buffer
        for constant in (self.weights, self.pad_row):
            if constant is not None:
                yield constant
        for pixels in self.pixels[1:]:
            yield pixels.view.buffer
        for view in self.channels:
            yield view.buffer

    @property
    def writes(self) -> Iterator[Buffer]:
        yield self.pixels[0].view.buffer
        yield self.taps

    @property
    def output(self) -> View:
        return self.pixels[0].view


@dataclass(frozen=True)
class Lookup:
    """Moves by index * stride bytes; `indices` is a view over the nest's axes. Negative indices count from the end.

    An operand is kept within 0..extent-1; a result is not written for other indices.
    """

    indices: View
    stride: int
    extent: int


@dataclass(frozen=True, eq=False)
class Nest:
    """A loop nest: result[parallel axes] = finish(reduction over the other axes of body(operands)).

    All views are over the same axes, `extents`; the result's stride is 0 along `reduce_axes`. Without reduction, body alone.
    With `lookup` the first operand is gathered. With `scatter` the result is moved, and of two operands the first, its old
    value, with it; updates, along the axes on which the result rests otherwise, are done in order.
    """

    layer: Layer
    extents: tuple[int, ...]
    operands: tuple[View, ...]
    result: View
    body: ScalarProgram
    reduce_axes: tuple[int, ...] = ()
    reduction: Reduction | None = None
    lookup: Lookup | None = None
    scatter: Lookup | None = None

    @property
    def reads(self) -> Iterator[Buffer]:
        for view in self.operands:
            yield view.buffer
        for moved in (self.lookup, self.scatter):
            if moved:
                yield moved.indices.buffer

    @property
    def writes(self) -> Iterator[Buffer]:
        yield self.result.buffer

    @property
    def output(self) -> View:
        return self.result


@dataclass(frozen=True, eq=False)
class Routine:
    """A C function of the runtime, called for every index of the parallel axes `extents`.

    Views are over these axes, then over axes of their own. `function` takes, for each operand and result, its address and
    the strides of its own axes, then `parameters`. It is found in `header`, its name ends with the first operand's element.
    """

    layer: Layer
    function: str
    header: str
    extents: tuple[int, ...]
    operands: tuple[View, ...]
    results: tuple[View, ...]
    parameters: tuple[int, ...] = ()

    @property
    def reads(self) -> Iterator[Buffer]:
        for view in self.operands:
            yield view.buffer

    @property
    def writes(self) -> Iterator[Buffer]:
        for view in self.results:
            yield view.buffer

    @property
    def output(self) -> View:
        return self.results[0]


@dataclass(frozen=True, eq=False)
class For:
    """Runs `body` while the counter is below its trips and below `limit`, and `condition` holds, where these are given.

    The counter moves views and gives calls their rows; its number is put where `number` says before each trip.
    """

    layer: Layer
    counter: Counter
    body: tuple["Step", ...]
    limit: View | None = None
    condition: View | None = None
    number: View | None = None

    @property
    def head(self) -> tuple[View, ...]:
        """What decides about a trip."""
        return tuple(view for view in (self.limit, self.condition) if view)

    @property
    def reads(self) -> Iterator[Buffer]:
        yield from (view.buffer for view in self.head)
        for step in self.body:
            yield from step.reads

    @property
    def writes(self) -> Iterator[Buffer]:
        if self.number:
            yield self.number.buffer
        for step in self.body:
            yield from step.writes


@dataclass(frozen=True, eq=False)
class Branch:
    """Runs `then` if `condition` holds, else `otherwise`."""

    layer: Layer
    condition: View
    then: tuple["Step", ...]
    otherwise: tuple["Step", ...]

    @property
    def reads(self) -> Iterator[Buffer]:
        yield self.condition.buffer
        for step in (*self.then, *self.otherwise):
            yield from step.reads

    @property
    def writes(self) -> Iterator[Buffer]:
        for step in (*self.then, *self.otherwise):
            yield from step.writes


Leaf = Call | Nest | Routine
Step = Leaf | For | Branch


def inner_steps(step: Step) -> tuple[Step, ...]:
    """The steps inside a step."""
    match step:
        case For():
            return step.body
        case Branch():
            return (*step.then, *step.otherwise)
        case _:
            return ()


def kernel_of(step: Step) -> str:
    """What runs in a step, in a word."""
    match step:
        case Call():
            return step.row.id
        case Routine():
            return step.function
        case For():
            return "loop"
        case Branch():
            return "branch"
        case Nest():
            return "nest"


def calls(steps: Iterable[Step]) -> Iterator[Call]:
    """Every kernel call, also inside other steps."""
    for step in steps:
        if isinstance(step, Call):
            yield step
        yield from calls(inner_steps(step))


@dataclass(frozen=True)
class Port:
    """An input or output of the model: its buffer, its logical type, and how it lies in the buffer."""

    name: str
    buffer: Buffer
    type: TensorType
    layout: Layout

    @property
    def view(self) -> View:
        """The whole tensor."""
        strides = self.layout.strides(self.type.dims, self.type.element)
        return View(self.buffer, self.type.element, self.type.dims, strides)


@dataclass(frozen=True)
class State:
    """A model's input that is kept between calls: `output` of the model is its next value, `initial` its first (None: zeros)."""

    port: Port
    output: str
    initial: Buffer | None = None


@dataclass(frozen=True)
class Trace:
    """`view` holds the whole of the Graph's `value` from the end of step number `step` until its buffer is written again."""

    step: int
    value: Value
    view: View
    part: int = 0  # which of the step's results


@dataclass(frozen=True, eq=False)
class Program:
    """Steps in order; `explain` holds for each layer the candidates that were weighed, `traces` what can be compared."""

    name: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    steps: tuple[Step, ...]
    parameters: int = 0
    explain: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    traces: tuple[Trace, ...] = ()

    def trace_id(self, trace: Trace) -> int:
        """The number of the step; further results are told apart by multiples of the number of steps."""
        return trace.step + trace.part * len(self.steps)

    states: tuple[State, ...] = ()
