"""Which remainders the integers of a scalar program leave: what says that rounding never meets a tie."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from embedc.ir.intervals import Interval
from embedc.ir.scalar import ScalarProgram

MOST_VALUES = 2**18  # combinations that are tried: two operands of bytes, and some room


def may_leave(program: ScalarProgram, index: int, known: Sequence[Interval], modulus: int, remainder: int) -> bool:
    """False if a value is proven never to leave `remainder` modulo a power of two below 2^32: all that it can be is tried."""
    factors = Counter[int]()
    constant = _sum(program, index, 1, factors)
    values = np.array([constant % modulus])
    for leaf, factor in factors.items():
        low, high = known[leaf]
        if not (math.isfinite(low) and math.isfinite(high)) or values.size * (high - low + 1) > MOST_VALUES:
            return True
        steps = np.arange(int(low), int(high) + 1, dtype=np.int64) * (factor % modulus)
        values = np.unique((values[:, np.newaxis] + steps) % modulus)
    return bool((values == remainder).any())


def _sum(program: ScalarProgram, index: int, factor: int, factors: Counter[int]) -> int:
    """The constant of a sum of multiples; adds to `factors` what other values are multiplied with."""
    node = program.nodes[index - len(program.inputs)] if index >= len(program.inputs) else None
    if node and node.op == "const" and node.value is not None:
        return factor * int(node.value)
    if node and node.element.is_integer and node.op in ("add", "sub"):
        a, b = node.args
        return _sum(program, a, factor, factors) + _sum(program, b, factor if node.op == "add" else -factor, factors)
    if node and node.element.is_integer and node.op == "mul":
        for a, b in (node.args, node.args[::-1]):
            known = Counter[int]()
            number = _sum(program, b, 1, known)
            if not known:
                return _sum(program, a, factor * number, factors)
    factors[index] += factor
    return 0
