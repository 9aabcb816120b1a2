"""scale-fold: factors in front of and behind convolutions and products move into their weights; what is added stays as one map.

    conv -> x*s + b             becomes   conv with w*s -> x + b
    x*s + b -> conv             becomes   conv with w*s -> x + sum of w*b      (with padding only where b is 0)

Weights are scaled in f64 and rounded once. A map that rounds is left alone, since there a last bit can become a whole unit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from embedc.ir.graph import Origin, Value
from embedc.ir.types import Array
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, broadcast, constant, constant_of
from embedc.ops.window import Contract, Conv
from embedc.passes.affine import applied, chain_from, chain_to, rounds
from embedc.passes.base import Pass
from embedc.passes.expression import Term, as_value, expression, read, substitute
from embedc.passes.uses import Uses

Anchor = Conv | Contract


class ScaleFold(Pass, name="scale-fold"):
    """Moves factors of maps into the weights of neighbouring conv and contract."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        if isinstance(op, Map):
            return _behind(op, uses)
        return _in_front(op, uses) if isinstance(op, Anchor) else None


def _weights(anchor: Anchor, uses: Uses) -> Array | None:
    """Constant float weights that nobody else reads."""
    value = anchor.w if isinstance(anchor, Conv) else anchor.y
    data = constant_of(value)
    if data is None or data.dtype.kind != "f" or uses[value] > 1:
        return None
    return data


def _with_weights(anchor: Anchor, x: Value, weights: Array, origin: Origin) -> Value | None:
    """The anchor over `x` with other weights, None if they overflow."""
    old = anchor.w if isinstance(anchor, Conv) else anchor.y
    with np.errstate(over="ignore"):
        rounded = weights.astype(old.type.element.dtype)
    if not np.isfinite(rounded).all():
        return None
    value = constant(rounded, old.origin, old.type)
    if isinstance(anchor, Conv):
        return replace(anchor, x=x, w=value, origin=origin).result
    return replace(anchor, x=x, y=value, origin=origin).result


def _placed(array: Array, rank: int, places: Mapping[int, int], target_rank: int) -> Array | None:
    """`array`, which broadcasts to `rank` axes, with axis a moved to places[a]; None if it varies along another axis."""
    full = array.reshape((1,) * (rank - array.ndim) + array.shape)
    if any(n != 1 and a not in places for a, n in enumerate(full.shape)):
        return None
    order = sorted(places, key=lambda a: places[a])
    moved = np.transpose(full, [*order, *(a for a in range(rank) if a not in places)])
    shape = [1] * target_rank
    for a in order:
        shape[places[a]] = full.shape[a]
    return moved.reshape(shape)


def _behind(op: Map, uses: Uses) -> Value | None:
    whole = expression(op)
    if not whole.element.is_float or rounds(whole):
        return None
    for leaf in whole:
        value = leaf.source
        if value is None or not isinstance(value.producer, Anchor) or uses[value] > 1:
            continue
        chain = chain_from(leaf, whole)
        weights = _weights(value.producer, uses)
        if weights is None or (chain.scale == 1).all() or value.type.shape != op.result.type.shape:
            continue
        anchor = value.producer
        scale = _placed(chain.scale, value.type.rank, _output_places(anchor), weights.ndim)
        if scale is None:
            continue
        swallowed = chain.last is whole and not (chain.shift != 0).any()
        origin = op.origin if swallowed else anchor.origin.without_tensor()
        scaled = _with_weights(anchor, anchor.x, weights.astype(np.float64) * scale, origin)
        if scaled is not None:
            shifted = applied(read(scaled), np.ones(()), chain.shift, op.origin)
            return as_value(substitute(whole, {chain.last: shifted}), op.result.type.shape, op.origin)
    return None


def _output_places(anchor: Anchor) -> dict[int, int]:
    """Result axis -> weight axis of what the weights give to the result."""
    if isinstance(anchor, Conv):
        return {1: 0}
    x, y, result = anchor.terms
    return {a: y.index(letter) for a, letter in enumerate(result) if letter in y and letter not in x}


def _in_front(op: Anchor, uses: Uses) -> Value | None:
    producer, weights = op.x.producer, _weights(op, uses)
    if not isinstance(producer, Map) or weights is None or uses[op.x] > 1:
        return None
    whole = expression(producer)
    chain = chain_to(whole)
    scales, shifts = bool((chain.scale != 1).any()), bool((chain.shift != 0).any())
    if not (scales or (shifts and chain.first.source is not None)) or not _covers(chain.first, op.x):
        return None
    if shifts and not _sees_all(op):
        return None
    scale = _input_factor(op, chain.scale, weights.ndim)
    shift = _input_factor(op, chain.shift, weights.ndim)
    x = as_value(chain.first, op.x.type.shape, producer.origin.without_tensor())
    if scale is None or shift is None or x is None:
        return None
    origin = op.origin.without_tensor() if shifts else op.origin
    scaled = _with_weights(op, x, weights.astype(np.float64) * scale, origin)
    if scaled is None or not shifts:
        return scaled
    shifted = applied(read(scaled), np.ones(()), _summed(op, weights.astype(np.float64) * shift), op.origin)
    return as_value(shifted, op.result.type.shape, op.origin)


def _sees_all(op: Anchor) -> bool:
    """True if every result sums over all the weights: no padding, no zeros between inputs, no sum over x alone."""
    if isinstance(op, Conv):
        return not any(map(any, op.pads)) and set(op.input_dilation) == {1}
    x, y, result = op.terms
    return set(x) <= set(y + result)


def _covers(term: Term, value: Value) -> bool:
    return broadcast([v.type.shape for v in term.sources]) == value.type.shape


def _input_factor(op: Anchor, factor: Array, weight_rank: int) -> Array | None:
    """A factor of the input as a factor of the weights."""
    if isinstance(op, Contract):
        x, y, _ = op.terms
        return _placed(factor, len(x), {a: y.index(letter) for a, letter in enumerate(x) if letter in y}, weight_rank)
    channels = _placed(factor, op.x.type.rank, {1: 0}, 1)
    if channels is None or channels.size == 1 or op.groups == 1:
        return None if channels is None else channels.reshape((1, -1) + (1,) * (weight_rank - 2))
    outputs = op.w.type.dims[0] // op.groups
    grouped = np.repeat(channels.reshape(op.groups, -1), outputs, axis=0)
    return grouped.reshape(grouped.shape + (1,) * (weight_rank - 2))


def _summed(op: Anchor, terms: Array) -> Array:
    """Sums of weight-shaped terms over what is not in the result, shaped to broadcast with it."""
    if isinstance(op, Conv):
        return _in_order(terms, range(1, terms.ndim)).reshape(-1, *(1,) * (terms.ndim - 2))
    _, y, result = op.terms
    summed = _in_order(terms, [a for a, letter in enumerate(y) if letter not in result])
    left = [letter for letter in y if letter in result]
    ordered = np.transpose(summed, [left.index(letter) for letter in result if letter in left])
    extents = iter(ordered.shape)
    return ordered.reshape([next(extents) if letter in left else 1 for letter in result])


def _in_order(terms: Array, axes: Sequence[int]) -> Array:
    """The sum over `axes`, one after the other so that every host gets the same bits."""
    kept = [a for a in range(terms.ndim) if a not in axes]
    lines = np.transpose(terms, [*axes, *kept]).reshape(-1, *(terms.shape[a] for a in kept))
    total = np.zeros(lines.shape[1:])
    for line in lines:
        total = total + line
    return total
