"""Chains of additions and multiplications by constants: y = x * scale + shift, in f64."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from embedc.ir.graph import Origin
from embedc.ir.scalar import SCALAR_OPS, makes_whole
from embedc.ir.types import Array
from embedc.ops.elementwise import constant, constant_of
from embedc.passes.expression import Term, call, literal, read, readers

LINEAR = frozenset(("add", "sub", "mul", "div", "neg"))


@dataclass(frozen=True)
class Chain:
    """`last` = `first` * scale + shift, computed by `length` operators."""

    first: Term
    last: Term
    scale: Array
    shift: Array
    length: int


def constant_value(term: Term) -> Array | None:
    """The elements of a term that depends on constants alone, in f64; None if it reads others or hosts could differ."""
    known: dict[Term, Array | None] = {}
    for t in term:
        if not t.element.is_float:
            known[t] = None
        elif t.op == "const":
            known[t] = np.asarray(t.value, np.float64)
        elif t.source is not None:
            data = constant_of(t.source)
            known[t] = None if data is None else data.astype(np.float64)
        else:
            args = [a for a in (known[arg] for arg in t.args) if a is not None]
            computable = len(args) == len(t.args) and t.op in SCALAR_OPS and SCALAR_OPS[t.op].exact
            with np.errstate(all="ignore"):
                known[t] = SCALAR_OPS[t.op].numpy(*args) if computable else None
    return known[term]


def chain_from(first: Term, whole: Term) -> Chain:
    """The longest chain inside `whole` that starts at `first` and whose inner steps nobody else reads."""
    users: dict[Term, Term] = {arg: t for t in whole for arg in t.args}
    counts = readers(whole)
    chain = Chain(first, first, np.ones(()), np.zeros(()), 0)
    while chain.last is not whole and counts[chain.last] == 1:
        longer = _extended(chain, users[chain.last])
        if longer is None:
            break
        chain = longer
    return chain


def chain_to(whole: Term) -> Chain:
    """The longest chain that ends in `whole` and whose inner steps nobody else reads."""
    counts: Counter[Term] = readers(whole)
    path = [whole]
    while path[-1].op in LINEAR:
        variable = [arg for arg in path[-1].args if constant_value(arg) is None]
        if len(variable) != 1 or counts[variable[0]] != 1:
            break
        path.append(variable[0])
    chain = Chain(path[-1], path[-1], np.ones(()), np.zeros(()), 0)
    for step in reversed(path[:-1]):
        longer = _extended(chain, step)
        chain = Chain(step, step, np.ones(()), np.zeros(()), 0) if longer is None else longer
    return chain


def _extended(chain: Chain, step: Term) -> Chain | None:
    """`chain` with one more operator, None if that is not linear with a constant."""
    if step.op not in LINEAR or not step.element.is_float:
        return None
    scale, shift = chain.scale, chain.shift
    if step.op == "neg":
        return Chain(chain.first, step, -scale, -shift, chain.length + 1)
    left = step.args[0] is chain.last
    constant = constant_value(step.args[1 if left else 0])
    if constant is None:
        return None
    with np.errstate(all="ignore"):
        match step.op, left:
            case "add", _:
                shift = shift + constant
            case "sub", True:
                shift = shift - constant
            case "sub", False:
                scale, shift = -scale, constant - shift
            case "mul", _:
                scale, shift = scale * constant, shift * constant
            case "div", True:
                scale, shift = scale / constant, shift / constant
            case _:
                return None
    finite = bool(np.isfinite(scale).all() and np.isfinite(shift).all())
    return Chain(chain.first, step, scale, shift, chain.length + 1) if finite else None


def known(array: Array, like: Term, origin: Origin) -> Term:
    """A term that holds `array` rounded to the element type of `like`: a number if that is one everywhere."""
    with np.errstate(over="ignore"):  # beyond the type is infinity
        rounded = array.astype(like.element.dtype)
    if (rounded == rounded.flat[0]).all():
        return literal(rounded.flat[0].item(), like.element)
    while rounded.shape[0] == 1:
        rounded = rounded[0]
    return read(constant(np.ascontiguousarray(rounded), origin.without_tensor()))


def applied(term: Term, scale: Array, shift: Array, origin: Origin) -> Term:
    """`term` * scale + shift without what changes nothing."""
    if (scale != 1).any():
        term = call("mul", term, known(scale, term, origin))
    if (shift != 0).any():
        term = call("add", term, known(shift, term, origin))
    return term


def rounds(whole: Term) -> bool:
    """True if a step is discontinuous: a last bit in what it reads can then become a whole unit."""
    return any(makes_whole(t.op, t.element, [arg.element for arg in t.args]) for t in whole)
