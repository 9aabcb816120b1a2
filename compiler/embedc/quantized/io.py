"""--io: inputs and outputs of quantized models as floats or as bytes, whichever the product has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from embedc.diagnostics import EmbedcError, Fault
from embedc.ir.graph import NOWHERE, Graph, Value, collect
from embedc.ir.types import F32, Array, Element, Quantization, TensorType, element_of
from embedc.ops.elementwise import constant
from embedc.ops.quantized import Dequantize, Quantize
from embedc.quantized.ports import parameters, port_quantizations

IoForm = Literal["model", "float", "quantized"]


@dataclass(frozen=True)
class Conversion:
    """Of one tensor: the caller's element type is not the model's, and one of both is quantized so."""

    caller: Element
    model: Element
    quantization: Quantization

    def to_model(self, given: Array) -> Array:
        """The model's tensor for one of the caller's."""
        return self._converted(given, self.model)

    def to_caller(self, array: Array) -> Array:
        """The caller's tensor for one of the model's."""
        return self._converted(array, self.caller)

    def _converted(self, array: Array, element: Element) -> Array:
        if element_of(array.dtype) == element:
            return array
        scale, zero = np.float32(self.quantization.scale[0]), self.quantization.zero_point[0]
        if element.is_float:
            return (array.astype(np.int32) - zero).astype(np.float32) * scale
        limits = np.iinfo(element.dtype)
        return np.clip(np.rint(array.astype(np.float32) / scale) + zero, limits.min, limits.max).astype(element.dtype)


@dataclass(frozen=True)
class Conversions:
    """By name; tensors that are what they are in the model are not there."""

    inputs: Mapping[str, Conversion] = field(default_factory=dict[str, Conversion])
    outputs: Mapping[str, Conversion] = field(default_factory=dict[str, Conversion])

    def model_inputs(self, given: Mapping[str, Array]) -> dict[str, Array]:
        """The model's inputs for the caller's."""
        return {n: self.inputs[n].to_model(a) if n in self.inputs else a for n, a in given.items()}

    def caller_outputs(self, tensors: Mapping[str, Array]) -> dict[str, Array]:
        """The caller's outputs, and other tensors as they are."""
        return {n: self.outputs[n].to_caller(a) if n in self.outputs else a for n, a in tensors.items()}


def with_io(graph: Graph, io: IoForm) -> tuple[Graph, Conversions]:
    """The Graph with quantized inputs and outputs of the form that is wanted; EmbedcError if there is none to change."""
    if io == "model":
        return graph, Conversions()
    changed, conversions = (_as_floats if io == "float" else _as_bytes)(graph)
    if not conversions.inputs and not conversions.outputs:
        kind = "integers with one scale and zero point" if io == "float" else "floats that are quantized at once"
        ports = ", ".join(f"'{n}' {v.type}" for n, v in [*((v.name, v) for v in graph.inputs), *graph.outputs.items()])
        raise EmbedcError(Fault(f"--io {io}: no input and no output is of {kind}", hint=f"the model has {ports}"))
    return changed, conversions


def _as_floats(graph: Graph) -> tuple[Graph, Conversions]:
    """Quantizes in front of inputs of bytes, dequantizes behind outputs."""
    known = port_quantizations(graph)
    numbers = {n: _numbers(q, e) for n, q in known.items() for e in [_element(graph, n)]}
    found = {n: Conversion(F32, _element(graph, n), q) for n, q in known.items()}

    def given(value: Value) -> tuple[Value, Value]:
        if value.name not in known:
            return value, value
        real = replace(value, type=TensorType(F32, value.type.shape))
        return real, Quantize(real, *numbers[value.name], origin=value.origin).result

    def wanted(name: str, value: Value) -> Value:
        return Dequantize(value, *numbers[name], origin=value.origin).result if name in known else value

    changed = _rebuilt(graph, given, wanted)
    names = {v.name for v in graph.inputs}
    return changed, Conversions(
        {n: c for n, c in found.items() if n in names}, {n: found[n] for n in graph.outputs if n in found}
    )


def _as_bytes(graph: Graph) -> tuple[Graph, Conversions]:
    """Takes away what quantizes inputs and dequantizes outputs."""
    uses = graph.uses()
    inputs: dict[str, Conversion] = {}
    outputs: dict[str, Conversion] = {}

    def given(value: Value) -> tuple[Value, Value]:
        readers = uses.get(value, [])
        known = {(parameters(op), op.results[0].type.element) for op in readers}
        quantization, element = known.pop() if len(known) == 1 else (None, F32)
        if (
            quantization is None
            or not all(isinstance(op, Quantize) for op in readers)
            or value in graph.outputs.values()
        ):
            return value, value
        inputs[value.name] = Conversion(element, F32, quantization)
        stored = replace(value, type=TensorType(element, value.type.shape))
        return stored, Dequantize(stored, *_numbers(quantization, element), origin=value.origin).result

    def wanted(name: str, value: Value) -> Value:
        quantization = parameters(value.producer) if isinstance(value.producer, Dequantize) else None
        if quantization is None:
            return value
        bytes_ = value.producer.operands[0] if value.producer else value
        outputs[name] = Conversion(bytes_.type.element, F32, quantization)
        return bytes_

    return _rebuilt(graph, given, wanted), Conversions(inputs, outputs)


def _rebuilt(
    graph: Graph, given: Callable[[Value], tuple[Value, Value]], wanted: Callable[[str, Value], Value]
) -> Graph:
    """The graph with other inputs (the new one, and what stands for the old one) and outputs."""
    pairs = [given(value) for value in graph.inputs]
    mapping = {value: stand_in for value, (_, stand_in) in zip(graph.inputs, pairs, strict=True)}
    for op in graph.ops:
        mapping.update(zip(op.results, op.with_operands(mapping).results, strict=True))
    outputs = {name: wanted(name, mapping[value]) for name, value in graph.outputs.items()}
    return collect(graph.name, [new for new, _ in pairs], outputs)


def _numbers(quantization: Quantization, element: Element) -> tuple[Value, Value]:
    """Scale and zero point as constants."""
    scale = np.array(quantization.scale[0], np.float32)
    return constant(scale, NOWHERE), constant(np.array(quantization.zero_point[0], element.dtype), NOWHERE)


def _element(graph: Graph, name: str) -> Element:
    value = next((v for v in graph.inputs if v.name == name), None)
    return (value or graph.outputs[name]).type.element
