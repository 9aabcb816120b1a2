"""report.html of a bundle: what was made, what it needs and why; one file without scripts or links to elsewhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

import embedc
from embedc.emit.golden import Golden
from embedc.emit.weights import layout_constants
from embedc.execution.measure import Measured
from embedc.ir.types import TensorType
from embedc.manifest import ModelInfo
from embedc.plan.plan import Plan
from embedc.policy import Policy
from embedc.program.program import Buffer, Call, Leaf, Nest, Program, Step, Storage, kernel_of
from embedc.report.chart import memory_chart
from embedc.report.text import plain, si, size


@dataclass(frozen=True)
class Figure:
    """A number of the summary; `source` says how it is known: counted, measured, proved or estimated."""

    title: str
    value: str
    source: str
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """A layer of the table."""

    number: int
    name: str
    op: str
    kernel: str
    result: str
    macs: str
    share: float
    weights: str
    candidates: tuple[str, ...]


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("embedc.report", "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        autoescape=True,
    )


def report_html(plan: Plan, policy: Policy, model: ModelInfo, golden: Golden, measured: Measured | str) -> bytes:
    """The report; `measured` is the reason where nothing was measured."""
    program = plan.program
    values: dict[str, object] = {
        "name": policy.name,
        "version": embedc.__version__,
        "model": plain(model.file) or "a model in memory",
        "sha256": model.sha256,
        "target": " ".join(filter(None, (policy.target.name, policy.target.cpu))),
        "description": policy.target.description,
        "figures": list(_figures(plan, measured)),
        "ports": [
            (kind, plain(port.name), str(port.type), size(port.buffer.bytes))
            for kind, ports in (
                ("input", program.inputs),
                ("output", program.outputs),
                ("state", [state.port for state in program.states]),
            )
            for port in ports
        ],
        "chart": memory_chart(plan),
        "bounds": plan.bounds,
        "rows": list(_rows(program)),
        "selftest": golden.reason
        or f"compares {_count(golden.layers, 'layer')} and {_count(golden.outputs, 'output')}",
    }
    return _templates().get_template("report.html.jinja").render(values).encode()


def _figures(plan: Plan, measured: Measured | str) -> Iterator[Figure]:
    program, bounds = plan.program, plan.bounds
    macs = sum(step.layer.macs for step in program.steps)
    yield Figure("MACs", si(macs), "counted", f"{macs:,} multiply-accumulates in {len(program.steps)} steps")
    yield Figure("parameters", si(program.parameters), "counted", f"{program.parameters:,}")
    if bounds.proved:
        yield Figure(
            "scratch", _unit(plan.size), "proved", f"{plan.size:,} bytes, the least for this order: {bounds.why}"
        )
    else:
        yield Figure("scratch", _unit(plan.size), "counted", f"{plan.size:,} bytes; {bounds.why}")
    if program.states:
        yield Figure("state", _unit(plan.state_bytes), "counted", f"{plan.state_bytes:,} bytes kept between calls")
    weights = layout_constants(program).size
    yield Figure("weights", _unit(weights), "counted", f"{weights:,} bytes in flash")
    if isinstance(measured, str):
        yield Figure("code", "–", "not measured", measured)
        yield Figure("stack", "–", "not measured", measured)
        return
    code = measured.code_bytes + max(0, measured.constant_bytes - weights)
    yield Figure("code", _unit(code), "measured", f"{code:,} bytes with tables, by {measured.compiler}")
    if measured.stack_bytes is None:
        yield Figure("stack", "–", "not measured", f"{measured.compiler} does not tell")
    else:
        yield Figure("stack", _unit(measured.stack_bytes), "measured", f"{measured.stack_bytes:,} bytes, without libm")


def _count(things: Sequence[object], name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def _unit(count: int) -> str:
    """Bytes in three digits."""
    for unit, scale in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= scale:
            return f"{count / scale:.3g} {unit}" if count < 1000 * scale else f"{count // scale:,} {unit}"
    return f"{count} B"


def _result(step: Step, known: TensorType | None) -> str:
    """Element and shape of what a step computes; of a step without a name in the model as it lies in memory."""
    if known is None and isinstance(step, Leaf):
        known = TensorType(step.output.element, step.output.shape)
    return f"{known.element}[{', '.join(map(str, known.dims))}]" if known else ""


def _rows(program: Program) -> Iterator[Row]:
    total = sum(step.layer.macs for step in program.steps) or 1
    results = {trace.step: trace.value.type for trace in program.traces}
    seen: set[Buffer] = set()
    for number, step in enumerate(program.steps):
        layer = step.layer
        constants = {b for b in step.reads if b.storage is Storage.CONST} - seen
        seen |= constants
        weights = sum(b.bytes for b in constants)
        yield Row(
            number,
            plain(layer.name),
            plain(layer.op),
            "loop nest" if isinstance(step, Nest) else kernel_of(step),
            _result(step, results.get(number, layer.type)),
            si(layer.macs) if layer.macs else "",
            100 * layer.macs / total,
            f"{weights:,}" if weights else "",
            program.explain.get(layer.name, ()) if isinstance(step, Call) else (),
        )
