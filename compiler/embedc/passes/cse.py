"""cse: operators equal in kind, attributes and operands are computed once; constants are compared by content."""

from collections.abc import Hashable

from embedc.ir.graph import Graph, Replacement, rewrite
from embedc.ops.base import Op
from embedc.ops.elementwise import Const
from embedc.passes.base import Pass


class Cse(Pass, name="cse"):
    """Merges common subexpressions; the first one stays."""

    def run(self, graph: Graph) -> Graph:
        seen: dict[Hashable, Op] = {}

        def rule(op: Op) -> Replacement:
            first = seen.setdefault(_key(op), op)
            return None if first is op else first.results

        return rewrite(graph, rule)


def _key(op: Op) -> Hashable:
    """Equal for operators with equal results; text tells -0.0 from 0.0. A region equals itself alone."""
    attributes = tuple(
        op.digest if name == "data" and isinstance(op, Const) else repr(value) for name, value in op.attributes.items()
    )
    return (op.opname, tuple(map(id, op.operands)), attributes, tuple(map(id, op.regions.values())))
