"""Inputs in the form in which the product has them: the Graph converts and scales them in front of their first reader."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from embedc.diagnostics import EmbedcError, Fault
from embedc.forms import InputForm
from embedc.ir.graph import Graph, Origin, Value, collect
from embedc.ir.scalar import ScalarBuilder
from embedc.ir.types import F32
from embedc.ops.elementwise import Map, constant


def with_forms(graph: Graph, forms: Mapping[str, InputForm], states: Mapping[str, str]) -> Graph:
    """The Graph with inputs of other forms; EmbedcError for those that cannot have one."""
    faults = list(_faults(graph, forms, states))
    if faults:
        raise EmbedcError(*faults)
    inputs: list[Value] = []
    mapping: dict[Value, Value] = {}
    for value in graph.inputs:
        form = forms.get(value.name)
        inputs.append(value if form is None else replace(value, type=replace(value.type, element=form.element)))
        mapping[value] = value if form is None else _model_input(inputs[-1], form)
    for op in graph.ops:
        mapping.update(zip(op.results, op.with_operands(mapping).results, strict=True))
    return collect(graph.name, inputs, {name: mapping[value] for name, value in graph.outputs.items()})


def _faults(graph: Graph, forms: Mapping[str, InputForm], states: Mapping[str, str]) -> Iterator[Fault]:
    values = {value.name: value for value in graph.inputs}
    for name, form in forms.items():
        if name not in values:
            yield Fault(f"--input {name}: the model has no such input", hint=f"inputs: {', '.join(values)}")
        elif name in states:
            yield Fault(f"--input {name}: that is state, which the caller does not give")
        elif values[name].type.element != F32:
            yield Fault(
                f"--input {name}: the model wants {values[name].type}, and only f32 is scaled from other elements"
            )
        elif form.channel_axis(values[name].type.dims) is None:
            count = max(len(form.mean), len(form.std))
            yield Fault(
                f"--input {name}: {count} channels, but {values[name].type} has so many neither on axis 1 nor last"
            )


def _model_input(given: Value, form: InputForm) -> Value:
    """The model's own input, computed from what the caller gives."""
    origin = Origin(node=f"input {given.name}", operator="input")
    mean, std = (constant(form.spread(numbers, given.type.dims), origin) for numbers in (form.mean, form.std))
    body = ScalarBuilder(form.element, F32, F32)
    result = body.cast(0, F32)
    if form.scales:
        result = body.call("div", body.call("sub", result, 1), 2)
        return Map((given, mean, std), body.build(result), origin=origin).result
    body = ScalarBuilder(form.element)
    return Map((given,), body.build(body.cast(0, F32)), origin=origin).result
