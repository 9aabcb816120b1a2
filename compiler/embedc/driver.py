"""The order of the stages from a model to a bundle on disk, with timing, progress and dumps."""

import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from embedc.diagnostics import EmbedcError
from embedc.emit.bundle import Footprint, add_measured, emit
from embedc.emit.golden import golden_values
from embedc.execution.errors import ExecutionError
from embedc.execution.measure import Measured, measure
from embedc.forms import InputForm
from embedc.frontends.forms import with_forms
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.graph import Graph
from embedc.ir.printer import to_text
from embedc.ir.types import Quantization
from embedc.manifest import read_manifest
from embedc.model import Source, info, stem
from embedc.naming import checked_name, name_from
from embedc.passes.byte_weights import float_weights
from embedc.passes.integers import FloatLayer, Integers, float_layers
from embedc.passes.pipeline import default_pipeline, run_pipeline
from embedc.plan.plan import Plan, plan_arena
from embedc.policy import Policy, WeightsForm
from embedc.program.build import build
from embedc.quantized.io import Conversions, IoForm, with_io
from embedc.quantized.ports import port_quantizations
from embedc.quantized.requirement import Requirement, require_integers
from embedc.report.dump import plan_text
from embedc.report.html import report_html
from embedc.targets.target import Target
from embedc.writing import check_destination, fill, write_bundle


@dataclass(frozen=True)
class Request:
    """One compilation: what to read and what is wanted of it; `io_in_scratch` is the target's choice where it is None."""

    source: Source
    target: Target
    name: str = ""
    dims: Mapping[str, int] = field(default_factory=dict[str, int])
    outputs: tuple[str, ...] = ()
    states: Mapping[str, str] = field(default_factory=dict[str, str])
    forms: Mapping[str, InputForm] = field(default_factory=dict[str, InputForm])
    input_layouts: Mapping[str, str] = field(default_factory=dict[str, str])
    output_layouts: Mapping[str, str] = field(default_factory=dict[str, str])
    single_file: bool = False
    io_in_scratch: bool | None = None
    weights: WeightsForm = "auto"
    optimize: Literal["speed", "size"] = "speed"
    dump: Path | None = None
    measure: bool = False
    io: IoForm = "model"
    require: Requirement = ""

    @property
    def policy(self) -> Policy:
        """What the stages are told."""
        name = checked_name(self.name) if self.name else name_from(stem(self.source))
        return Policy(
            self.target,
            name,
            self.optimize,
            self.dims,
            self.outputs,
            forms=self.forms,
            input_layouts={
                **{name: form.layout for name, form in self.forms.items() if form.layout},
                **self.input_layouts,
            },
            output_layouts=self.output_layouts,
            single_file=self.single_file,
            io_in_scratch=self.target.io_in_scratch if self.io_in_scratch is None else self.io_in_scratch,
            weights=self.weights,
            states=self.states,
            io=self.io,
        )

    @property
    def import_options(self) -> ImportOptions:
        """What the frontend is told."""
        return ImportOptions(self.dims, self.outputs, self.policy.name, self.states)


class Listener(Protocol):
    """Told when a stage begins and what came of it."""

    def begin(self, stage: str) -> None:
        """The stage starts now."""
        ...

    def end(self, stage: str, seconds: float, result: str) -> None:
        """The stage is over."""
        ...

    def stop(self) -> None:
        """The stage failed; its error is told elsewhere."""
        ...


@dataclass(frozen=True)
class Compiled:
    """What the stages made: the Graph as the frontend built it and as the passes left it, the Plan, the bundle's files.

    `measured` is the reason where nothing was measured; `conversions` are those of inputs and outputs that --io changed.
    `floats` are layers between quantized tensors that are computed in floats, and why.
    """

    imported: Graph
    simplified: Graph
    plan: Plan
    policy: Policy
    files: dict[str, bytes]
    measured: Measured | str
    conversions: Conversions
    floats: tuple[FloatLayer, ...]


class Stages:
    """Times stages and writes their dumps."""

    def __init__(self, listener: Listener | None = None, dump: Path | None = None) -> None:
        self._listener = listener
        self._folder = dump
        self._dumped = 0

    @contextmanager
    def stage(self, name: str) -> Generator[list[str]]:
        """A stage in progress; what is appended to the list tells its result."""
        if self._listener:
            self._listener.begin(name)
        started = time.perf_counter()
        told: list[str] = []
        try:
            yield told
        except BaseException:
            if self._listener:
                self._listener.stop()
            raise
        if self._listener:
            self._listener.end(name, time.perf_counter() - started, ", ".join(told))

    def dump(self, name: str, text: Callable[[], str]) -> None:
        """Writes a text file into the dump folder, if there is one; files sort in the order of the stages."""
        if self._folder:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{self._dumped:02}-{name_from(name)}.txt").write_text(text(), encoding="utf-8")
            self._dumped += 1


def compile_model(request: Request, listener: Listener | None = None) -> Compiled:
    """All stages up to the bundle's files in memory."""
    source = request.source
    policy = request.policy
    stages = Stages(listener, request.dump)
    with stages.stage("import") as told:
        graph = with_forms(load(source, request.import_options), policy.forms, policy.states)
        graph, conversions = with_io(graph, policy.io)
        told.append(f"{len(graph.ops)} operators")
        stages.dump("import", lambda: to_text(graph))
    quantizations = port_quantizations(graph)
    floats: list[FloatLayer] = []
    simplified = simplify(graph, stages, floats)
    if request.require == "integer":
        require_integers(simplified, floats)
    plan = make_plan(simplified, policy, stages, quantizations)
    with stages.stage("golden values") as told:
        golden = golden_values(simplified, plan.program)
        told.append(golden.reason or f"{len(golden.layers)} layers")
    with stages.stage("emit") as told:
        model = info(source)
        files = emit(plan, policy, model, golden)
        told.append(f"{len(files)} files")
    measured = measure_files(files, policy, stages) if request.measure else "not asked for"
    if isinstance(measured, Measured):
        flash = measured.code_bytes + measured.constant_bytes
        footprint = Footprint(measured.compiler, measured.code_bytes, flash, measured.stack_bytes)
        add_measured(files, plan, policy, model, golden, footprint)
    files["report.html"] = report_html(plan, policy, model, golden, measured)
    return Compiled(graph, simplified, plan, policy, files, measured, conversions, tuple(floats))


def simplify(graph: Graph, stages: Stages, floats: list[FloatLayer] | None = None) -> Graph:
    """The graph after all passes; what `integers` left in floats is added to `floats`."""

    def observe(name: str, after: Graph) -> None:
        stages.dump(name, lambda: to_text(after))
        if name == Integers.name and floats is not None:
            floats.extend(float_layers(after) + float_weights(after))

    with stages.stage("simplify") as told:
        simple = run_pipeline(graph, default_pipeline(), observe)
        told.append(f"{len(simple.ops)} operators")
    return simple


def make_plan(
    graph: Graph, policy: Policy, stages: Stages, quantizations: Mapping[str, Quantization] | None = None
) -> Plan:
    """Kernels, layouts and memory for a simplified graph; `quantizations` say what its inputs and outputs mean."""
    with stages.stage("choose kernels") as told:
        program = build(graph, policy, quantizations or {})
        told.append(f"{len(program.steps)} steps")
    with stages.stage("plan memory") as told:
        plan = plan_arena(program, policy)
        told.append(f"{plan.size} bytes of scratch")
        stages.dump("plan", lambda: plan_text(plan))
    return plan


def measure_files(files: Mapping[str, bytes], policy: Policy, stages: Stages) -> Measured | str:
    """Sizes of the compiled code, or why there are none."""
    with stages.stage("measure") as told, tempfile.TemporaryDirectory(prefix="embedc-") as work:
        folder = Path(work) / "bundle"
        fill(files, folder)
        try:
            described = read_manifest(folder)
            measured = measure(folder, described.product_sources, policy.name, policy.target, described.product_flags)
        except (EmbedcError, ExecutionError) as error:
            reason = str(error).splitlines()[0]
            told.append(reason)
            return reason
        told.append(f"{measured.code_bytes} bytes of code")
        return measured


def compile_to(request: Request, folder: Path, listener: Listener | None = None) -> Compiled:
    """Compiles and writes the bundle into `folder`, which stays as it was if anything fails."""
    check_destination(folder)
    compiled = compile_model(request, listener)
    write_bundle(compiled.files, folder)
    return compiled
