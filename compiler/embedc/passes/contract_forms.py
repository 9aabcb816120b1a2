"""contract-forms: products take transposes and flattenings into their equation, so that no copy is made for them.

    x [n,c,h,w] -> reshape [n,c*h*w] -> contract "nk,km->nm"     becomes   contract "nchw,chwm->nm" with reshaped weights

A constant operand stands second.
"""

from collections.abc import Sequence
from dataclasses import replace
from string import ascii_lowercase, ascii_uppercase

from embedc.ir.graph import Value
from embedc.ops.base import Op
from embedc.ops.elementwise import constant_of
from embedc.ops.layout import Index, Reshape
from embedc.ops.window import Contract, sums_narrow, weighs_in_bytes
from embedc.passes.base import Pass, first_of
from embedc.passes.uses import Uses
from embedc.passes.views import permutation


class ContractForms(Pass, name="contract-forms"):
    """Normalizes contract operators and what stands around them."""

    def rule(self, op: Op, uses: Uses) -> Value | None:
        if isinstance(op, Contract):
            return first_of(_constant_second, _transposed_operand, _flattened)(op, uses)
        return _transposed_result(op, uses) if isinstance(op, Index) else None


def _constant_second(op: Op, uses: Uses) -> Value | None:
    del uses
    assert isinstance(op, Contract)
    if constant_of(op.x) is None or constant_of(op.y) is not None:
        return None
    if sums_narrow(op.x, op.y) or weighs_in_bytes(op.x, op.y):
        return None
    x, y, result = op.terms
    return Contract(op.y, op.x, f"{y},{x}->{result}", origin=op.origin).result


def _transposed_operand(op: Op, uses: Uses) -> Value | None:
    del uses
    assert isinstance(op, Contract)
    x, y, result = op.terms
    found = permutation(op.x)
    if found is not None:
        return replace(op, x=found[0], equation=f"{_before(x, found[1])},{y}->{result}").result
    found = permutation(op.y)
    if found is not None:
        return replace(op, y=found[0], equation=f"{x},{_before(y, found[1])}->{result}").result
    return None


def _before(letters: str, order: Sequence[int]) -> str:
    """Letters of the axes as they are before a transpose."""
    return "".join(letters[order.index(a)] for a in range(len(letters)))


def _transposed_result(op: Index, uses: Uses) -> Value | None:
    found = permutation(op.result)
    inner = op.x.producer
    if found is None or not isinstance(inner, Contract) or uses[op.x] > 1:
        return None
    x, y, result = inner.terms
    moved = "".join(result[a] for a in found[1])
    return replace(inner, equation=f"{x},{y}->{moved}", origin=op.origin).result


def _flattened(op: Op, uses: Uses) -> Value | None:
    """A reshape that merges axes which the product sums over, in front of constant weights."""
    del uses
    assert isinstance(op, Contract)
    inner = op.x.producer
    if not isinstance(inner, Reshape) or constant_of(op.y) is None:
        return None
    x, y, result = op.terms
    groups = merged_axes(inner.x.type.dims, inner.shape)
    if groups is None:
        return None
    fresh = iter(c for c in ascii_lowercase + ascii_uppercase if c not in op.equation)
    spread: dict[str, str] = {}
    extents: dict[str, int] = {}
    for letter, group in zip(x, groups, strict=True):
        if len(group) > 1 and (letter in result or letter not in y):
            return None
        names = [letter] if len(group) == 1 else [next(fresh) for _ in group]
        spread[letter] = "".join(names)
        extents.update(zip(names, (inner.x.type.dims[a] for a in group), strict=True))
    extents.update(zip(y, op.y.type.dims, strict=True))
    wide = "".join(spread.get(letter, letter) for letter in y)
    weights = Reshape(op.y, tuple(extents[c] for c in wide), origin=op.y.origin).result
    equation = f"{''.join(spread[letter] for letter in x)},{wide}->{result}"
    return replace(op, x=inner.x, y=weights, equation=equation).result


def merged_axes(source: Sequence[int], target: Sequence[int]) -> list[list[int]] | None:
    """For each target axis the run of source axes that it merges; None if the reshape splits an axis or inserts one."""
    groups: list[list[int]] = []
    position = 0
    for extent in target:
        group: list[int] = []
        product = 1
        while position < len(source) and (not group or product < extent):
            product *= source[position]
            group.append(position)
            position += 1
        if product != extent or not group:
            return None
        groups.append(group)
    while position < len(source) and source[position] == 1 and groups:
        groups[-1].append(position)
        position += 1
    return groups if position == len(source) else None
