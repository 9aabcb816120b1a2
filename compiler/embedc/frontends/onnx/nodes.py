"""Builds the values of a model node by node, and goes on after faults so that all of them are found."""

from collections.abc import Iterable, Mapping

from onnx import NodeProto

from embedc.diagnostics import EmbedcError, Fault
from embedc.frontends.onnx.checking import shortened
from embedc.frontends.onnx.folding import checked
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.outline import Outline
from embedc.frontends.onnx.registry import BUILDERS
from embedc.frontends.onnx.structure import origin_of
from embedc.frontends.onnx.tensors import BadTensor, decode
from embedc.ir.graph import Origin, Value
from embedc.ir.types import TensorType
from embedc.ops.base import TypeMismatch
from embedc.ops.elementwise import constant

_FIX = "the model is inconsistent here: check the shapes and types of this node's inputs"


class NodeImporter:
    """Values by tensor name. What cannot be built is remembered as broken, and what reads it is skipped."""

    def __init__(self, source: Outline, inputs: Mapping[str, TensorType], read: frozenset[str]) -> None:
        self.source = source
        self.read = read
        self.faults: list[Fault] = []
        self.inputs = {name: Value(t, name, Origin(tensor=readable(name))) for name, t in inputs.items()}
        self.values: dict[str, Value] = dict(self.inputs)
        self.broken: set[str] = set()

    def run(self, nodes: Iterable[NodeProto]) -> None:
        """Builds nodes, which come in order of execution."""
        for node in nodes:
            operands = [self.value(name) if name else None for name in node.input]
            if not self.broken.isdisjoint(node.input) or not self._build(node, operands):
                self.broken.update(node.output)

    def value(self, name: str) -> Value | None:
        """The tensor `name`; None, and broken, if it could not be built."""
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
            self.faults.append(Fault(f"initializer {error}", origin, "export the model again"))

    def _build(self, proto: NodeProto, operands: list[Value | None]) -> bool:
        """Runs the builder of one node; False if it failed."""
        node = Node(proto, self.source.opset, operands, origin_of(proto))
        try:
            built = BUILDERS[proto.op_type](node)
            results = [built] if isinstance(built, Value) else list(built)
            for value in results:
                checked(value)
        except EmbedcError as error:
            self.faults.extend(error.faults)
        except (TypeMismatch, TypeError, BadTensor) as error:
            self.faults.append(Fault(shortened(str(error)), node.origin, _FIX))
        except Exception as error:
            message = f"embedc failed here: {type(error).__name__}: {shortened(str(error))}"
            self.faults.append(Fault(message, node.origin, "this is a bug in embedc; please report it with the model"))
        else:
            return self._bind(proto, node, results)
        return False

    def _bind(self, proto: NodeProto, node: Node, results: list[Value]) -> bool:
        """Names the results; attributes that nobody consumed and outputs that nobody builds are faults."""
        before = len(self.faults)
        self.values.update((n, v) for n, v in zip(proto.output, results, strict=False) if n)
        for name in node.unconsumed():
            message = f"attribute '{readable(name)}' is not supported for {node.op_type} in opset {node.opset}"
            self.faults.append(Fault(message, node.origin, "remove it, or export with another opset"))
        for number, name in enumerate(proto.output[len(results) :], len(results)):
            if name in self.read:
                message = f"output {number} ('{readable(name)}') is not supported"
                self.faults.append(Fault(message, node.origin, "export a model that does not use it"))
        return len(self.faults) == before
