"""manifest.json: what a bundle says of itself, read back by embedc.manifest."""

from typing import Any

import embedc
from embedc.emit.golden import TOLERANCE, Golden
from embedc.emit.ports import CPort
from embedc.forms import InputForm
from embedc.manifest import FORMAT
from embedc.plan.plan import STATE_ALIGN, Plan
from embedc.policy import Policy
from embedc.program.layout import layout_name
from embedc.program.program import Program, State, Step, Trace, kernel_of


def describe(plan: Plan, policy: Policy, ports: list[CPort], golden: Golden, selftest_bytes: int) -> dict[str, Any]:
    """The manifest but for model, sources and files."""
    program = plan.program
    bounds = plan.bounds
    return {
        "format": FORMAT,
        "version": embedc.__version__,
        "name": policy.name,
        "options": {
            "target": policy.target.name,
            "cpu": policy.target.cpu,
            "optimize": policy.optimize,
            "dims": dict(policy.dims),
            "outputs": list(policy.outputs),
            "states": dict(policy.states),
            "input_layouts": dict(policy.input_layouts),
            "output_layouts": dict(policy.output_layouts),
            "io_in_scratch": policy.io_in_scratch,
            "single_file": policy.single_file,
            "weights": policy.weights,
        },
        "inputs": [_port(port) | {"form": _form(policy.forms.get(port.name))} for port in ports if port.is_input],
        "outputs": [_port(port) for port in ports if not port.is_input],
        "parameters": program.parameters,
        "macs": sum(step.layer.macs for step in program.steps),
        "scratch_bytes": plan.size,
        "scratch_align": policy.target.align,
        "scratch_lower_bound": bounds.lower,
        "scratch_bound": {"step": bounds.step, "proved": bounds.proved, "why": bounds.why, "across_orders": None},
        "state_bytes": plan.state_bytes,
        "state_align": min(STATE_ALIGN, policy.target.align),
        "states": [_state(state, plan) for state in program.states],
        "selftest": _selftest(golden, selftest_bytes),
        "layers": [_layer(number, step) for number, step in enumerate(program.steps)],
        "trace": [_tap(program, trace) for trace in named_traces(program)],
    }


def named_traces(program: Program) -> list[Trace]:
    """The last value of each name; earlier ones are steps on the way that the model does not know."""
    last = {trace.value.name: trace for trace in program.traces if trace.value.name}
    return sorted(last.values(), key=lambda trace: trace.step)


def _port(port: CPort) -> dict[str, Any]:
    return {
        "name": port.name,
        "c_name": port.c_name,
        "element": str(port.element),
        "shape": list(port.shape),
        "bytes": port.bytes,
        "layout": layout_name(port.layout),
        "order": list(port.layout.order),
        "offset": port.offset,
    }


def _form(form: InputForm | None) -> dict[str, Any] | None:
    """What the caller's numbers mean where they are not the model's: those are (x - mean) / std."""
    return form and {"mean": list(form.mean), "std": list(form.std)}


def _state(state: State, plan: Plan) -> dict[str, Any]:
    """A pair of the model's input and output, and where it lies."""
    return {
        "input": state.port.name,
        "output": state.output,
        "element": str(state.port.type.element),
        "shape": list(state.port.type.dims),
        "offset": plan.state_offsets[state.port.buffer],
        "bytes": state.port.buffer.bytes,
        "initial": "model" if state.initial else "zeros",
    }


def _selftest(golden: Golden, size: int) -> dict[str, Any]:
    """The bytes of memory that it needs, or why there is none."""
    if golden.reason:
        return {"bytes": 0, "layers": 0, "tolerance": None, "skipped": golden.reason}
    return {"bytes": size, "layers": len(golden.layers), "tolerance": TOLERANCE, "skipped": ""}


def _layer(number: int, step: Step) -> dict[str, Any]:
    return {
        "id": number,
        "name": step.layer.name,
        "op": step.layer.op,
        "kernel": kernel_of(step),
        "macs": step.layer.macs,
        "tensor": step.layer.tensor,
        "origin": str(step.layer.origin),
    }


def _tap(program: Program, trace: Trace) -> dict[str, Any]:
    return {
        "id": program.trace_id(trace),
        "layer": trace.step,
        "tensor": trace.value.name,
        "element": str(trace.view.element),
        "shape": list(trace.view.shape),
        "strides": list(trace.view.strides),
    }
