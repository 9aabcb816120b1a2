"""Cosine and sine of fractions of a turn, the same bits on every host: sums and products of f64 alone."""

import numpy as np

from embedc.ir.types import Array

_TERMS = 9  # of each series: the angles are an eighth of a turn at most


def circle(numerators: Array, denominator: int) -> tuple[Array, Array]:
    """Cos and sin of 2 pi n / denominator."""
    n = np.asarray(numerators, np.int64) % denominator
    quarters = (4 * n + denominator // 2) // denominator
    angle = (4 * n - quarters * denominator) * (np.pi / 2) / denominator
    square = angle * angle
    cosine, sine = np.ones_like(angle), np.ones_like(angle)
    for k in range(_TERMS, 0, -1):
        cosine = 1 - square * cosine / ((2 * k - 1) * (2 * k))
        sine = 1 - square * sine / (2 * k * (2 * k + 1))
    sine = sine * angle
    turned = [(cosine, sine), (-sine, cosine), (-cosine, -sine), (sine, -cosine)]
    picked = [np.choose(quarters % 4, [pair[i] for pair in turned]) for i in range(2)]
    return picked[0] + 0.0, picked[1] + 0.0  # no negative zeros
