"""Sequences and optionals, which exist in the frontend alone: what they hold is known when the model is compiled."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from embedc.frontends.onnx.node import Node
from embedc.ir.graph import Value
from embedc.ops.layout import Concat

MAX_ITEMS = 4096


@dataclass(frozen=True)
class Items:
    """A sequence of tensors."""

    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Maybe:
    """An optional: what it holds, if anything."""

    held: "Value | Items | None" = None


Held = Value | Items | Maybe
Build = Callable[[Node, Sequence[Held | None]], Held]
SEQUENCES: dict[str, Build] = {}
"""Operators that take or give sequences or optionals, beside SequenceMap; Identity where its operand is one."""


def _sequence_op(name: str) -> Callable[[Build], Build]:
    def register(build: Build) -> Build:
        SEQUENCES[name] = build
        return build

    return register


def items_of(node: Node, held: Held | None) -> tuple[Value, ...]:
    """The tensors of a sequence operand."""
    if not isinstance(held, Items):
        raise node.fail("input 0 is not a sequence", "re-export the model")
    return held.values


def _position(node: Node, index: int, count: int, default: int, what: str) -> int:
    """A position among `count`, from the end if negative."""
    place = default if node.optional(index) is None else node.whole(index, "position")
    if not -count <= place < count:
        raise node.fail(f"{what} position {place} of a sequence of {count}", "re-export the model")
    return place % count


def _tensor(node: Node, held: Held | None) -> Value:
    if not isinstance(held, Value):
        raise node.fail("takes a tensor, got none", "sequences of sequences are not supported")
    return held


@_sequence_op("SequenceEmpty")
def _empty(node: Node, given: Sequence[Held | None]) -> Held:
    """No tensors; what type they would have makes no difference."""
    del given
    node.ignore("dtype")
    return Items()


@_sequence_op("SequenceConstruct")
def _construct(node: Node, given: Sequence[Held | None]) -> Held:
    """The operands in order."""
    return Items(tuple(_tensor(node, held) for held in given))


@_sequence_op("SequenceAt")
def _at(node: Node, given: Sequence[Held | None]) -> Held:
    """One tensor."""
    values = items_of(node, given[0])
    return values[_position(node, 1, len(values), 0, "reads")]


@_sequence_op("SequenceInsert")
def _insert(node: Node, given: Sequence[Held | None]) -> Held:
    """One tensor more, at the end by default."""
    values = items_of(node, given[0])
    count = len(values)
    at = count if node.optional(2) is None else node.whole(2, "position")
    if not -count <= at <= count:
        raise node.fail(f"inserts at position {at} of a sequence of {count}", "re-export the model")
    at = at + count if at < 0 else at
    return Items((*values[:at], _tensor(node, given[1]), *values[at:]))


@_sequence_op("SequenceErase")
def _erase(node: Node, given: Sequence[Held | None]) -> Held:
    """One tensor less, the last by default."""
    values = items_of(node, given[0])
    at = _position(node, 1, len(values), len(values) - 1, "erases")
    return Items((*values[:at], *values[at + 1 :]))


@_sequence_op("SequenceLength")
def _length(node: Node, given: Sequence[Held | None]) -> Held:
    """The number of tensors."""
    return node.array(np.asarray(len(items_of(node, given[0])), np.int64))


@_sequence_op("SplitToSequence")
def _split(node: Node, given: Sequence[Held | None]) -> Held:
    """Parts along an axis: of one index each, of equal extent, or of the extents given."""
    x = _tensor(node, given[0])
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    keep, extent = node.flag("keepdims", True), x.type.dims[axis]
    if extent > MAX_ITEMS:
        raise node.fail(f"splits {extent} indices", f"sequences of up to {MAX_ITEMS} tensors are supported")
    if node.optional(1) is None:
        parts = [node.part(x, axis, i, 1) for i in range(extent)]
        shape = [n for a, n in enumerate(x.type.dims) if a != axis]
        return Items(tuple(part if keep else node.reshape(part, shape) for part in parts))
    split = node.constant(1, "split")
    sizes = [int(n) for n in split.reshape(-1)]
    if split.ndim == 0:
        if sizes[0] < 1:
            raise node.fail(f"splits into parts of {sizes[0]}", "re-export the model")
        sizes = [min(sizes[0], extent - begin) for begin in range(0, extent, sizes[0])]
    if sum(sizes) != extent or min(sizes, default=0) < 0:
        raise node.fail(f"splits {extent} into {sizes}", "the extents must add up; re-export the model")
    begins = [sum(sizes[:i]) for i in range(len(sizes))]
    return Items(tuple(node.part(x, axis, begin, size) for begin, size in zip(begins, sizes, strict=True)))


@_sequence_op("ConcatFromSequence")
def _concat(node: Node, given: Sequence[Held | None]) -> Held:
    """All tensors along an axis, or along a new one."""
    values = items_of(node, given[0])
    if not values:
        raise node.fail("joins the tensors of an empty sequence", "there is nothing whose shape is known")
    new = node.flag("new_axis")
    axis = node.axis(node.integer("axis"), values[0].type.rank + new)
    if new:
        values = tuple(node.reshape(v, (*v.type.dims[:axis], 1, *v.type.dims[axis:])) for v in values)
    return values[0] if len(values) == 1 else node.emit(Concat(values, axis, origin=node.origin))


@_sequence_op("Identity")
def _identity(node: Node, given: Sequence[Held | None]) -> Held:
    """The same."""
    (held,) = given
    assert held is not None, node.op_type
    return held


@_sequence_op("Optional")
def _optional(node: Node, given: Sequence[Held | None]) -> Held:
    """What is given, or nothing of the type that the attribute names."""
    node.ignore("type")
    held = given[0] if given else None
    if isinstance(held, Maybe):
        raise node.fail("makes an optional of an optional", "re-export the model")
    return Maybe(held)


@_sequence_op("OptionalHasElement")
def _has_element(node: Node, given: Sequence[Held | None]) -> Held:
    """True if there is something."""
    held = given[0] if given else None
    return node.array(np.asarray(held.held is not None if isinstance(held, Maybe) else held is not None))


@_sequence_op("OptionalGetElement")
def _get_element(node: Node, given: Sequence[Held | None]) -> Held:
    """What the optional holds; tensors and sequences are themselves."""
    held = given[0] if given else None
    inside = held.held if isinstance(held, Maybe) else held
    if inside is None:
        raise node.fail("takes the element of an optional that holds none", "re-export the model")
    return inside
