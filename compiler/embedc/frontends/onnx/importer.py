"""ONNX model → Graph, in stages; each stage reports all that it finds wrong."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from onnx import GraphProto, ModelProto, TensorProto, ValueInfoProto, defs, helper

from embedc.diagnostics import EmbedcError, Fault
from embedc.frontends.onnx import checking
from embedc.frontends.onnx.dimensions import OpenDim, declared, fix, misfits, signature
from embedc.frontends.onnx.inlining import inlined
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.nodes import NodeImporter
from embedc.frontends.onnx.outline import outline
from embedc.frontends.onnx.reading import read
from embedc.frontends.onnx.states import pair_faults, type_faults
from embedc.frontends.onnx.structure import analyze
from embedc.frontends.onnx.support import label, unsupported
from embedc.frontends.onnx.tensors import ELEMENTS, BadTensor, tensor_type, type_name
from embedc.ir.graph import Graph, Origin, Replacement, Value, collect, rewrite
from embedc.ir.types import TensorType
from embedc.ops.base import Op


@dataclass(frozen=True)
class ImportOptions:
    """What a user may say about a model: extents of open dimensions, tensors to stop at, the network's name.

    `states` maps inputs that are kept between calls to the outputs that they take from the call before.
    """

    dims: Mapping[str, int] = field(default_factory=dict[str, int])
    outputs: tuple[str, ...] = ()
    name: str = ""
    states: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Survey:
    """What `embedc check` tells about a model, compilable or not."""

    name: str
    opset: int = 0
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    open_dims: tuple[OpenDim, ...] = ()
    op_counts: Mapping[str, int] = field(default_factory=dict[str, int])
    unsupported: frozenset[str] = frozenset()
    parameters: int = 0
    parameter_bytes: int = 0
    graph: Graph | None = None
    faults: tuple[Fault, ...] = ()


def load(source: Path | ModelProto, options: ImportOptions) -> Graph:
    """The Graph of a model; EmbedcError with everything that keeps it from being compiled."""
    with checking.guard():
        return _Import(*read(source), options).graph()


def survey(source: Path | ModelProto, options: ImportOptions) -> Survey:
    """What there is to say about a model, without raising."""
    found = Survey(options.name)
    try:
        with checking.guard():
            stages = _Import(*read(source), options)
            found = stages.survey()
            return replace(found, graph=stages.graph())
    except EmbedcError as error:
        return replace(found, faults=tuple(error.faults))


class _Import:
    """One model on its way through the stages."""

    def __init__(self, model: ModelProto, folder: Path | None, options: ImportOptions) -> None:
        self.options = options
        source = outline(model, folder, defs.onnx_opset_version(), options.states)
        self.original = source.inputs
        self.misfits = misfits(self.original, options.dims)
        types = signature(self.original, options.dims).types
        fix(source.graph, types)
        self.source = inlined(source)
        graph = self.source.graph
        self.name = options.name or readable(graph.name) or "model"
        self.declared = {v.name: v for v in graph.output}
        wanted = tuple(dict.fromkeys(options.outputs)) or tuple(v.name for v in graph.output)
        candidates = [v for v in graph.input if v.name not in self.source.tensors]
        given = [*(v.name for v in candidates), *self.source.tensors]
        known = {*given, *(name for node in graph.node for name in node.output if name)}
        self.misfits += pair_faults(options.states, [v.name for v in candidates], known, wanted, bool(options.outputs))
        ends = [name for name in options.states.values() if name in known and name not in wanted]
        self.wanted = (*wanted, *dict.fromkeys(ends))
        self.structure = analyze(graph, given, self.wanted)
        needed = [v for v in candidates if not options.outputs or v.name in self.structure.read]
        places = {f"{name}:{axis}": n for name, t in types.items() for axis, n in enumerate(t.dims)}
        self.signature = signature(needed, {**options.dims, **places})

    def graph(self) -> Graph:
        """The finished Graph."""
        _raise(self._static_faults())
        importer = NodeImporter(self.source, self.signature.types, self.structure.read)
        importer.run(self.structure.nodes)
        outputs = {name: value for name in self.wanted if (value := importer.value(name)) is not None}
        _raise(importer.faults)
        _raise(self._contradictions(outputs))
        _raise(type_faults(self.options.states, importer.inputs, outputs))
        _raise(checking.verify(self._pruned(outputs, importer.values)))
        graph = collect(self.name, tuple(importer.inputs.values()), outputs)
        return _own_names(graph, {*importer.values.values(), *outputs.values()})

    def _static_faults(self) -> list[Fault]:
        """Whatever can be told before any shape is known."""
        faults = [
            *self.structure.faults,
            *self.misfits,
            *self.signature.faults,
            *(d.fault for d in self.signature.open_dims),
        ]
        if not self.wanted:
            faults.append(Fault("the model has no outputs", hint="name the tensors that you want with --outputs"))
        if len(set(self.wanted)) != len(self.wanted):
            faults.append(Fault("the model lists one output twice", hint="remove it from the graph's outputs"))
        wrong = (unsupported(node, self.source.opset) for node in self.structure.nodes)
        return faults + [fault for fault in wrong if fault is not None]

    def _contradictions(self, outputs: Mapping[str, Value]) -> list[Fault]:
        """Outputs whose declared type is not what the nodes compute."""
        faults: list[Fault] = []
        for name, value in outputs.items():
            if name in self.declared and not declared(self.declared[name], value.type, self.options.dims):
                message = f"the model computes {value.type}, and declares this output as another type"
                hint = "correct the declaration, or export the model again for these input shapes"
                faults.append(Fault(message, Origin(tensor=readable(name)), hint))
        return faults

    def _pruned(self, outputs: Mapping[str, Value], values: Mapping[str, Value]) -> ModelProto:
        """The outline of what is compiled, with fixed dimensions, and types where onnx does not know the operator."""
        source = self.source.graph
        kept = self.structure.read
        graph = GraphProto(name=self.name)
        graph.node.extend(self.structure.nodes)
        graph.input.extend(v for v in source.input if v.name in kept)
        graph.initializer.extend(t for t in source.initializer if t.name in kept)
        graph.output.extend(_value_info(name, value.type) for name, value in outputs.items())
        foreign = (name for node in self.structure.nodes if node.domain for name in node.output if name not in outputs)
        graph.value_info.extend(_value_info(name, values[name].type) for name in foreign if name in values)
        model = ModelProto(ir_version=self.source.model.ir_version, graph=graph)
        model.opset_import.extend(self.source.model.opset_import)
        return model

    def survey(self) -> Survey:
        """What can be said without building the Graph."""
        types = list(_stored_types(self.source.tensors.values()))
        nodes = self.structure.nodes
        return Survey(
            name=self.name,
            opset=self.source.opset,
            inputs=tuple(_described(v) for v in self.original),
            outputs=tuple(_described(v) for v in self.source.graph.output),
            open_dims=self.signature.open_dims,
            op_counts=dict(Counter(label(n) for n in nodes).most_common()),
            unsupported=frozenset(label(n) for n in nodes if unsupported(n, self.source.opset)),
            parameters=sum(t.size for t in types),
            parameter_bytes=sum(t.size * t.element.bits // 8 for t in types),
        )


def _own_names(graph: Graph, tensors: AbstractSet[Value]) -> Graph:
    """The Graph in which only `tensors`, which the model has, go by a tensor's name; what lies on the way to them does not."""
    inner = iter([bool(op.origin.tensor) and tensors.isdisjoint(op.results) for op in graph.ops])  # in rewrite's order

    def rule(op: Op) -> Replacement:
        return replace(op, origin=op.origin.within_node()).results if next(inner) else None

    return rewrite(graph, rule)


def _raise(faults: Iterable[Fault]) -> None:
    found = list(dict.fromkeys(faults))
    if found:
        raise EmbedcError(*found)


def _stored_types(tensors: Iterable[TensorProto]) -> Iterator[TensorType]:
    for tensor in tensors:
        with suppress(BadTensor):
            yield tensor_type(tensor)


def _value_info(name: str, type_: TensorType) -> ValueInfoProto:
    number = next(n for n, element in ELEMENTS.items() if element == type_.element)
    return helper.make_tensor_value_info(name, number, type_.dims)


def _described(value: ValueInfoProto) -> str:
    """Name, element type and shape as the model states them."""
    tensor = value.type.tensor_type
    dims = ",".join(str(d.dim_value) if d.HasField("dim_value") else d.dim_param or "?" for d in tensor.shape.dim)
    return readable(f"{value.name}: {ELEMENTS.get(tensor.elem_type, type_name(tensor.elem_type))}[{dims}]")
