"""Which scalar programs ec_v has words for: lanes of f32 and i32, smaller integers widened when they are loaded."""

import math
from collections.abc import Sequence

import numpy as np

from embedc.ir.intervals import Interval, intervals, of_element
from embedc.ir.residues import may_leave
from embedc.ir.scalar import SCALAR_OPS, ScalarNode, ScalarProgram
from embedc.ir.types import BOOL, F32, I8, I16, I32, U8, U16, Element
from embedc.program.program import View

LANES = frozenset((F32, I32, I16, U16, I8, U8))
INTEGER_WORDS = frozenset(("add", "sub", "mul", "neg", "abs", "min", "max", "lt", "le", "eq", "select"))
KEEPING = frozenset(("min", "max", "select"))  # results that are one of the operands, in any width
WHOLE = 2.0**24


def vectorizes(body: ScalarProgram, inputs: Sequence[Interval | None] = ()) -> bool:
    """True if ec_v has a word for every step; `inputs` are the intervals of operands as far as they are known."""
    if body.result_element not in LANES or any(e not in LANES for e in body.inputs):
        return False
    known = intervals(body, inputs or [None] * len(body.inputs))
    return all(_has_word(n, body, known) for n in body.nodes)


def constant_interval(view: View) -> Interval | None:
    """Between which numbers a view of constants lies; None for anything else."""
    data = view.buffer.data
    if data is None or data.dtype != view.element.dtype or not data.size or not np.isfinite(data).all():
        return None
    return data.min().item(), data.max().item()


def _has_word(node: ScalarNode, body: ScalarProgram, known: list[Interval]) -> bool:
    if node.op == "const":
        return node.element in LANES
    operands = [body.element(a) for a in node.args]
    if node.op == "cast":
        return _casts(operands[0], node.element, known[node.args[0]], is_whole(body, node.args[0]))
    if node.op == "rescale":
        return True
    if operands[-1].is_integer:
        narrow = operands[-1] != I32 and node.op not in KEEPING and node.element != BOOL
        return node.op in INTEGER_WORDS and operands[-1] in LANES and not narrow
    return operands[-1] in (F32, BOOL) and SCALAR_OPS[node.op].word is not None


def _casts(source: Element, target: Element, known: Interval, whole: bool) -> bool:
    """Widening, floats of integers, whole numbers of floats, and narrowing of what is known to fit."""
    if source not in LANES or target not in LANES:
        return False
    if source.is_float:
        return target == I32 and whole and known[0] >= -WHOLE and known[1] <= WHOLE
    least, most = of_element(target)
    return target == F32 or (least <= known[0] and known[1] <= most)


def is_whole(body: ScalarProgram, index: int) -> bool:
    """True for floats that are whole numbers, or NaN."""
    k = len(body.inputs)
    if index < k:
        return False
    node = body.nodes[index - k]
    match node.op:
        case "round" | "floor" | "ceil":
            return True
        case "const":
            return node.value is not None and math.isfinite(node.value) and float(node.value).is_integer()
        case "min" | "max":
            return all(is_whole(body, a) for a in node.args)
        case _:
            return False


MOST_SHIFT = 30
SHIFTS = ("round_shift", "shift_half")  # forms of rescales by 2^-s


def shift_of(body: ScalarProgram, node: ScalarNode) -> int:
    """S of a rescale by the constant 2^-s, 0 for any other."""
    k = len(body.inputs)
    constant = body.nodes[node.args[1] - k].value if node.args[1] >= k else None
    fraction, exponent = math.frexp(constant) if constant else (0.0, 0)
    return 1 - exponent if fraction == 0.5 and exponent <= 0 else 0


def shift_form(body: ScalarProgram, node: ScalarNode, known: Sequence[Interval]) -> str:
    """The word for a rescale that a rounding shift does, the shorter one where no tie is met; else nothing."""
    shift, reach = shift_of(body, node), max(abs(limit) for limit in known[node.args[0]])
    if not 1 <= shift <= MOST_SHIFT or reach > 2**31 - 2**shift:
        return ""
    return "round_shift" if may_leave(body, node.args[0], known, 2**shift, 2 ** (shift - 1)) else "shift_half"


SMALL, SMALL_RESULT = 2.0**24, 2.0**22 - 1
NEAR = 2.0**29  # times 24 bits of a multiplier: still exact in f64
LARGE = 2.0**24  # multipliers below shift to the right


def rescale_form(body: ScalarProgram, node: ScalarNode, known: Sequence[Interval]) -> str:
    """Which of the equal words for a rescale is exact: that for small, for near or for any products (kernels/README.md)."""
    (low, high), (_, scale) = (known[a] for a in node.args)
    reach = max(abs(low), abs(high))
    if reach <= SMALL and reach * scale < SMALL_RESULT:
        return "rescale_small"
    form = shift_form(body, node, known)
    if form:
        return form
    k = len(body.inputs)
    constant = body.nodes[node.args[1] - k].value if node.args[1] >= k else None
    power = constant is not None and math.frexp(constant)[0] == 0.5
    near = (reach < NEAR or power) and reach * scale < 2.0**31 - 1 and scale < LARGE
    return "rescale_near" if near else "rescale"
