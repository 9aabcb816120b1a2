"""Einsum of any number of operands, as contractions of two at a time."""

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.linear import LETTERS
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.graph import Value
from embedc.ops.elementwise import Reduction
from embedc.ops.window import Contract

Term = tuple[Value, str]


@onnx_op("Einsum")
def einsum(node: Node) -> Value:
    """Operands are combined from left to right; letters that no later operand needs are summed at once."""
    equation = "".join(node.string("equation").split())
    values = node.operands()
    letters, result = _parse(node, equation, values)
    terms = [_without_ones(node, term, letters) for term in zip(values, letters, strict=True)]
    extents = {c: n for value, term in terms for c, n in zip(term, value.type.dims, strict=True)}
    current = terms[0]
    for number, term in enumerate(terms[1:], 2):
        needed = set(result).union(*(later for _, later in terms[number:]))
        current = _combined(node, current, term, needed)
    value, letters_left = _summed(node, current, set(result))
    value = node.transpose(value, [letters_left.index(c) for c in result if c in letters_left])
    return _with_ones(node, value, letters_left, result, extents)


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
        if len(set(term)) != len(term):
            raise node.fail(f"equation '{equation}' repeats a letter in one term", "diagonals are not supported")
    if not set(result) <= set("".join(letters)):
        raise node.fail(f"equation '{equation}' has a result letter that no operand has", "re-export the model")


def _without_ones(node: Node, term: Term, letters: list[str]) -> Term:
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
    contract = Contract(left[0], right[0], f"{left[1]},{right[1]}->{result}", origin=node.origin)
    return node.emit(contract), result


def _with_ones(node: Node, value: Value, letters: str, result: str, extents: dict[str, int]) -> Value:
    """The axes of extent 1 put back."""
    return node.reshape(value, [extents.get(c, 1) if c in letters else 1 for c in result])
