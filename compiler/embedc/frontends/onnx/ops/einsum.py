"""Einsum of any number of operands, as contractions of two at a time."""

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.linear import LETTERS
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.graph import Value
from embedc.ir.types import I32
from embedc.ops.elementwise import Reduction
from embedc.ops.window import Contract

Term = tuple[Value, str]


@onnx_op("Einsum")
def einsum(node: Node) -> Value:
    """Operands are combined from left to right; letters that no later operand needs are summed at once."""
    equation = "".join(node.string("equation").split())
    values = node.operands()
    letters, result = _parse(node, equation, values)
    terms = [_without_ones(node, _diagonal(node, term)) for term in zip(values, letters, strict=True)]
    current = terms[0]
    for number, term in enumerate(terms[1:], 2):
        needed = set(result).union(*(later for _, later in terms[number:]))
        current = _combined(node, current, term, needed)
    value, left = _summed(node, current, set(result))
    value = node.transpose(value, [left.index(c) for c in result if c in left])
    extents = dict(zip((c for c in result if c in left), value.type.dims, strict=True))
    return node.reshape(value, [extents.get(c, 1) for c in result])


def _parse(node: Node, equation: str, values: tuple[Value, ...]) -> tuple[list[str], str]:
    """One string of letters for each operand and for the result, an ellipsis spelled out in unused letters."""
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(values):
        raise node.fail(
            f"equation '{equation}' has {len(terms)} terms for {len(values)} operands", "re-export the model"
        )
    spare = [c for c in LETTERS + LETTERS.upper() if c not in equation]
    hidden = [v.type.rank - len(t.replace("...", "")) for t, v in zip(terms, values, strict=True) if "..." in t]
    wide = spare[: max(hidden, default=0)]
    letters = [
        t.replace("...", "".join(wide[len(wide) - (v.type.rank - len(t) + 3) :]))
        for t, v in zip(terms, values, strict=True)
    ]
    if not arrow:
        named = sorted(c for c in set(left) if c.isalpha() and left.count(c) == 1)
        right = ("..." if hidden else "") + "".join(named)
    result = right.replace("...", "".join(wide))
    _check(node, equation, letters, result, values)
    return letters, result


def _check(node: Node, equation: str, letters: list[str], result: str, values: tuple[Value, ...]) -> None:
    for term, value in zip([*letters, result], [*values, None], strict=True):
        if not all(c.isascii() and c.isalpha() for c in term) or (value and len(term) != value.type.rank):
            raise node.fail(f"equation '{equation}' does not fit its operands", "one letter for each axis")
    if not set(result) <= set("".join(letters)) or len(set(result)) != len(result):
        raise node.fail(f"equation '{equation}' has a result letter twice, or one that no operand has", "re-export it")


def _diagonal(node: Node, term: Term) -> Term:
    """A letter that comes twice in one operand reads its diagonal: every (n + 1)-th element of the two axes as one."""
    value, letters = term
    twice = next((c for c in letters if letters.count(c) > 1), None)
    if twice is None:
        return term
    first = letters.index(twice)
    second = letters.index(twice, first + 1)
    others = [a for a in range(len(letters)) if a not in (first, second)]
    lead, n = [value.type.dims[a] for a in others], value.type.dims[first]
    if value.type.dims[second] != n:
        raise node.fail(f"'{twice}' is {n} and {value.type.dims[second]} in one operand", "re-export the model")
    flat = node.reshape(node.transpose(value, [*others, first, second]), [*lead, n * n])
    return _diagonal(node, (node.part(flat, len(lead), 0, n, n + 1), "".join(letters[a] for a in others) + twice))


def _without_ones(node: Node, term: Term) -> Term:
    """Without axes of extent 1: they stretch to whatever the other operands have."""
    value, own = term
    kept = [(c, n) for c, n in zip(own, value.type.dims, strict=True) if n != 1]
    return node.reshape(value, [n for _, n in kept]), "".join(c for c, _ in kept)


def _summed(node: Node, term: Term, needed: set[str]) -> Term:
    """Letters that nothing needs summed away."""
    value, letters = term
    axes = [a for a, c in enumerate(letters) if c not in needed]
    total = node.reduce(value, Reduction.ADD, axes)
    kept = [a for a in range(len(letters)) if a not in axes]
    return node.reshape(total, [value.type.dims[a] for a in kept]), "".join(letters[a] for a in kept)


def _combined(node: Node, left: Term, right: Term, needed: set[str]) -> Term:
    left = _summed(node, left, needed | set(right[1]))
    right = _summed(node, right, needed | set(left[1]))
    result = "".join(dict.fromkeys(c for c in left[1] + right[1] if c in needed))
    element = left[0].type.element
    narrow = element.is_integer and element.bits < I32.bits  # the sum wraps around in the end only, which is the same
    x, y = (node.between().map(lambda v: v.cast(I32), v) if narrow else v for v, _ in (left, right))
    total = node.emit(Contract(x, y, f"{left[1]},{right[1]}->{result}", origin=node.origin))
    return node.map(lambda t: t.cast(element), total) if narrow else total, result
