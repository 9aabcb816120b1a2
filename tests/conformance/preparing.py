"""From a case to C sources: compiled with as many inputs left open as the compiler allows."""

import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import ModelProto, numpy_helper

from embedc.diagnostics import EmbedcError
from embedc.driver import Stages, make_plan, simplify
from embedc.emit.bundle import emit
from embedc.emit.ports import CPort, c_ports
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.graph import Graph
from embedc.ir.types import Array
from embedc.manifest import ModelInfo
from embedc.policy import Policy
from embedc.targets.load import load_target
from tests.conformance.outcome import Failed, Verdict
from tests.conformance.suite import Case, Item

TARGET = load_target("c")
SOURCES = (".c", ".h", ".S", ".bin")


@dataclass(frozen=True)
class Opened:
    """A Graph of a case for one data set, and what its inputs are fed."""

    case: Case
    graph: Graph
    feeds: Mapping[str, Array]
    wanted: Mapping[str, Array]


@dataclass(frozen=True)
class Prepared:
    """C sources whose symbols begin with `name`."""

    name: str
    opened: Opened
    files: Mapping[str, bytes]
    ports: Sequence[CPort]
    scratch: int


def opened(case: Case) -> list[Opened]:
    """A Graph for every data set; Failed where the compiler refuses the model or breaks."""
    model = case.model()
    return [_open(case, model, *data) for data in case.data_sets(model)]


def _open(case: Case, model: ModelProto, inputs: Sequence[Item], outputs: Sequence[Item]) -> Opened:
    """Stores an input's value in the model where the compiler says that it has to be known, and only there."""
    values = dict(zip((v.name for v in model.graph.input), inputs, strict=False))
    feeds, wanted = _tensors(values, "input"), _tensors(dict(zip(_outputs(model), outputs, strict=True)), "output")
    stored: dict[str, Array] = {}
    while True:
        try:
            graph = load(_with(model, stored), ImportOptions(_dims(model, feeds)))
            return Opened(case, graph, _in_bytes(feeds), _in_bytes(wanted))
        except EmbedcError as error:
            needed = {name for fault in error.faults for name in fault.needs} & feeds.keys()
            if not needed:
                broken = any("bug in embedc" in fault.hint for fault in error.faults)
                raise Failed(Verdict.BROKEN if broken else Verdict.REFUSED, error.faults[0].message) from None
        for name in needed:
            stored[name] = feeds.pop(name)


def _outputs(model: ModelProto) -> list[str]:
    return [v.name for v in model.graph.output]


def _tensors(items: Mapping[str, Item], what: str) -> dict[str, Array]:
    for item in items.values():
        if item is None or isinstance(item, list):
            raise Failed(Verdict.REFUSED, f"{what} is a {'optional without value' if item is None else 'sequence'}")
    return {name: item for name, item in items.items() if isinstance(item, np.ndarray)}


def _in_bytes(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Numbers of 2 and 4 bits as C has them, one in a byte."""
    bytes_ = {"int2": np.int8, "int4": np.int8, "uint2": np.uint8, "uint4": np.uint8}
    return {name: array.astype(bytes_.get(array.dtype.name, array.dtype)) for name, array in arrays.items()}


def _with(model: ModelProto, stored: Mapping[str, Array]) -> ModelProto:
    """The model with `stored` as initializers."""
    changed = ModelProto()
    changed.CopyFrom(model)
    changed.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in stored.items())
    return changed


def _dims(model: ModelProto, feeds: Mapping[str, Array]) -> dict[str, int]:
    """Extents of dimensions that the model leaves open, or seems to, as the data has them."""
    found: dict[str, int] = {}
    for value in model.graph.input:
        dims = value.type.tensor_type.shape.dim
        if value.name in feeds and len(dims) == feeds[value.name].ndim:
            for axis, (dim, extent) in enumerate(zip(dims, feeds[value.name].shape, strict=True)):
                if not dim.dim_value:
                    found[dim.dim_param or f"{value.name}:{axis}"] = extent
    return found


def prepared(work: Opened, name: str) -> Prepared:
    """The rest of the compiler's stages."""
    policy = Policy(TARGET, name)
    try:
        plan = make_plan(simplify(work.graph, Stages()), policy, Stages())
        files = emit(plan, policy, ModelInfo(work.case.name, "0" * 64))
    except EmbedcError as error:
        raise Failed(Verdict.REFUSED, error.faults[0].message) from None
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}"
        raise Failed(Verdict.BROKEN, f"{type(error).__name__} in {where}: {error}") from None
    kept = {file: data for file, data in files.items() if file.endswith(SOURCES)}
    return Prepared(name, work, kept, c_ports(plan, name), plan.size)
