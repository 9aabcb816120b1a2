"""merge-constants: what maps compute from constants alone is computed here, and chains of constant factors and summands become one.

(x + b1) * s1 * s2 + b2     becomes   x*s + b      with s and b computed in f64 and rounded once
(x + b1) + (y + b2)         becomes   (x + y) + b
"""

from collections.abc import Callable, Iterator

import numpy as np

from embedc.ir.graph import Origin, Value
from embedc.ir.types import Array, Element
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, constant_of
from embedc.passes.affine import applied, chain_from, constant_value, known, rounds
from embedc.passes.base import Pass
from embedc.passes.expression import Term, as_value, call, expression, readers, substitute
from embedc.passes.uses import Uses

DIVISION = 4


class MergeConstants(Pass, name="merge-constants"):
    """Merges constants inside maps; sums and products are reassociated, except in maps that round."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        del uses
        if not isinstance(op, Map) or all(constant_of(v) is not None for v in op.inputs):
            return None
        whole = expression(op)
        biggest = max((v.type.size for v in whole.sources if constant_of(v) is not None), default=1)
        candidates: list[Callable[[Term, int, Origin], Iterator[Term]]] = [_computed]
        if not rounds(whole):
            candidates += [_chained, _rotated]
        for candidate in candidates:
            for better in candidate(whole, biggest, op.origin):
                return as_value(better, op.result.type.shape, op.origin)
        return None


def _computed(whole: Term, biggest: int, origin: Origin) -> Iterator[Term]:
    """`whole` with its constant parts replaced by their values."""
    replacements: dict[Term, Term] = {}
    for term in whole:
        if term.op in ("const", "read"):
            continue
        value = constant_value(term)
        if value is not None and value.size <= biggest:
            replacements[term] = known(value, term, origin)
    if replacements and constant_value(whole) is None:
        yield substitute(whole, replacements)


def _chained(whole: Term, biggest: int, origin: Origin) -> Iterator[Term]:
    """`whole` with one chain of constants merged, if that saves work."""
    for first in whole:
        if not first.element.is_float or constant_value(first) is not None:
            continue
        chain = chain_from(first, whole)
        fits = max(chain.scale.size, chain.shift.size) <= biggest and _is_normal(chain.scale, first.element)
        if chain.length == 0 or not fits:
            continue
        better = substitute(whole, {chain.last: applied(first, chain.scale, chain.shift, origin)})
        if _cost(better) < _cost(whole):
            yield better


def _is_normal(array: Array, element: Element) -> bool:
    """True if rounding to `element` loses no more than half a unit in the last place."""
    least, most = element.normal
    size = np.abs(array)
    return bool(((size == 0) | ((size >= least) & (size <= most))).all())


def _cost(term: Term) -> int:
    """Operators, divisions counted as several."""
    return sum(DIVISION if t.op == "div" else 1 for t in term if t.op not in ("read", "const"))


def _rotated(whole: Term, biggest: int, origin: Origin) -> Iterator[Term]:
    """`whole` with the constants of two sums that are added brought next to each other."""
    del biggest, origin
    counts = readers(whole)
    for term in whole:
        if term.op != "add" or not term.element.is_float:
            continue
        parts = [_summand(arg) if counts[arg] == 1 else None for arg in term.args]
        if parts[0] is None or parts[1] is None:
            continue
        (x, b), (y, c) = parts[0], parts[1]
        yield substitute(whole, {term: call("add", call("add", call("add", x, y), b), c)})


def _summand(term: Term) -> tuple[Term, Term] | None:
    """(x, b) of x + b with constant b."""
    if term.op == "add":
        for x, b in (term.args, term.args[::-1]):
            if constant_value(b) is not None and constant_value(x) is None:
                return x, b
    return None
