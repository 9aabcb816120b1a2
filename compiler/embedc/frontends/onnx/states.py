"""Pairs of a model's input and output that are kept as state between calls: are they such pairs, and how do they begin?"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from embedc.diagnostics import Fault
from embedc.frontends.onnx.names import readable, suggestion
from embedc.frontends.onnx.outline import Outline
from embedc.frontends.onnx.tensors import BadTensor, decode
from embedc.ir.graph import Origin, Value
from embedc.ir.types import TensorType
from embedc.ops.elementwise import constant


def pair_faults(
    states: Mapping[str, str], inputs: Iterable[str], tensors: Collection[str], outputs: Iterable[str], chosen: bool
) -> Iterator[Fault]:
    """What can be told from names: `tensors` are all of the model's, `outputs` those wanted, perhaps `chosen` by the user."""
    known, plain = list(inputs), [name for name in outputs if name not in states.values()]
    for begin, end in states.items():
        if begin not in known:
            yield Fault(
                f"{shown(begin, end)}: the model has no input '{readable(begin)}'", hint=suggestion(begin, known)
            )
        if end not in tensors:
            yield Fault(
                f"{shown(begin, end)}: the model has no tensor '{readable(end)}'", hint=suggestion(end, tensors)
            )
        if list(states.values()).count(end) > 1:
            yield Fault(
                f"{shown(begin, end)}: '{readable(end)}' is the next value of another input too",
                hint="make an output of its own for each, with an Identity",
            )
        if chosen and end in outputs:
            yield Fault(f"'{readable(end)}' is state and cannot be an output too", hint="leave it out of --outputs")
    if states and not plain:
        yield Fault("every output is state, so that a call would give nothing", hint="name a tensor with --outputs")


def type_faults(
    states: Mapping[str, str], inputs: Mapping[str, Value], outputs: Mapping[str, Value]
) -> Iterator[Fault]:
    """State must be of one type, and something that is compiled must read it."""
    for begin, end in states.items():
        if begin not in inputs:
            yield Fault(f"{shown(begin, end)}: nothing that is compiled reads it", Origin(tensor=readable(begin)))
        elif end in outputs and inputs[begin].type != outputs[end].type:
            message = f"{shown(begin, end)}: the input is {inputs[begin].type}, the output {outputs[end].type}"
            yield Fault(
                message, Origin(tensor=readable(begin)), "state is what has the same shape before and after a call"
            )


def shown(begin: str, end: str) -> str:
    """The option as the user wrote it."""
    return f"--state {readable(begin)}={readable(end)}"


def initial_value(source: Outline, name: str, declared: TensorType) -> Value | None:
    """The constant that a state begins with, None for zeros; BadTensor where it does not suit the input."""
    if name not in source.initial:
        return None
    data, found = decode(source.initial[name], source.folder)
    if found != declared:
        raise BadTensor(f"is {found}, the input of its name {declared}")
    return constant(data, Origin(tensor=readable(name)), found) if data.any() else None
