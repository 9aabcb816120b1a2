"""Elementwise operators and softmax on bytes, in integers: each result is rounded once, to the nearest or even."""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import I32, I64, U8, Array
from embedc.ops.elementwise import Reduce, Reduction
from embedc.ops.layout import Gather
from embedc.quantized.quantity import FARTHEST, Quantity
from embedc.quantized.scales import exactly, grid, multiplier, ratio
from embedc.quantized.steps import Steps

FAR = 200  # exp of less rounds to 0 in every table
SOFTMAX_BITS = 22  # bits behind the point of an exponential: 2^7 times those of a byte and a sum of 256
SUM_BITS = 30
RATIO_BITS = 16
LEAST_SCALE = 2.0**-RATIO_BITS

Term = tuple[Value, Quantity, Array]
"""Bytes, what they stand for, and a factor."""


def converted(steps: Steps, x: Value, own: Quantity, target: Quantity) -> Value:
    """Bytes of one quantity as those of another; `x` itself if they are the same."""
    if own.stands_for(target):
        return x if target.ends is None else steps.map(target.within, x)
    scale = ratio(steps, own.scale, 1.0, target.scale)
    return steps.map(lambda q: target.clamped(own.centred(q).rescale(scale)), x)


def added(steps: Steps, terms: Sequence[Term], shift: Array, target: Quantity) -> Value:
    """The sum of terms and `shift`, both real numbers."""
    unit = Fraction(target.scale)
    ratios = [exactly(factor, Fraction(own.scale) / unit) for _, own, factor in terms]
    found = grid(steps, ratios, exactly(shift, 1 / unit))
    owns = [own for _, own, _ in terms]
    constants = [
        None if array.size == 1 else steps.between().array(array.astype(np.int32))
        for array in (*found.factors, found.shift)
    ]
    arrays = [*found.factors, found.shift]

    def body(*inputs: Expr) -> Expr:
        extra = iter(inputs[len(terms) :])
        known = [
            int(array.reshape(-1)[0]) if constant is None else next(extra)
            for array, constant in zip(arrays, constants, strict=True)
        ]
        total: Expr | None = None
        for q, own, factor in zip(inputs[: len(terms)], owns, known[:-1], strict=True):
            term = own.centred(q) * factor
            total = term if total is None else total + term
        assert total is not None
        whole = total if isinstance(known[-1], int) and known[-1] == 0 else total + known[-1]
        return target.clamped(whole.rescale(2.0**-found.bits))

    return steps.map(body, *(x for x, _, _ in terms), *(c for c in constants if c is not None))


def bent(steps: Steps, x: Value, own: Quantity, below: Array, above: Array, target: Quantity) -> Value:
    """Two lines that meet in zero: a factor for numbers below, one for those above."""
    unit = Fraction(own.scale) / Fraction(target.scale)
    found = grid(steps, [exactly(below, unit), exactly(above, unit)], exactly(np.zeros(()), unit))
    factors = [f.astype(np.int32) for f in found.factors]
    constants = [steps.between().array(f) for f in factors if f.size > 1]

    def body(q: Expr, *others: Expr) -> Expr:
        extra = iter(others)
        low, high = (int(f.reshape(-1)[0]) if f.size == 1 else next(extra) for f in factors)
        centred = own.centred(q)
        return target.clamped((centred < 0).where(centred * low, centred * high).rescale(2.0**-found.bits))

    return steps.map(body, x, *constants)


def multiplied(steps: Steps, a: Term, b: Term, target: Quantity) -> Value:
    """The product of two terms."""
    (x, qx, fx), (y, qy, fy) = a, b
    scale = multiplier(steps, np.asarray(qx.scale) * fx * fy, np.asarray(qy.scale), target.scale)
    if scale.size == 1:
        only = float(scale.reshape(-1)[0])
        return steps.map(lambda x, y: target.clamped((qx.centred(x) * qy.centred(y)).rescale(only)), x, y)
    scales = steps.between().array(scale)
    return steps.map(lambda x, y, s: target.clamped((qx.centred(x) * qy.centred(y)).rescale(s)), x, y, scales)


def tabled(steps: Steps, x: Value, own: Quantity, reals: Iterable[Fraction], target: Quantity) -> Value:
    """A function of the real number that each byte stands for, given by its values from the least byte to the greatest."""
    low, high = target.ends or target.limits
    rounded = (round(y / Fraction(target.scale)) + target.zero for y in reals)
    table = np.asarray([min(max(y, low), high) for y in rounded], target.element.dtype)
    least, _ = own.limits
    turned = np.roll(table, least)  # negative bytes count from the end
    return steps.emit(Gather(steps.between().array(turned), x, 0, origin=steps.origin))


def power(x: Fraction) -> Fraction:
    """exp(x) with 28 digits, the same ones on every host; 0 or huge where bytes cannot tell."""
    near = min(max(x, Fraction(-FAR)), Fraction(FAR))
    return Fraction((Decimal(near.numerator) / near.denominator).exp())


def softmaxed(steps: Steps, x: Value, own: Quantity, axes: Sequence[int], target: Quantity) -> Value:
    """exp(x - max) / sum over `axes`: a table of exponentials of the distance to the maximum, one division; halves round up."""
    count = math.prod(x.type.dims[a] for a in axes)
    bits = min(SOFTMAX_BITS, SUM_BITS - count.bit_length())
    if bits < RATIO_BITS:
        raise steps.fail(f"normalizes {count} numbers", f"embedc takes up to {2 ** (SUM_BITS - RATIO_BITS) - 1}")
    if target.scale < LEAST_SCALE:
        raise steps.fail(f"the scale of its result is {target.scale:g}", f"bytes hold no softmax below {LEAST_SCALE:g}")
    step = steps.between()

    def reduced(value: Value, kind: Reduction) -> Value:
        return step.emit(Reduce(value, kind, tuple(axes), origin=step.origin)) if axes else value

    distance = step.map(lambda x, m: (m.cast(I32) - x.cast(I32)).cast(U8), x, reduced(x, Reduction.MAX))
    exponentials = (round(power(Fraction(own.scale) * -d) * 2**bits) for d in range(FARTHEST + 1))
    table = step.array(np.fromiter(exponentials, np.int32, FARTHEST + 1))
    powers = step.emit(Gather(table, distance, 0, origin=step.origin))
    total = step.map(lambda s: s.cast(I64) * 2**RATIO_BITS, reduced(powers, Reduction.ADD))
    twice = 2 * round(Fraction(2**RATIO_BITS) / Fraction(target.scale))
    return steps.map(lambda p, s: target.clamped(((p.cast(I64) * twice / s).cast(I32) + 1) / 2), powers, total)
