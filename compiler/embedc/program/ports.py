"""What a call takes and gives: buffers of inputs, outputs and state."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from embedc.diagnostics import EmbedcError, Fault
from embedc.ir.graph import Graph, Value
from embedc.ir.types import Quantization, TensorType
from embedc.ops.elementwise import constant_of
from embedc.policy import Policy
from embedc.program.layout import Layout, named_layout, row_major
from embedc.program.program import Buffer, Port, State, Storage, View

LAYOUTS = (
    "layouts: channels-first, channels-last (nwc, nhwc, ndhwc by the number of axes, the model's being n, c, spatial), "
    "or the model's axes from slowest to fastest, as in 0231"
)


@dataclass(frozen=True)
class Ports:
    """Inputs and outputs in the model's order; `next` holds, for each output that is state, where its value is collected."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    states: tuple[State, ...]
    next: dict[str, View]

    @property
    def given(self) -> dict[str, View]:
        """Where each input of the Graph lies at the beginning of a call."""
        return {p.name: p.view for p in self.inputs} | {s.port.name: s.port.view for s in self.states}

    @property
    def wanted(self) -> dict[str, View]:
        """Where each output of the Graph is to lie, that of state in a buffer of its own."""
        return {p.name: p.view for p in self.outputs} | self.next


def make_ports(
    graph: Graph,
    policy: Policy,
    orders: Mapping[Value, tuple[int, ...]],
    quantizations: Mapping[str, Quantization],
) -> Ports:
    """The ports of a program for `graph`; state, which nobody else sees, lies in the order that its readers want."""
    ends = set(policy.states.values())
    given, wanted = (Storage.ARENA, Storage.ARENA) if policy.io_in_scratch else (Storage.INPUT, Storage.OUTPUT)
    plain = {value.name: value.type for value in graph.inputs if value.name not in policy.states}
    layouts = _layouts(plain, policy.input_layouts, "input")
    results = _layouts(
        {name: value.type for name, value in graph.outputs.items() if name not in ends}, policy.output_layouts, "output"
    )
    inputs: list[Port] = []
    states: list[State] = []
    for value in graph.inputs:
        if value.name not in policy.states:
            inputs.append(_port(value.name, value, given, layouts[value.name]))
            continue
        layout = Layout(orders[value]) if value in orders else row_major(value.type.rank)
        port = _port(value.name, value, Storage.STATE, layout)
        states.append(State(port, policy.states[value.name], _initial(value, layout)))
    outputs = [_port(name, value, wanted, results[name]) for name, value in graph.outputs.items() if name not in ends]
    collected = {
        s.output: _port(f"next {s.port.name}", graph.outputs[s.output], Storage.ARENA, s.port.layout).view
        for s in states
    }
    told_in, told_out = ([_told(p, quantizations.get(p.name)) for p in ports] for ports in (inputs, outputs))
    return Ports(tuple(told_in), tuple(told_out), tuple(states), collected)


def _told(port: Port, quantization: Quantization | None) -> Port:
    """The port of integers with their meaning."""
    return replace(port, type=replace(port.type, quantization=quantization)) if port.type.element.is_integer else port


def _layouts(types: Mapping[str, TensorType], chosen: Mapping[str, str], kind: str) -> dict[str, Layout]:
    """How each tensor of the caller's lies: as it is chosen, else in the model's order."""
    faults: list[Fault] = []
    found = {name: row_major(type_.rank) for name, type_ in types.items()}
    for name, text in chosen.items():
        option = f"--{kind}-layout {name}={text}"
        layout = named_layout(text, types[name].rank) if name in types else None
        if name not in types:
            faults.append(Fault(f"{option}: there is no such {kind}", hint=f"{kind}s: {', '.join(types)}"))
        elif layout is None:
            faults.append(Fault(f"{option}: that is no layout of {types[name]}", hint=LAYOUTS))
        else:
            found[name] = layout
    if faults:
        raise EmbedcError(*faults)
    return found


def _port(name: str, value: Value, storage: Storage, layout: Layout) -> Port:
    size = layout.bytes(value.type.dims, value.type.element)
    return Port(name, Buffer(name, storage, size), value.type, layout)


def _initial(value: Value, layout: Layout) -> Buffer | None:
    """The bytes that a state begins with, in the order in which it lies."""
    data = value.initial and constant_of(value.initial.results[0])
    if data is None:
        return None
    stored = np.ascontiguousarray(data.transpose(layout.order))
    return Buffer(f"initial {value.name}", Storage.CONST, stored.nbytes, data=stored)
