"""Which maps become epilogues of the kernel call that computes their first operand."""

from embedc.ir.graph import Graph, Value
from embedc.kernels.row import Family
from embedc.kernels.select import Types, candidates
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, constant_of
from embedc.ops.window import Contract, Conv, Window, WindowKind
from embedc.program.vectors import vectorizes
from embedc.targets.target import Target

MAX_PIXELS = 3  # EC_PX_MAX less the output
MAX_CHANNELS = 6  # EC_CH_MAX


def channel_axes(anchor: Op) -> tuple[int, ...]:
    """Axes of an anchor's result that its kernel's channels run over."""
    if isinstance(anchor, Contract):
        x, _, result = anchor.terms
        return tuple(a for a, letter in enumerate(result) if letter not in x)
    return (1,)


def is_anchor(op: Op, target: Target) -> bool:
    """True for operators that run as kernel calls, which can carry an epilogue: the target has a kernel for them."""
    family = family_of(op)
    return family is not None and bool(candidates(family, kernel_types(op), target))


def family_of(op: Op) -> Family | None:
    """The family of kernels that compute an operator, None if none does."""
    match op:
        case Conv():
            if constant_of(op.w) is None or op.x.type.rank > 5:
                return None
            return Family.DEPTHWISE if op.groups == op.x.type.dims[1] == op.w.type.dims[0] else Family.CONV
        case Contract():
            return Family.CONV if is_matrix_product(op) else None
        case Window() if is_pooling(op):
            return Family.POOL_MAX if op.kind is WindowKind.MAX else Family.POOL_AVERAGE
        case _:
            return None


def kernel_types(op: Op) -> Types:
    """The elements of input and weights of a kernel for `op`."""
    x = op.operands[0].type.element
    return x, None if isinstance(op, Window) else op.operands[1].type.element


def is_matrix_product(op: Contract) -> bool:
    """A product with constant weights."""
    return constant_of(op.y) is not None and op.is_matrix_product


def is_pooling(op: Window) -> bool:
    """A maximum or average over up to three spatial axes."""
    return (
        3 <= op.x.type.rank <= 5
        and op.kind is not WindowKind.SUM
        and op.kernel[:2] == (1, 1)
        and not any(op.pads[0] + op.pads[1])
    )


def operand_class(value: Value, anchor: Value, axes: tuple[int, ...]) -> str | None:
    """Which kind of operand: "pixel" has the anchor's shape, "channel" varies along its channels alone, None fits neither."""
    shape, out = value.type.dims, anchor.type.dims
    if value.type.size == anchor.type.size and len(shape) == len(out):
        return "pixel"
    lead = len(out) - len(shape)
    varies = tuple(a + lead for a, n in enumerate(shape) if n != 1)
    return (
        "channel"
        if varies and all(a in axes for a in varies) and varies == tuple(a for a in axes if out[a] != 1)
        else None
    )


def epilogues(graph: Graph, target: Target) -> dict[Op, Map]:
    """For every anchor that can absorb the map behind it: anchor -> map."""
    uses = graph.uses()
    outputs = set(graph.outputs.values())
    place = {op: i for i, op in enumerate(graph.ops)}
    found: dict[Op, Map] = {}
    for op in graph.ops:
        if not isinstance(op, Map) or not vectorizes(op.body):
            continue
        anchors = [
            v.producer
            for v in op.inputs
            if v.producer is not None
            and is_anchor(v.producer, target)
            and len(uses[v]) == 1
            and op.inputs.count(v) == 1
            and v not in outputs
            and v.type.dims == op.result.type.dims
        ]
        for anchor in sorted(anchors, key=lambda a: -place[a]):
            classes = [
                operand_class(v, anchor.results[0], channel_axes(anchor)) for v in op.inputs if v.producer is not anchor
            ]
            fits = (
                None not in classes
                and classes.count("pixel") <= MAX_PIXELS
                and classes.count("channel") <= MAX_CHANNELS
            )
            if fits:
                found[anchor] = op
                break
    return found
