"""fuse-maps: chains and trees of maps become one map, where that neither repeats dear work nor keeps more memory alive."""

import dataclasses
from collections.abc import Mapping

from embedc.ir.graph import Graph, Replacement, Value, rewrite
from embedc.ops.base import Op
from embedc.ops.elementwise import Map, Reduce, constant_of
from embedc.ops.window import Contract, Conv, Window
from embedc.passes.base import Pass
from embedc.passes.expression import Term, as_value, expression, substitute
from embedc.passes.uses import Uses, is_static, rewrite_counted

CHEAP = frozenset(
    [
        "read",
        "const",
        "cast",
        "add",
        "sub",
        "mul",
        "neg",
        "abs",
        "min",
        "max",
        "lt",
        "le",
        "eq",
        "and",
        "or",
        "not",
        "select",
        "bit_and",
        "bit_or",
        "bit_xor",
        "bit_not",
        "shl",
        "shr",
    ]
)
SMALL = 2
KERNELS = (Conv, Contract, Window, Reduce, Map)


class FuseMaps(Pass, name="fuse-maps"):
    """Fuses maps up to `operands` operands, of which `large` are as large as the largest, and `nodes` scalar steps.

    A producer that several maps read goes into each of them if it is small, all of them take it in, and it could not ride for free in
    the epilogue of a kernel. A producer that is broadcast is fused only if it is small and cheap.
    """

    operands: int = 6
    large: int = 4
    nodes: int = 64

    def run(self, graph: Graph) -> Graph:
        graph = _given_to_each(graph, self._small_shared(graph))
        born: dict[Value, int] = {}

        def rule(op: Op, uses: Uses) -> Value | None:
            fused = self._fused(op, uses, born) if isinstance(op, Map) else None
            born.setdefault(fused or op.result, len(born))
            return fused

        return rewrite_counted(graph, rule)

    def _fused(self, op: Map, uses: Uses, born: dict[Value, int]) -> Value | None:
        whole = expression(op)
        for value in dict.fromkeys(op.inputs):
            producer = value.producer
            if not isinstance(producer, Map) or all(constant_of(v) is not None for v in producer.inputs):
                continue
            if uses[value] > op.inputs.count(value):
                continue
            part = expression(producer)
            if not _worth(part, producer, op) or not _lives(producer, op, born):
                continue
            candidate = substitute(whole, {t: part for t in whole if t.source is value})
            if self._fits(candidate):
                return as_value(candidate, op.result.type.shape, op.origin)
        return None

    def _fits(self, term: Term) -> bool:
        sources = term.sources
        largest = max((v.type.size for v in sources), default=0)
        large = sum(v.type.size == largest and constant_of(v) is None for v in sources)
        return len(sources) <= self.operands and large <= self.large and sum(1 for _ in term) <= self.nodes

    def _small_shared(self, graph: Graph) -> set[Value]:
        """Results of small maps that several maps, and nothing else, read."""
        readers = graph.uses()
        found: set[Value] = set()
        for op in graph.ops:
            if not isinstance(op, Map) or op.result in graph.outputs.values() or not is_static(op):
                continue
            part = expression(op)
            known = all(constant_of(v) is not None for v in op.inputs)
            if known or _rides_free(op, readers) or not is_cheap(part) or steps(part) > SMALL:
                continue
            users = readers.get(op.result, [])
            if len(users) > 1 and all(self._takes(user, op, part) for user in users):
                found.add(op.result)
        return found

    def _takes(self, user: Op, op: Map, part: Term) -> bool:
        if not isinstance(user, Map) or user.result.type.size > op.result.type.size:
            return False
        whole = expression(user)
        return self._fits(substitute(whole, {t: part for t in whole if t.source is op.result}))


def _rides_free(op: Map, readers: Mapping[Value, list[Op]]) -> bool:
    """True if the map can be the epilogue of the kernel that computes one of its operands."""
    return any(
        isinstance(v.producer, KERNELS) and len(readers[v]) == 1 and v.type.dims == op.result.type.dims
        for v in op.inputs
    )


def _given_to_each(graph: Graph, values: set[Value]) -> Graph:
    """The graph with a copy of the producer of each of `values` for each reader."""

    def rule(op: Op) -> Replacement:
        copies = {
            v: dataclasses.replace(v.producer).result for v in op.operands if v in values and v.producer is not None
        }
        return op.with_operands(copies).results if copies else None

    return rewrite(graph, rule) if values else graph


def is_cheap(term: Term) -> bool:
    """True if no step costs more than a few cycles."""
    return all(t.op in CHEAP for t in term)


def steps(term: Term) -> int:
    """Number of operators."""
    return sum(1 for t in term if t.op not in ("read", "const"))


def _worth(part: Term, producer: Map, consumer: Map) -> bool:
    """False where a broadcast would repeat more than a step or two."""
    return producer.result.type.size >= consumer.result.type.size or (is_cheap(part) and steps(part) <= SMALL)


def _lives(producer: Map, consumer: Map, born: dict[Value, int]) -> bool:
    """False where fusing would keep several big operands alive until something computed later is there."""
    result = producer.result.type
    held = [v for v in dict.fromkeys(producer.inputs) if constant_of(v) is None]
    if sum(v.type.size * v.type.element.bytes for v in held) <= 1.25 * result.size * result.element.bytes:
        return True
    others = [v for v in consumer.inputs if v is not producer.result and constant_of(v) is None]
    return all(v in held or born.get(v, -1) < born.get(producer.result, 0) for v in others)
