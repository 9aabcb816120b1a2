"""Runs the generated code and compares every layer with the definition and with ONNX Runtime."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from embedc.bundle import Bundle
from embedc.execution.errors import ExecutionError
from embedc.ir.feedback import Feedback, initial_states
from embedc.ir.graph import Graph, Value
from embedc.ir.interpreter import run as interpret
from embedc.ir.types import I8, U8, Array
from embedc.manifest import Manifest
from embedc.ops.elementwise import Const
from embedc.targets.target import Emulator
from embedc.verify.compare import Bounds, Deviation, deviation
from embedc.verify.samples import Sample

Tensors = Mapping[str, Array]


@dataclass(frozen=True)
class Reference:
    """Someone else's tensors for every sample; one that is not `binding` is shown and decides nothing."""

    name: str
    samples: Sequence[Tensors]
    binding: bool = True


@dataclass(frozen=True)
class Row:
    """One tensor, the worst of all samples; `layer` and `kernel` are empty for an output that no layer computes.

    `excuse` says why it passes nevertheless. "rewritten": a pass gave the tensor another meaning (a bias moved on), and the
    code computes that; "inherited": of what the code computed before, the tensor is what the model says.
    """

    tensor: str
    layer: str
    kernel: str
    deviation: Deviation
    passed: bool
    excuse: str = ""


@dataclass(frozen=True)
class Comparison:
    """The code, run in one way, against one reference; rows in order of execution."""

    emulator: str
    reference: str
    binding: bool
    rows: tuple[Row, ...]

    @property
    def first_departure(self) -> Row | None:
        """The first layer beyond the bound."""
        return next((row for row in self.rows if not row.passed), None)

    @property
    def passed(self) -> bool:
        return not self.binding or self.first_departure is None


def definition(
    graph: Graph, samples: Iterable[Sample], wanted: Iterable[str], states: Mapping[str, str] | None = None
) -> Reference:
    """What the interpreter computes on a Graph: `wanted` tensors by name, outputs always; samples are a stream of `states`."""
    names = frozenset(wanted)
    feedback = Feedback(states or {}, initial_states(graph, states or {}))
    computed: list[Tensors] = []
    for sample in samples:
        seen: dict[str, Array] = {}

        def watch(value: Value, array: Array, seen: dict[str, Array] = seen) -> None:
            if value.name in names:
                seen[value.name] = array

        outputs = feedback.outputs(interpret(graph, feedback.inputs(sample.inputs), watch))
        computed.append(seen | outputs)
    return Reference("interpreter", computed)


def compare(
    bundle: Bundle,
    emulator: Emulator,
    samples: Sequence[Sample],
    references: Sequence[Reference],
    bounds: Bounds,
    coarse: Collection[str] = (),
) -> list[Comparison]:
    """Runs the traced code once and compares it with every reference; `coarse` tensors are floats of quantized bytes."""
    runs = bundle.run_samples([s.inputs for s in samples], emulator, trace=True)
    seen = [traced | outputs for outputs, traced in runs]
    return [
        Comparison(emulator.name, r.name, r.binding, tuple(_rows(bundle.described, seen, r, bounds, coarse)))
        for r in references
    ]


def excused(found: Sequence[Comparison], judge: Comparison, why: str, never: Collection[str] = ()) -> list[Comparison]:
    """`found` with those departing tensors passed over, for the reason `why`, that pass before the `judge`."""
    good = {row.tensor for row in judge.rows if row.passed} - set(never)
    return [
        replace(
            c,
            rows=tuple(replace(r, passed=True, excuse=why) if not r.passed and r.tensor in good else r for r in c.rows),
        )
        for c in found
    ]


def layer_by_layer(
    bundle: Bundle, emulator: Emulator, samples: Sequence[Sample], graph: Graph, bounds: Bounds, coarse: Collection[str]
) -> Comparison:
    """The code against the interpreter, which goes on from the code's own tensors: errors of earlier layers do not count."""
    runs = bundle.run_samples([s.inputs for s in samples], emulator, trace=True)
    seen = [traced | outputs for outputs, traced in runs]
    computed: list[Tensors] = []
    for sample, ours in zip(samples, seen, strict=True):
        theirs: dict[str, Array] = {}

        def watch(value: Value, array: Array, theirs: dict[str, Array] = theirs, ours: Tensors = ours) -> Array | None:
            if value.name not in ours:
                return None
            theirs[value.name] = array
            own = ours[value.name]
            return own.reshape(array.shape) if own.dtype == array.dtype and own.size == array.size else None

        outputs = interpret(graph, sample.inputs, watch)
        computed.append(outputs | theirs)
    reference = Reference("interpreter, layer by layer", computed)
    rows = tuple(_rows(bundle.described, seen, reference, bounds, coarse))
    return Comparison(emulator.name, reference.name, True, rows)


def coarse_tensors(graph: Graph) -> set[str]:
    """Names of tensors that depend on bytes which the model computes."""
    behind: set[Value] = set()
    for op in graph.ops:
        computed = not isinstance(op, Const) and op.results[0].type.element in (U8, I8)
        if computed or not behind.isdisjoint(op.operands):
            behind.update(op.results)
    return {value.name for value in behind} | {name for name, value in graph.outputs.items() if value in behind}


def _rows(
    manifest: Manifest, seen: Sequence[Tensors], reference: Reference, bounds: Bounds, coarse: Collection[str]
) -> Iterator[Row]:
    """A row for each traced tensor and each output that the reference has too."""
    layers = {layer.id: layer for layer in manifest.layers}
    computed = {tap.tensor: layers[tap.layer] for tap in manifest.trace}
    for name in dict.fromkeys([*computed, *(port.name for port in manifest.outputs)]):
        if not all(name in sample for sample in reference.samples):
            continue
        pairs = zip(seen, reference.samples, strict=True)
        worst = reduce(Deviation.worse, (_deviation(name, ours, theirs) for ours, theirs in pairs))
        layer = computed.get(name)
        passed = worst.within(bounds.coarse if name in coarse else bounds)
        yield Row(name, layer.name if layer else "", layer.kernel if layer else "", worst, passed)


def _deviation(name: str, ours: Tensors, theirs: Tensors) -> Deviation:
    if name not in ours:
        raise ExecutionError(f"the generated code never computed '{name}'")
    return deviation(ours[name], theirs[name].reshape(ours[name].shape))
