"""How the nodes of a model hang together: who computes what, in which order, and what is wrong with that."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from onnx import GraphProto, NodeProto

from embedc.diagnostics import Fault
from embedc.frontends.onnx.names import readable, suggestion
from embedc.ir.graph import Origin

MAX_LISTED = 50


def origin_of(node: NodeProto) -> Origin:
    """Where a node is, for messages and for what is built from it."""
    tensor = next((o for o in node.output if o), "")
    return Origin(readable(node.name), readable(node.op_type), readable(tensor))


def reads(node: NodeProto) -> Iterator[str]:
    """Names of the tensors that a node reads, also from within its subgraphs."""
    yield from (name for name in node.input if name)
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield from _captured(attribute.g)


def every_node(nodes: Iterable[NodeProto]) -> Iterator[NodeProto]:
    """Nodes and those of their subgraphs."""
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        yield node
        for attribute in node.attribute:
            for graph in (attribute.g, *attribute.graphs):
                waiting.extend(graph.node)


def _captured(graph: GraphProto) -> Iterator[str]:
    """Names that a subgraph reads from around it."""
    own = {v.name for v in graph.input} | {t.name for t in graph.initializer}
    own.update(name for node in graph.node for name in node.output)
    names = [name for node in graph.node for name in reads(node)] + [v.name for v in graph.output]
    yield from (name for name in names if name not in own)


@dataclass(frozen=True)
class Structure:
    """The nodes that the wanted outputs need, in order of execution."""

    nodes: tuple[NodeProto, ...]
    read: frozenset[str]
    faults: tuple[Fault, ...]


def analyze(graph: GraphProto, given: Iterable[str], wanted: Sequence[str]) -> Structure:
    """Orders what `wanted` needs; `given` are inputs and initializers."""
    sources = Counter(given)
    producers, faults = _producers(graph, set(sources))
    for name in (n for n, count in sources.items() if count > 1):
        faults.append(Fault("two inputs have this name", Origin(tensor=readable(name)), "rename one of them"))
    known = set(sources) | set(producers)
    for name in wanted:
        if name not in known:
            hint = suggestion(name, known)
            faults.append(Fault(f"no tensor '{readable(name)}' for an output of the model", hint=hint))
    ordered, cycle = _ordered(producers, [w for w in wanted if w in producers])
    if cycle:
        names = " → ".join(f"'{readable(n.output[0])}'" for n in cycle[:8])
        faults.append(
            Fault(f"tensors depend on themselves: {names}", origin_of(cycle[0]), "a model must not have cycles")
        )
    for node in ordered:
        for name in dict.fromkeys(reads(node)):
            if name not in known:
                message = f"reads '{readable(name)}', which nothing computes"
                faults.append(Fault(message, origin_of(node), suggestion(name, known)))
        if len(faults) >= MAX_LISTED:
            faults.append(
                Fault(f"more than {MAX_LISTED} such faults; the rest is not listed", hint="export the model again")
            )
            break
    read = frozenset(name for node in ordered for name in reads(node)) | frozenset(wanted)
    return Structure(tuple(ordered), read, tuple(faults))


def _producers(graph: GraphProto, sources: set[str]) -> tuple[dict[str, NodeProto], list[Fault]]:
    """The node that computes each tensor."""
    producers: dict[str, NodeProto] = {}
    faults: list[Fault] = []
    for node in graph.node:
        for name in node.output:
            other = producers.get(name)
            if name and (other is not None or name in sources):
                also = str(origin_of(other)) if other is not None else "an input or initializer"
                hint = "give the tensors different names; the model is not in SSA form"
                faults.append(Fault(f"computes '{readable(name)}', and so does {also}", origin_of(node), hint))
            elif name:
                producers[name] = node
        if not any(node.output):
            faults.append(Fault("node has no outputs", origin_of(node), "remove it"))
    return producers, faults


def _ordered(producers: Mapping[str, NodeProto], wanted: Sequence[str]) -> tuple[list[NodeProto], list[NodeProto]]:
    """Nodes before their users, and the nodes of a cycle if there is one."""
    ordered: list[NodeProto] = []
    done: set[int] = set()
    stack: list[tuple[NodeProto, Iterator[str]]] = []
    active: set[int] = set()
    for name in wanted:
        _push(producers[name], stack, active, done)
        while stack:
            node, names = stack[-1]
            needed = next((n for n in names if n in producers), None)
            if needed is None:
                stack.pop()
                active.discard(id(node))
                done.add(id(node))
                ordered.append(node)
            elif id(producers[needed]) in active:
                path = [n for n, _ in stack]
                begin = next(i for i, n in enumerate(path) if n is producers[needed])
                return ordered, path[begin:]
            else:
                _push(producers[needed], stack, active, done)
    return ordered, []


def _push(node: NodeProto, stack: list[tuple[NodeProto, Iterator[str]]], active: set[int], done: set[int]) -> None:
    if id(node) not in done:
        active.add(id(node))
        stack.append((node, reads(node)))
