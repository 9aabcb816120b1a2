"""Values and the Graph that holds operators in order of execution."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from embedc.ir.types import TensorType

if TYPE_CHECKING:
    from embedc.ops.base import Op


@dataclass(frozen=True)
class Origin:
    """Where in the user's model something came from: node name, operator, and the tensors it computes."""

    node: str = ""
    operator: str = ""
    tensor: str = ""
    others: tuple[str, ...] = ()
    """Tensors of further results."""

    def __str__(self) -> str:
        if not self.operator:
            return f"tensor '{self.tensor}'" if self.tensor else "the compiler"
        return (
            f"node '{self.node}' ({self.operator})"
            if self.node
            else f"the {self.operator} that computes '{self.tensor}'"
        )

    def without_tensor(self) -> "Origin":
        """For a value that the user's model does not have, such as the result of a convolution with scaled weights."""
        return replace(self, tensor="", others=())

    def within_node(self) -> "Origin":
        """For a value on the way to a node's result; the node is still known by the tensor where it has no name."""
        return replace(self.without_tensor(), node=self.node or self.tensor)

    def of_result(self, index: int) -> "Origin":
        """The origin of one of several results."""
        if not self.others and not index:
            return self
        return replace(self, tensor=(self.tensor, *self.others)[index] if index <= len(self.others) else "", others=())


NOWHERE = Origin()


@dataclass(frozen=True, eq=False)
class Value:
    """One tensor; identity is the object. `producer` is None for graph inputs.

    `initial` is the constant that an input holds before the first call, where it is kept as state and does not begin as zeros.
    """

    type: TensorType
    name: str
    origin: Origin = NOWHERE
    producer: "Op | None" = field(default=None, repr=False)
    index: int = 0
    initial: "Op | None" = field(default=None, repr=False)


@dataclass(frozen=True, eq=False)
class Graph:
    """Operators in an order in which every value is computed before it is used.

    `outputs` maps the model's output names to values.
    """

    name: str
    inputs: tuple[Value, ...]
    outputs: Mapping[str, Value]
    ops: tuple["Op", ...]

    def __repr__(self) -> str:
        return f"<Graph {self.name}: {len(self.ops)} operators>"

    def uses(self) -> dict[Value, list["Op"]]:
        """For every value the operators that read it, in order."""
        users: dict[Value, list[Op]] = {}
        for op in self.ops:
            for operand in op.operands:
                users.setdefault(operand, []).append(op)
        return users

    def values(self) -> Iterator[Value]:
        """Inputs, then results in order."""
        yield from self.inputs
        for op in self.ops:
            yield from op.results


def inputs_of(value: Value) -> tuple[str, ...]:
    """Names of the graph inputs on which `value` depends, in the order in which they are found."""
    names: dict[str, None] = {}
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if found.producer is None:
            names[found.name] = None
        elif id(found.producer) not in seen:
            seen.add(id(found.producer))
            waiting += found.producer.operands
    return tuple(names)


def collect(name: str, inputs: Sequence[Value], outputs: Mapping[str, Value]) -> Graph:
    """The Graph of everything that `outputs` need, operands before their users, in a deterministic order."""
    ops: list[Op] = []
    seen: set[int] = set()
    stack: list[tuple[Op, Iterator[Value]]] = []

    def enter(value: Value) -> None:
        if value.producer is not None and id(value.producer) not in seen:
            seen.add(id(value.producer))
            stack.append((value.producer, iter(value.producer.operands)))

    for output in outputs.values():
        enter(output)
        while stack:
            op, operands = stack[-1]
            operand = next(operands, None)
            if operand is not None:
                enter(operand)
            else:
                ops.append(op)
                stack.pop()
    return Graph(name, tuple(inputs), dict(outputs), tuple(ops))


Replacement = Sequence[Value] | None


def rewrite(graph: Graph, rule: Callable[["Op"], Replacement]) -> Graph:
    """Rebuilds `graph` bottom-up: `rule` sees each operator with new operands and may give values for its results.

    What nothing needs any more is gone from the new Graph.
    """
    mapping: dict[Value, Value] = {value: value for value in graph.inputs}
    for op in graph.ops:
        new = op.with_operands(mapping)
        replaced = rule(new)
        results = new.results if replaced is None else tuple(replaced)
        for old, result in zip(op.results, results, strict=True):
            mapping[old] = result
    outputs = {name: mapping[value] for name, value in graph.outputs.items()}
    return collect(graph.name, graph.inputs, outputs)
