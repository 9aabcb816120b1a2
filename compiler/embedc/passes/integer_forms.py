"""What scalar expressions over bytes and sums become in integers: sums of terms, products, slopes, softmax, tables."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import I8, I32, U8, Array
from embedc.ops.elementwise import Map, Reduce, Reduction, constant_of
from embedc.passes.expression import Term
from embedc.passes.integer_leaves import (
    LIMIT,
    Bytes,
    Emitter,
    Leaf,
    Sums,
    Unfit,
    bytes_of,
    reach_of,
    stored,
    sums_of,
    uniform,
)
from embedc.passes.integer_terms import evaluated, linear, product, two_lines, whole_term
from embedc.quantized.arithmetic import added, bent, converted, multiplied, softmaxed, tabled
from embedc.quantized.quantity import Quantity
from embedc.quantized.scales import multiplier

MOST_FACTORS = 1 << 16  # constants of so many elements are turned into exact fractions
ROUNDED = 0.5  # of a unit of the result: how far rounding a bias may move it


def computed(term: Term, target: Quantity, emitter: Emitter) -> Value:
    """An expression as bytes of `target`."""
    form = linear(term)
    if form is not None:
        held = [(leaf, factor) for leaf, factor in form.factors.items() if factor.any()]
        terms = [(leaf_of(_source(leaf)), uniform(factor)) for leaf, factor in held]
        return combined(terms, uniform(form.shift), target, emitter)
    for rule in (_softmax, _product, _bent):
        result = rule(term, target, emitter)
        if result is not None:
            return result
    return _function(term, target, emitter)


def leaf_of(value: Value) -> Leaf:
    """Bytes or sums; Unfit where a value is neither."""
    if value.type.element in (U8, I8):
        return Bytes(value, Quantity(value.type.element, 1.0, 0))
    if value.type.element == I32:
        return Sums(value, np.ones(()), reach_of(value))
    leaf = bytes_of(value) or sums_of(value)
    if leaf is None:
        raise Unfit(f"{value.producer.opname if value.producer else 'an input'} of floats is in front of it")
    return leaf


def combined(terms: Sequence[tuple[Leaf, Array]], shift: Array, target: Quantity, emitter: Emitter) -> Value:
    """The sum of leaves times factors, plus a shift."""
    sums = [(leaf, factor) for leaf, factor in terms if isinstance(leaf, Sums)]
    whole = [(leaf.value, leaf.quantity, factor) for leaf, factor in terms if isinstance(leaf, Bytes)]
    if len(sums) == len(terms) == 1:
        return _requantized(*sums[0], shift, target, emitter)
    if sums:
        raise Unfit("it adds sums of products to other tensors")
    if not whole:
        raise Unfit("it is constant")
    if max([shift.size, *(factor.size for _, _, factor in whole)]) > MOST_FACTORS:
        raise Unfit("it adds too many different constants")
    finite = [np.isfinite(array).all() for array in (shift, *(factor for _, _, factor in whole))]
    if not all(finite):
        raise Unfit("it is not finite everywhere")
    x, own, factor = whole[0]
    if len(whole) == 1 and factor.size == 1 and factor > 0 and not shift.any():
        return converted(emitter, x, replace(own, scale=own.scale * float(factor)), target)
    return added(emitter, whole, shift, target)


def _requantized(sums: Sums, factor: Array, shift: Array, target: Quantity, emitter: Emitter) -> Value:
    """(sum + bias) rescaled, each rounded once."""
    unit = sums.scale * factor
    if not ((unit > 0).all() or (unit < 0).all()):
        raise Unfit("channels have scales of different signs, or zero")
    negative, size = bool((unit < 0).any()), np.abs(unit)
    scale = multiplier(emitter, size, np.ones(()), target.scale)
    with np.errstate(all="ignore"):
        exact = shift / size
        bias = np.rint(exact)
        moved = np.abs(bias - exact) * scale
    if not (moved <= ROUNDED).all():
        raise Unfit("its bias is too fine for the scale of its sums")
    if sums.still.any():
        bias, scale = _settled(sums.still, bias, scale)
    if bias.any() and sums.reach + np.abs(bias).max() >= LIMIT:
        raise Unfit("it adds to sums that 32 bits might not hold")
    constants = [bias.astype(np.int32), scale]
    arrays = [emitter.between().array(array) for array in constants if array.size > 1]

    def body(total: Expr, *others: Expr) -> Expr:
        extra = iter(others)
        added, factor = (array.reshape(-1)[0].item() if array.size == 1 else next(extra) for array in constants)
        total = -total if negative else total
        total = total if added == 0 and isinstance(added, int) else total + added
        return target.clamped(total.rescale(factor))

    return emitter.map(body, sums.value, *arrays)


def _settled(still: Array, bias: Array, scale: Array) -> tuple[Array, Array]:
    """Biases and multipliers in which channels without weights are what they come to.

    Quantizers give those the least scales and the largest biases, for which alone products would need more than 53 bits.
    """
    still, bias, scale = np.broadcast_arrays(still, bias, scale)
    known = [Fraction(float(b)) * Fraction(float(m)) for b, m in zip(bias[still], scale[still], strict=True)]
    bias, scale = bias.copy(), scale.copy()
    bias[still] = [min(max(round(y), -LIMIT // 2), LIMIT // 2) for y in known]
    scale[still] = 1
    return uniform(bias), uniform(scale)


def _softmax(term: Term, target: Quantity, emitter: Emitter) -> Value | None:
    """exp(x - max) / sum."""
    if term.op != "div" or term.args[1].source is None:
        return None
    total = term.args[1].source.producer
    if not isinstance(total, Reduce) or total.kind is not Reduction.ADD or not isinstance(total.x.producer, Map):
        return None
    exponents = [_exponent(t) for t in (term.args[0], whole_term(total.x))]
    if exponents[0] is None or exponents[0] != exponents[1]:
        return None
    x, most = (bytes_of(v) for v in exponents[0])
    if x is None or most is None or x.quantity != most.quantity:
        return None
    peak = most.value.producer
    same = isinstance(peak, Reduce) and (peak.x, peak.kind, peak.axes) == (x.value, Reduction.MAX, total.axes)
    return softmaxed(emitter, x.value, x.quantity, total.axes, target) if same else None


def _exponent(term: Term) -> tuple[Value, Value] | None:
    """(a, b) of exp(a - b)."""
    if term.op != "exp" or term.args[0].op != "sub":
        return None
    a, b = (arg.source for arg in term.args[0].args)
    return None if a is None or b is None else (a, b)


def _product(term: Term, target: Quantity, emitter: Emitter) -> Value | None:
    """The product of two tensors of bytes."""
    found = product(term)
    if found is None or found[0].source is found[1].source:
        return None
    a, b = (leaf_of(_source(t)) for t in found[:2])
    factor = uniform(found[2])
    if not isinstance(a, Bytes) or not isinstance(b, Bytes):
        raise Unfit("it multiplies sums of products")
    return multiplied(emitter, (a.value, a.quantity, factor), (b.value, b.quantity, np.ones(())), target)


def _bent(term: Term, target: Quantity, emitter: Emitter) -> Value | None:
    """One slope below zero and another above."""
    found = two_lines(term)
    leaf = None if found is None else leaf_of(_source(found[0]))
    if found is None or not isinstance(leaf, Bytes):
        return None
    below, above = (uniform(np.asarray(factor)) for factor in found[1:])
    if max(below.size, above.size) > MOST_FACTORS or not (np.isfinite(below).all() and np.isfinite(above).all()):
        return None
    return bent(emitter, leaf.value, leaf.quantity, below, above, target)


def _function(term: Term, target: Quantity, emitter: Emitter) -> Value:
    """A function of one tensor of bytes as a table."""
    sources = [v for v in term.sources if constant_of(v) is None and stored(v) is None]
    if len(sources) != 1:
        raise Unfit("it is not linear, and of several tensors")
    leaf = leaf_of(sources[0])
    if not isinstance(leaf, Bytes):
        raise Unfit("it is not linear, and of sums of products")
    scale = np.float32(leaf.quantity.scale)
    low, high = leaf.quantity.limits
    reals = [Fraction(float(scale * np.float32(q - leaf.quantity.zero))) for q in range(low, high + 1)]
    return tabled(emitter, leaf.value, leaf.quantity, evaluated(term, sources[0], reals), target)


def _source(leaf: Term) -> Value:
    assert leaf.source is not None
    return leaf.source
