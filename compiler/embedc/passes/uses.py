"""Rewriting with exact use counts, for rules that may act only where nobody else reads a value."""

from collections import Counter
from collections.abc import Callable

from embedc.ir.graph import Graph, Replacement, Value, rewrite
from embedc.ops.base import Op

MOST_STEPS = 16


class Uses:
    """How often each value of a graph under reconstruction is read, by operators and as output."""

    def __init__(self, graph: Graph) -> None:
        self._count = Counter(operand for op in graph.ops for operand in op.operands)
        self._count.update(graph.outputs.values())
        self._known = {id(op) for op in graph.ops}

    def __getitem__(self, value: Value) -> int:
        return self._count[value]

    def rebuilt(self, old: Op, new: Op) -> None:
        """`new` is `old` with other operands."""
        self._known.add(id(new))
        if new is not old:
            for before, after in zip(old.results, new.results, strict=True):
                self._count[after] = self._count[before]

    def is_new(self, op: Op | None) -> bool:
        """True for an operator that a rule has just created."""
        return op is not None and id(op) not in self._known

    def replaced(self, old: Value, new: Value) -> None:
        """All readers of `old` read `new` from now on; what nobody reads any more reads nothing itself."""
        assert old.producer is not None
        if new is old:
            return
        readers = self._count[old]
        self._enter(new)
        self._count[new] += readers
        self._count[old] -= readers
        self._release(old)

    def _enter(self, value: Value) -> None:
        pending = [value.producer]
        while pending:
            op = pending.pop()
            if op is not None and self.is_new(op):
                self._known.add(id(op))
                for operand in op.operands:
                    self._count[operand] += 1
                    pending.append(operand.producer)

    def _release(self, value: Value) -> None:
        pending = [value.producer]
        while pending:
            op = pending.pop()
            if op is None or any(self._count[result] for result in op.results):
                continue
            for operand in op.operands:
                self._count[operand] -= 1
                if not self._count[operand]:
                    pending.append(operand.producer)


def is_static(op: Op) -> bool:
    """True if no operand or result has an open dimension."""
    return all(isinstance(d, int) for value in (*op.operands, *op.results) for d in value.type.shape)


def rewrite_counted(graph: Graph, rule: Callable[[Op, Uses], Value | None]) -> Graph:
    """`rewrite` for rules that ask for use counts; a rule is tried again on the operator that it has just made.

    Operators with several results or with open dimensions are left alone.
    """
    uses = Uses(graph)
    originals = iter(graph.ops)

    def step(new: Op) -> Replacement:
        uses.rebuilt(next(originals), new)
        op: Op | None = new
        value = new.results[0]
        for _ in range(MOST_STEPS):
            if op is None or len(op.results) != 1 or not is_static(op):
                break
            better = rule(op, uses)
            if better is None or better is value:
                break
            op = better.producer if uses.is_new(better.producer) else None
            uses.replaced(value, better)
            value = better
        return None if value is new.results[0] else (value,)

    return rewrite(graph, step)


def within_regions(graph: Graph, change: Callable[[Graph], Graph]) -> Graph:
    """The graph with `change` made in every region of its operators, the innermost first."""

    def region(old: Graph) -> Graph:
        new = change(within_regions(old, change))
        return new if changed(old, new) else old

    def rule(op: Op) -> Replacement:
        new = op.with_regions(region)
        return None if new is op else new.results

    return rewrite(graph, rule) if any(op.regions for op in graph.ops) else graph


def changed(before: Graph, after: Graph) -> bool:
    """True if a rewriting did anything but reorder operators."""
    return set(before.ops) != set(after.ops) or dict(before.outputs) != dict(after.outputs)
