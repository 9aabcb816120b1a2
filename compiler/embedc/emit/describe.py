"""manifest.json: what a bundle says of itself."""

import embedc
from embedc.emit.golden import TOLERANCE, Golden
from embedc.emit.ports import CPort
from embedc.forms import InputForm
from embedc.manifest import (
    FORMAT,
    Form,
    Layer,
    Manifest,
    ModelInfo,
    Options,
    Port,
    Quantization,
    ScratchBound,
    Selftest,
    State,
    Tap,
)
from embedc.plan.plan import STATE_ALIGN, Plan
from embedc.policy import Policy
from embedc.program import program as ir
from embedc.program.layout import layout_name


def describe(
    plan: Plan, policy: Policy, model: ModelInfo, ports: list[CPort], golden: Golden, selftest_bytes: int, weights: int
) -> Manifest:
    """The manifest of code that is neither measured nor in files."""
    program = plan.program
    bounds = plan.bounds
    return Manifest(
        format=FORMAT,
        version=embedc.__version__,
        name=policy.name,
        model=model,
        options=_options(policy),
        inputs=tuple(_port(port, policy.forms.get(port.name)) for port in ports if port.is_input),
        outputs=tuple(_port(port, None) for port in ports if not port.is_input),
        parameters=program.parameters,
        macs=sum(step.layer.macs for step in program.steps),
        scratch_bytes=plan.size,
        scratch_align=policy.target.align,
        scratch_bound=ScratchBound(bounds.lower, bounds.step, bounds.proved, bounds.why),
        state_bytes=plan.state_bytes,
        state_align=min(STATE_ALIGN, policy.target.align),
        states=tuple(_state(state, plan) for state in program.states),
        weights_bytes=weights,
        flash_bytes=weights,
        code_bytes=None,
        stack_bytes=None,
        measured_with=None,
        selftest=_selftest(golden, selftest_bytes),
        layers=tuple(_layer(number, step) for number, step in enumerate(program.steps)),
        trace=tuple(_tap(program, trace) for trace in named_traces(program)),
        sources=(),
        files=(),
    )


def named_traces(program: ir.Program) -> list[ir.Trace]:
    """The last value of each name; earlier ones are steps on the way that the model does not know."""
    last = {trace.value.name: trace for trace in program.traces if trace.value.name}
    return sorted(last.values(), key=lambda trace: trace.step)


def _options(policy: Policy) -> Options:
    return Options(
        target=policy.target.name,
        cpu=policy.target.cpu,
        optimize=policy.optimize,
        dims=policy.dims,
        outputs=policy.outputs,
        states=policy.states,
        input_layouts=policy.input_layouts,
        output_layouts=policy.output_layouts,
        io_in_scratch=policy.io_in_scratch,
        single_file=policy.single_file,
        weights=policy.weights,
        io=policy.io,
    )


def _quantization(port: CPort) -> Quantization | None:
    told = port.quantization
    return told and Quantization(told.scale[0], told.zero_point[0])


def _port(port: CPort, form: InputForm | None) -> Port:
    return Port(
        name=port.name,
        c_name=port.c_name,
        element=str(port.element),
        shape=port.shape,
        bytes=port.bytes,
        layout=layout_name(port.layout),
        order=port.layout.order,
        offset=port.offset,
        form=form and Form(form.mean, form.std),
        quantization=_quantization(port),
    )


def _state(state: ir.State, plan: Plan) -> State:
    """A pair of the model's input and output, and where it lies."""
    return State(
        input=state.port.name,
        output=state.output,
        element=str(state.port.type.element),
        shape=state.port.type.dims,
        offset=plan.state_offsets[state.port.buffer],
        bytes=state.port.buffer.bytes,
        initial="model" if state.initial else "zeros",
    )


def _selftest(golden: Golden, size: int) -> Selftest:
    """The bytes of memory that it needs, or why there is none."""
    if golden.reason:
        return Selftest(bytes=0, layers=0, tolerance=None, skipped=golden.reason)
    return Selftest(bytes=size, layers=len(golden.layers), tolerance=TOLERANCE, skipped="")


def _layer(number: int, step: ir.Step) -> Layer:
    return Layer(
        id=number,
        name=step.layer.name,
        op=step.layer.op,
        kernel=ir.kernel_of(step),
        macs=step.layer.macs,
        tensor=step.layer.tensor,
        element="" if isinstance(step, ir.For | ir.Branch) else str(step.output.element),
        origin=str(step.layer.origin),
    )


def _tap(program: ir.Program, trace: ir.Trace) -> Tap:
    return Tap(
        id=program.trace_id(trace),
        layer=trace.step,
        tensor=trace.value.name,
        element=str(trace.view.element),
        shape=trace.view.shape,
        strides=trace.view.strides,
    )
