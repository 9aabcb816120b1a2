"""Open dimensions of the inputs and the values that the user gives them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from onnx import GraphProto, TensorShapeProto, ValueInfoProto

from embedc.diagnostics import Fault
from embedc.frontends.onnx.folding import MAX_ELEMENTS
from embedc.frontends.onnx.names import option, readable, suggestion
from embedc.frontends.onnx.tensors import ELEMENTS, type_name
from embedc.ir.graph import Origin
from embedc.ir.types import TensorType


@dataclass(frozen=True)
class OpenDim:
    """A dimension that nobody fixed: `key` is what --dim calls it."""

    key: str
    input: str
    axis: int
    stated: int | None = None

    @property
    def fault(self) -> Fault:
        found = "open"
        if self.stated is not None:  # exporters write 0 or -1 for an open one
            found = f"stated as {self.stated}, " + (
                "which may mean that it is open" if self.stated == 0 else "no extent"
            )
        return Fault(
            f"dimension '{readable(self.key)}' (axis {self.axis}) is {found}",
            Origin(tensor=readable(self.input)),
            f"fix it with {option(self.key, 'VALUE')}, e.g. {option(self.key, '1')}",
        )


@dataclass(frozen=True)
class Signature:
    """Types of the inputs that could be told, dimensions still open, and what is wrong."""

    types: Mapping[str, TensorType]
    open_dims: tuple[OpenDim, ...]
    faults: tuple[Fault, ...]


def signature(inputs: Iterable[ValueInfoProto], given: Mapping[str, int]) -> Signature:
    """Types of the inputs with the dimensions that `given` fixes."""
    types: dict[str, TensorType] = {}
    open_dims: list[OpenDim] = []
    faults: list[Fault] = []
    for value in inputs:
        wrong = _wrong_kind(value)
        if wrong is not None:
            faults.append(wrong)
            continue
        tensor = value.type.tensor_type
        shape = [_extent(value, axis, dim, given) for axis, dim in enumerate(tensor.shape.dim)]
        open_dims.extend(d for d in shape if isinstance(d, OpenDim))
        fixed = tuple(d for d in shape if isinstance(d, int))
        if len(fixed) == len(shape):
            types[value.name] = TensorType(ELEMENTS[tensor.elem_type], fixed)
            if types[value.name].size > MAX_ELEMENTS:
                faults.append(_too_large(value, types[value.name]))
    return Signature(types, tuple(open_dims), tuple(faults))


def fix(graph: GraphProto, types: Mapping[str, TensorType]) -> None:
    """Writes the fixed dimensions into a model's inputs."""
    for value in graph.input:
        if value.name in types:  # another input of that name may have another rank, which is told later
            for dim, extent in zip(value.type.tensor_type.shape.dim, types[value.name].dims, strict=False):
                dim.dim_value = extent


def declared(value: ValueInfoProto, computed: TensorType, given: Mapping[str, int]) -> bool:
    """True if the model's declaration of an output allows the computed type; it may leave open what it likes."""
    tensor = value.type.tensor_type
    if value.type.WhichOneof("value") not in (None, "tensor_type"):
        return False
    if tensor.elem_type and ELEMENTS.get(tensor.elem_type) != computed.element:
        return False
    if not tensor.HasField("shape"):
        return True
    stated = [d.dim_value or given.get(d.dim_param, 0) for d in tensor.shape.dim]
    return len(stated) == computed.rank and all(s in (0, n) for s, n in zip(stated, computed.dims, strict=True))


def _extent(
    value: ValueInfoProto, axis: int, dim: TensorShapeProto.Dimension, given: Mapping[str, int]
) -> int | OpenDim:
    if dim.dim_value > 0:
        return dim.dim_value
    place = f"{value.name}:{axis}"
    extent = given.get(dim.dim_param or place, given.get(place, -1))
    stated = dim.dim_value if dim.HasField("dim_value") else None
    return extent if extent >= 0 else OpenDim(dim.dim_param or place, value.name, axis, stated)


def _wrong_kind(value: ValueInfoProto) -> Fault | None:
    """What keeps a graph input from being a tensor of known rank and element type."""
    origin = Origin(tensor=readable(value.name))
    kind = value.type.WhichOneof("value")
    if kind != "tensor_type":
        return Fault(
            f"input is a {(kind or 'value without type').removesuffix('_type')}", origin, "only tensors can be inputs"
        )
    tensor = value.type.tensor_type
    if tensor.elem_type not in ELEMENTS:
        name = type_name(tensor.elem_type)
        return Fault(f"input has element type {name}", origin, "convert the model to float32 inputs")
    if not tensor.HasField("shape"):
        return Fault("input has no shape, not even a rank", origin, "export the model with input shapes")
    return None


def _too_large(value: ValueInfoProto, type_: TensorType) -> Fault:
    return Fault(
        f"input {type_} has {type_.size} elements; at most {MAX_ELEMENTS} are supported",
        Origin(tensor=readable(value.name)),
        "check the model's input shape and the --dim options",
    )


def misfits(inputs: Iterable[ValueInfoProto], given: Mapping[str, int]) -> list[Fault]:
    """Given dimensions that the model does not have, or that are no extents."""
    keys: dict[str, int] = {}
    for value in inputs:
        for axis, dim in enumerate(value.type.tensor_type.shape.dim):
            keys[f"{value.name}:{axis}"] = max(dim.dim_value, 0)
            if dim.dim_param:
                keys[dim.dim_param] = 0
    faults: list[Fault] = []
    for key, extent in given.items():
        shown = f"--dim {readable(key)}={extent}"
        if key not in keys:
            listed = [k for k, fixed in keys.items() if not fixed]
            faults.append(Fault(f"{shown}: no input has such a dimension", hint=suggestion(key, listed)))
        elif extent < 0:
            faults.append(Fault(f"{shown}: an extent is not negative", hint=f"e.g. {option(key, '1')}"))
        elif keys[key] not in (0, extent):
            hint = "export the model with an open dimension to change it"
            faults.append(Fault(f"{shown}: the model fixes that dimension at {keys[key]}", hint=hint))
    return faults
