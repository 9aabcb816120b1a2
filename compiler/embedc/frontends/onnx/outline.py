"""The model without its large tensors: what is checked, inlined and shape-inferred without copying weights."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from onnx import GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from embedc.diagnostics import EmbedcError, Fault, fail
from embedc.frontends.onnx.names import readable
from embedc.frontends.onnx.structure import every_node
from embedc.ir.graph import Origin

MIN_OPSET = 1
SMALL = 1024
"""Tensors with up to this many elements stay in the outline: shapes and the like, which shape inference reads."""

DEFAULT_DOMAINS = ("", "ai.onnx")
_CURRENT_IR = 10


@dataclass(frozen=True)
class Outline:
    """`model` has large initializers as inputs; all initializers are in `tensors`, but for those that `initial` holds.

    `inputs` are what a caller gives, those kept as state among them; `initial` is what the latter hold before the first call.
    """

    model: ModelProto
    tensors: Mapping[str, TensorProto]
    folder: Path | None
    opset: int
    inputs: tuple[ValueInfoProto, ...] = ()
    initial: Mapping[str, TensorProto] = field(default_factory=dict[str, TensorProto])

    @property
    def graph(self) -> GraphProto:
        return self.model.graph


def outline(model: ModelProto, folder: Path | None, newest: int, states: Collection[str] = ()) -> Outline:
    """Takes a model apart; EmbedcError where its names, versions or initializers cannot be used.

    Inputs in `states` stay inputs where the model has initializers of their names.
    """
    _check_names(model)
    opset = _opset(model, newest)
    faults = [_sparse(readable(t.values.name)) for t in model.graph.sparse_initializer]
    graph = GraphProto(name=readable(model.graph.name))
    graph.output.extend(model.graph.output)
    tensors: dict[str, TensorProto] = {}
    for name, tensor in _stored(model.graph):
        if name in tensors:
            faults.append(Fault("two initializers have this name", Origin(tensor=readable(name)), "rename one"))
        tensors[name] = tensor
    initial = {t.name: tensors.pop(t.name) for t in model.graph.initializer if t.name in states and t.name in tensors}
    inputs = [v for v in model.graph.input if v.name not in tensors]
    known = {v.name for v in inputs}
    inputs += [
        helper.make_tensor_value_info(n, t.data_type, list(t.dims)) for n, t in initial.items() if n not in known
    ]
    graph.node.extend(n for n in model.graph.node if _large_constant(n) is None)
    for node in every_node(graph.node):
        node.domain = "" if node.domain in DEFAULT_DOMAINS else node.domain
    graph.input.extend(inputs)
    for name, tensor in tensors.items():
        _place(graph, name, tensor)
    if faults:
        raise EmbedcError(*faults)
    light = ModelProto(ir_version=_CURRENT_IR, graph=graph, producer_name="embedc")
    light.opset_import.append(helper.make_opsetid("", opset))
    light.opset_import.extend(o for o in model.opset_import if o.domain not in DEFAULT_DOMAINS)
    light.functions.extend(model.functions)
    return Outline(light, tensors, folder, opset, tuple(inputs), initial)


def _stored(graph: GraphProto) -> Iterator[tuple[str, TensorProto]]:
    """Initializers, and what large Constant nodes hold."""
    for tensor in graph.initializer:
        yield tensor.name, tensor
    for node in graph.node:
        tensor = _large_constant(node)
        if tensor is not None:
            yield node.output[0], tensor


def _large_constant(node: NodeProto) -> TensorProto | None:
    plain = (
        node.op_type == "Constant" and node.domain in DEFAULT_DOMAINS and len(node.attribute) == len(node.output) == 1
    )
    if not plain or node.attribute[0].name != "value" or not node.attribute[0].HasField("t"):
        return None
    return node.attribute[0].t if _is_large(node.attribute[0].t) else None


def _is_large(tensor: TensorProto) -> bool:
    count = 1
    for dim in tensor.dims:
        count *= dim
    return count > SMALL or tensor.data_location == TensorProto.EXTERNAL or len(tensor.raw_data) > 8 * SMALL


def _place(graph: GraphProto, name: str, tensor: TensorProto) -> None:
    """Small tensors as initializers, large ones as inputs of their type."""
    if _is_large(tensor):
        graph.input.append(helper.make_tensor_value_info(name, tensor.data_type, list(tensor.dims)))
    else:
        graph.initializer.append(tensor)


def _sparse(name: str) -> Fault:
    return Fault("sparse initializers are not supported", Origin(tensor=name), "store it as a dense initializer")


def _opset(model: ModelProto, newest: int) -> int:
    """The version of ONNX's operators that the model uses."""
    versions = {o.version for o in model.opset_import if o.domain in DEFAULT_DOMAINS}
    if not versions:
        raise fail(
            "the model does not say which opset it uses (opset_import is missing)",
            hint="export it again with onnx, or set model.opset_import",
        )
    if len(versions) > 1:
        raise fail(f"the model imports several opsets: {sorted(versions)}", hint="export it again with one version")
    (version,) = versions
    if version < MIN_OPSET:
        hint = "export it again, or repair model.opset_import"
        raise fail(f"the model uses opset {version}; embedc takes {MIN_OPSET} to {newest}", hint=hint)
    if version > newest:
        raise fail(
            f"the model uses opset {version}; the installed onnx package knows {MIN_OPSET} to {newest}",
            hint="pip install --upgrade onnx, or export with an older opset",
        )
    return version


def _names(model: ModelProto) -> Iterator[tuple[str, str | bytes]]:
    graph = model.graph
    yield from (("an opset domain", o.domain) for o in model.opset_import)
    yield from (("an initializer", t.name) for t in graph.initializer)
    yield from ((what, v.name) for what, vs in (("an input", graph.input), ("an output", graph.output)) for v in vs)
    for node in (*graph.node, *(n for f in model.functions for n in f.node)):
        yield from (("a node", text) for text in (node.name, node.op_type, node.domain))
        yield from (("a tensor", text) for text in (*node.input, *node.output))
        yield from (("an attribute", a.name) for a in node.attribute)


def _check_names(model: ModelProto) -> None:
    """Protobuf hands out bytes for strings that are not UTF-8."""
    bad = [(what, name) for what, name in _names(model) if isinstance(name, bytes)]
    if bad:
        raise EmbedcError(
            *(
                Fault(f"the name of {what} is not UTF-8: '{readable(n)}'", hint="the file is damaged; export it again")
                for what, n in bad[:20]
            )
        )
