"""Where results are put: the layout that consumers want, and tensors that are written straight into a concat or an output."""

from collections.abc import Sequence
from dataclasses import dataclass

from embedc.ir.graph import Graph, Value
from embedc.ops.base import Op
from embedc.ops.elementwise import Const, Map
from embedc.ops.layout import Concat, Index, Pad, Reshape
from embedc.ops.window import Contract, Conv, Window
from embedc.program.fuse import is_anchor
from embedc.program.layout import channels_last
from embedc.program.program import View
from embedc.program.views import index_view, reshape_view
from embedc.targets.target import Target

Order = tuple[int, ...]


PLANAR_CHANNELS = 4  # up to here taps of single elements cost less than a relaid copy of the input


@dataclass(frozen=True)
class Slot:
    """A value that lies at `begin` along `axis` of a concat's result, after `chain` of view operators; or is an output."""

    chain: tuple[Op, ...]
    concat: Concat | None = None
    begin: int = 0
    output: str = ""


def demands(graph: Graph, target: Target) -> dict[Value, Order]:
    """The axis order in which a consumer wants to read a value, found backwards; anchors win over what is passed on."""
    wanted: dict[Value, Order] = {}
    for op in reversed(graph.ops):
        if isinstance(op, Conv | Window) and is_anchor(op, target):
            if isinstance(op, Conv) and op.x.type.element.is_integer and may_be_planar(op):
                continue
            wanted[op.x] = channels_last(op.x.type.rank).order
            continue
        result = op.results[0]
        order = wanted.get(result)
        if order is None:
            continue
        if isinstance(op, Map | Pad | Concat):
            for operand in op.operands:
                if operand.type.rank == len(order):
                    wanted.setdefault(operand, order)
        elif isinstance(op, Index) and sorted(op.source) == list(range(op.x.type.rank)):
            wanted.setdefault(op.x, tuple(op.source[j] for j in order))
    return wanted


def may_be_planar(conv: Conv) -> bool:
    """True for a few channels, which a kernel reads in planes as well: the caller's [N, C, H, W] image."""
    return conv.groups == 1 and conv.x.type.rank <= 4 and 1 < conv.x.type.dims[1] <= PLANAR_CHANNELS


def slots(graph: Graph) -> dict[Value, Slot]:
    """Values that may be computed in the place where they end up: part of a concat, or a caller's output buffer."""
    found: dict[Value, Slot] = {}
    for op in graph.ops:
        if isinstance(op, Concat):
            begin = 0
            for operand in op.inputs:
                root, chain = view_root(operand)
                if op.inputs.count(operand) == 1 and movable(root) and root.type.size == operand.type.size:
                    found.setdefault(root, Slot(chain, concat=op, begin=begin))
                begin += operand.type.dims[op.axis]
    for name, value in graph.outputs.items():
        root, chain = view_root(value)
        if movable(root) and root.type.size == value.type.size:
            found.setdefault(root, Slot(chain, output=name))
    return found


def view_root(value: Value) -> tuple[Value, tuple[Op, ...]]:
    """The value whose elements `value` shows, and the view operators from it to `value`."""
    chain: list[Op] = []
    while isinstance(value.producer, Reshape | Index):
        chain.append(value.producer)
        value = value.producer.operands[0]
    return value, tuple(reversed(chain))


def movable(value: Value) -> bool:
    """True for results of operators that write memory of their own."""
    return value.producer is not None and not isinstance(value.producer, Const)


def apply_chain(view: View, chain: Sequence[Op]) -> View | None:
    """`view` after the chain of view operators, None where a reshape would have to copy."""
    for op in chain:
        if isinstance(op, Index):
            view = index_view(view, op)
        elif isinstance(op, Reshape):
            reshaped = reshape_view(view, op.shape)
            if reshaped is None:
                return None
            view = reshaped
    return view


def anchor_order(op: Op) -> Order:
    """The order in which a kernel call writes its result: channels (of a matrix product: columns) fastest."""
    if isinstance(op, Contract):
        x, _, result = op.terms
        rows = [a for a, letter in enumerate(result) if letter in x]
        return (*rows, *(a for a, letter in enumerate(result) if letter not in x))
    return channels_last(op.results[0].type.rank).order
