"""Vectors of integers alone, in the words ec_q of kernels/README.md: for instruction sets that flush subnormal floats."""

import math
from collections.abc import Sequence

import numpy as np

from embedc.emit.scalars import VectorC
from embedc.ir.intervals import Interval
from embedc.ir.scalar import ScalarNode, ScalarProgram
from embedc.ir.types import I32
from embedc.program.program import View
from embedc.program.vectors import constant_interval, shift_form, shift_of, vectorizes


def takes_quads(program: ScalarProgram, operands: Sequence[Interval | None]) -> bool:
    """True if there is a word for every step and no float but the multipliers of rescales, of which only bits are read."""
    computed = [n for n in program.nodes if n.op not in ("const", "rescale")]
    floats = any(program.element(a).is_float for n in computed for a in n.args)
    return program.result_element.is_integer and not floats and vectorizes(program, operands)


def in_quads(text: str) -> str:
    """Printed words of ec_v as those of ec_q: the text has no names yet but those of words and its own."""
    return text.replace("ec_v", "ec_q").replace("EC_V_LANES", "EC_Q_LANES")


def grain(view: View) -> float:
    """The greatest power of two that divides one of a view's multipliers; infinity where that is not known."""
    if constant_interval(view) is None or view.buffer.data is None or not view.element.is_float:
        return math.inf
    return max(_grain(value) for value in np.unique(view.buffer.data).tolist())


def _grain(number: float) -> float:
    numerator, denominator = float(number).as_integer_ratio()
    return (numerator & -numerator) / denominator


class QuadC(VectorC):
    """The words as in_quads takes them: rescales by fixed-point multipliers; `grains` are those of the program's inputs."""

    in_floats = False

    def __init__(self, known: Sequence[Interval], grains: Sequence[float]) -> None:
        super().__init__(known)
        self.grains = grains

    def rescale(self, node: ScalarNode, args: Sequence[str], program: ScalarProgram) -> str:
        (low, high), (_, most) = (self.known[a] for a in node.args)
        bottom, top = I32.limits
        form = shift_form(program, node, self.known)
        if form:
            return f"ec_v{form}_i32({args[0]}, {shift_of(program, node)}, n)"
        left = max(0, math.frexp(most)[1] + 1)
        if math.isinf(most) or not bottom <= low * 2**left <= high * 2**left <= top:
            return f"ec_vrescale_i32({', '.join(args)}, n)"
        ties = max(-low, high) * self._multiplier_grain(program, node.args[1]) >= 0.5
        return f"ec_vrescale_{'ties' if ties else 'fixed'}_i32({', '.join(args)}, {left}, n)"

    def _multiplier_grain(self, program: ScalarProgram, index: int) -> float:
        first = len(program.inputs)
        if index < first:
            return self.grains[index]
        value = program.nodes[index - first].value
        return _grain(value) if value else math.inf
