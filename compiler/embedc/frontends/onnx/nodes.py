"""Builds the values of a model node by node, and goes on after faults so that all of them are found."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from onnx import GraphProto, NodeProto

from embedc.diagnostics import EmbedcError, Fault, fail
from embedc.frontends.onnx.checking import shortened
from embedc.frontends.onnx.folding import checked
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.outline import Outline
from embedc.frontends.onnx.precision import built
from embedc.frontends.onnx.registry import BUILDERS, key_of
from embedc.frontends.onnx.sequences import SEQUENCES, Held, Items, Maybe
from embedc.frontends.onnx.states import initial_value
from embedc.frontends.onnx.structure import analyze, origin_of, reads
from embedc.frontends.onnx.support import unsupported
from embedc.frontends.onnx.tensors import BadTensor, decode
from embedc.ir.graph import Origin, Value
from embedc.ir.types import TensorType
from embedc.ops.base import TypeMismatch
from embedc.ops.elementwise import constant, constant_of

MAX_EXPANDED = 20_000
"""Most nodes of subgraphs that are built, those of unrolled loops and mapped sequences counted each time."""

_FIX = "check the shapes and types of this node's inputs"


def _known(value: Value) -> Value:
    """The value, or a constant where there is nothing that could differ."""
    if value.type.size:
        return value
    return constant(np.zeros(value.type.dims, value.type.element.dtype), value.origin, value.type)


class NodeImporter:
    """Values by tensor name. What cannot be built is remembered as broken, and what reads it is skipped."""

    def __init__(self, source: Outline, inputs: Mapping[str, TensorType], read: frozenset[str]) -> None:
        self.source = source
        self.read = read
        self.faults: list[Fault] = []
        self.inputs = {name: self._input(name, t) for name, t in inputs.items()}
        self.values: dict[str, Value] = {name: _known(value) for name, value in self.inputs.items()}
        self.groups: dict[str, Held] = {}  # sequences and optionals
        self.broken: set[str] = set()
        self.expanded = [0]  # nodes of subgraphs built so far, in all importers of a model together

    def run(self, nodes: Iterable[NodeProto]) -> None:
        """Builds nodes, which come in order of execution."""
        for node in nodes:
            operands = [self.value(name) if name and name not in self.groups else None for name in node.input]
            build = {"If": self._branch, "SequenceMap": self._mapped}.get(node.op_type, self._build)
            if not self.broken.isdisjoint(reads(node)) or not build(node, operands):
                self.broken.update(node.output)

    def _input(self, name: str, declared: TensorType) -> Value:
        origin = Origin(tensor=readable(name))
        begins = None
        try:
            begins = initial_value(self.source, name, declared)
        except BadTensor as error:
            self.faults.append(Fault(f"initializer {error}", origin, error.hint))
        return Value(declared, name, origin, initial=begins and begins.producer)

    def value(self, name: str) -> Value | None:
        """The tensor `name`; None, and broken, if it could not be built."""
        if name in self.groups and name not in self.broken:
            self.broken.add(name)
            hint = "sequences and optionals are taken apart when the model is compiled: name tensors with --outputs"
            self.faults.append(Fault("output is a sequence or an optional", Origin(tensor=readable(name)), hint))
        if name not in self.values and name not in self.broken:
            self._decode(name)
        return self.values.get(name)

    def _decode(self, name: str) -> None:
        origin = Origin(tensor=readable(name))
        try:
            data, type_ = decode(self.source.tensors[name], self.source.folder)
            self.values[name] = constant(data, origin, type_)
        except BadTensor as error:
            self.broken.add(name)
            self.faults.append(Fault(f"initializer {error}", origin, error.hint))

    def _build(self, proto: NodeProto, operands: list[Value | None]) -> bool:
        """Runs the builder of one node; False if it failed."""
        fault = unsupported(proto, self.source.opset)
        if fault is not None:  # known before, but for what lies in branches
            self.faults.append(fault)
            return False
        node = Node(proto, self.source.opset, operands, origin_of(proto), self._tensors)
        try:
            results = self._results(proto, node, operands)
            for value in results:
                if isinstance(value, Value):
                    checked(value)
        except EmbedcError as error:
            self.faults.extend(error.faults)
        except (TypeMismatch, TypeError) as error:
            self.faults.append(Fault(shortened(str(error)), node.origin, _FIX))
        except MemoryError:
            self.faults.append(Fault("needs more memory than this machine has", node.origin, _FIX))
        except Exception as error:
            message = f"embedc failed here: {type(error).__name__}: {shortened(str(error))}"
            self.faults.append(Fault(message, node.origin, "this is a bug in embedc; please report it with the model"))
        else:
            return self._bind(proto, node, results)
        return False

    def _results(self, proto: NodeProto, node: Node, operands: Sequence[Value | None]) -> Sequence[Held]:
        given: list[Held | None] = [self.groups.get(name, v) for name, v in zip(proto.input, operands, strict=True)]
        grouped = any(isinstance(held, Items | Maybe) for held in given)
        domain, name = key = key_of(proto)
        if not domain and name in SEQUENCES and (grouped or key not in BUILDERS):
            return [SEQUENCES[name](node, given)]
        if grouped:
            raise node.fail("takes a sequence or an optional", "take the tensors out of it before")
        return built(node, BUILDERS[key])

    def _branch(self, proto: NodeProto, operands: list[Value | None]) -> bool:
        """The branch of an If whose condition is known, or both; False if that failed."""
        condition = constant_of(operands[0]) if operands and operands[0] else None
        if condition is None or condition.size != 1:
            return self._build(proto, operands)
        wanted = "then_branch" if condition.reshape(-1)[0] else "else_branch"
        branch = next((a.g for a in proto.attribute if a.name == wanted), GraphProto())
        results = self._region(branch, {})
        self._name(proto, results)
        return len(results) == len(proto.output)

    def _mapped(self, proto: NodeProto, operands: list[Value | None]) -> bool:
        """The body of a SequenceMap for each tensor of its sequence; False if that failed."""
        given = [self.groups.get(name, value) for name, value in zip(proto.input, operands, strict=True)]
        body = next((a.g for a in proto.attribute if a.name == "body"), GraphProto())
        lengths = {len(held.values) for held in given if isinstance(held, Items)}
        if not given or not isinstance(given[0], Items) or len(lengths) > 1 or len(body.input) != len(given):
            message = f"maps sequences of {sorted(lengths)} tensors by a body of {len(body.input)} inputs"
            self.faults.append(Fault(message, origin_of(proto), "they must fit together; re-export the model"))
            return False
        columns: list[list[Value]] = [[] for _ in proto.output]
        for number in range(lengths.pop()):
            picked = [held.values[number] if isinstance(held, Items) else held for held in given]
            bound = {v.name: held for v, held in zip(body.input, picked, strict=True) if held is not None}
            results = [held for held in self._region(body, bound) if isinstance(held, Value)]
            if len(results) != len(columns):
                return False
            for column, value in zip(columns, results, strict=True):
                column.append(value)
        self._name(proto, [Items(tuple(column)) for column in columns])
        return True

    def _region(self, graph: GraphProto, bound: Mapping[str, Held]) -> list[Held]:
        """What the outputs of a subgraph are where its inputs are `bound`; fewer if that failed."""
        tensors = {**self.source.tensors, **{t.name: t for t in graph.initializer}}
        names = [v.name for v in graph.output]
        structure = analyze(graph, {*self.values, *self.groups, *tensors, *bound}, names)
        self.expanded[0] += len(structure.nodes)
        if self.expanded[0] > MAX_EXPANDED:
            hint = "export the model with fewer nested or unrolled loops"
            raise fail(f"its subgraphs expand to more than {MAX_EXPANDED} nodes", hint=hint)
        inner = NodeImporter(replace(self.source, tensors=tensors), {}, structure.read)
        inner.expanded = self.expanded
        inner.values.update(self.values)
        inner.groups.update(self.groups)
        inner.values.update((n, v) for n, v in bound.items() if isinstance(v, Value))
        inner.run(structure.nodes)
        results = [inner.groups.get(n) or inner.value(n) for n in names if not structure.faults]
        self.faults.extend((*structure.faults, *inner.faults))
        return [held for held in results if held is not None]

    def _tensors(self, graph: GraphProto, bound: Mapping[str, Value]) -> list[Value]:
        """The outputs of a subgraph that are tensors."""
        results: list[Value] = []
        for held in self._region(graph, bound):
            if isinstance(held, Value):
                results.append(held)
            else:
                hint = "only an If whose condition is a constant can give sequences"
                self.faults.append(Fault("a subgraph gives a sequence or an optional", Origin(), hint))
        return results

    def _name(self, proto: NodeProto, results: Sequence[Held]) -> None:
        for name, held in zip(proto.output, results, strict=False):
            if isinstance(held, Value):
                self.values[name] = held
            elif name:
                self.groups[name] = held

    def _bind(self, proto: NodeProto, node: Node, results: Sequence[Held]) -> bool:
        """Names the results; attributes that nobody consumed and outputs that nobody builds are faults."""
        before = len(self.faults)
        self._name(proto, results)
        for name in node.unconsumed():
            message = f"attribute '{readable(name)}' is not supported for {node.op_type} in opset {node.opset}"
            self.faults.append(Fault(message, node.origin, "remove it, or export with another opset"))
        for number, name in enumerate(proto.output[len(results) :], len(results)):
            if name in self.read:
                message = f"output {number} ('{readable(name)}') is not supported"
                self.faults.append(Fault(message, node.origin, "export a model that does not use it"))
        return len(self.faults) == before
