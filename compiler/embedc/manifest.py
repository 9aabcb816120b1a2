"""manifest.json of a bundle: what it holds, declared once; docs/manifest.schema.json follows from it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import numpy as np

from embedc.diagnostics import fail
from embedc.ir.types import ELEMENTS, Array
from embedc.records import RecordError, as_json, at_least, matching, one_of, read_record, schema

FILE = "manifest.json"
FORMAT = 1
HINT = "embedc writes it beside the code that it makes; docs/manifest.schema.json says what it holds"

Natural = Annotated[int, at_least(0)]
Bytes = Natural
Element = Annotated[
    str,
    one_of(tuple(ELEMENTS)),
    "Type of the elements: f floats, i and u integers, with their bits. Those of 2 and 4 bits take a byte each.",
]
Name = Annotated[str, matching("^[A-Za-z_][A-Za-z0-9_]*$")]
Shape = Annotated[tuple[Natural, ...], "Extents of the axes in the model's order, in elements."]


@dataclass(frozen=True)
class ModelInfo:
    """The model that was compiled."""

    file: Annotated[str, "Its file name, without folders."]
    sha256: Annotated[str, "SHA-256 of the file, in hexadecimal digits; empty where the model was no file."]


@dataclass(frozen=True)
class Options:
    """What the compiler was told."""

    target: Annotated[str, "Name of the target, as embedc targets lists it."]
    cpu: Annotated[str, "CPU of the target; empty where none was chosen."]
    optimize: Annotated[Literal["speed", "size"], "What kernels were chosen for."]
    dims: Annotated[Mapping[str, Natural], "Sizes of the model's symbolic dimensions."]
    outputs: Annotated[tuple[str, ...], "Tensors at which the model was cut; empty: its own outputs."]
    states: Annotated[Mapping[str, str], "Inputs that are kept between calls, with the outputs that they take."]
    input_layouts: Annotated[Mapping[str, str], "Layouts that were asked for, by the input's name."]
    output_layouts: Annotated[Mapping[str, str], "Layouts that were asked for, by the output's name."]
    io_in_scratch: Annotated[bool, "True if inputs and outputs lie in scratch, and calls take no addresses of them."]
    single_file: Annotated[bool, "True if all C lies in one file."]
    weights: Annotated[Literal["auto", "c", "assembly"], "How constants are written."]
    io: Annotated[Literal["model", "float", "quantized"], "The form of quantized inputs and outputs."] = "model"


@dataclass(frozen=True)
class Form:
    """What the caller's numbers x mean: the model's are (x - mean) / std; one number for all, or one for each channel."""

    mean: Annotated[tuple[float, ...], "What is subtracted, in the caller's units."]
    std: Annotated[tuple[float, ...], "What is divided by, in the caller's units."]


@dataclass(frozen=True)
class Quantization:
    """What integers mean: real = scale * (q - zero_point)."""

    scale: Annotated[float, "The real step between neighbours."]
    zero_point: Annotated[int, "The integer that means 0."]


@dataclass(frozen=True)
class Port:
    """An input or output: its name in the model, its field in the C struct, and how it lies in memory."""

    name: Annotated[str, "Name of the tensor in the model."]
    c_name: Annotated[Name, "Its name in C."]
    element: Element
    shape: Shape
    bytes: Annotated[Bytes, "Size in memory, in bytes."]
    layout: Annotated[str, "Its layout as people call it: row-major, nhwc, or the digits of order."]
    order: Annotated[tuple[Natural, ...], "Axes of shape as they lie in memory, from slowest to fastest."]
    offset: Annotated[Bytes | None, "Where it lies in scratch, in bytes; null: where the caller says."]
    form: Annotated[Form | None, "What its numbers mean; null: what they mean in the model, as for every output."]
    quantization: Annotated[Quantization | None, "What its integers mean to the model; null: themselves."] = None

    @property
    def scaled(self) -> bool:
        """The model has other numbers, so that all of them may come."""
        return self.form is not None

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        return ELEMENTS[self.element].dtype

    def stored(self, array: Array) -> Array:
        """The elements of a tensor one after the other, as the generated code finds them."""
        return np.ascontiguousarray(array.transpose(self.order)).reshape(-1)

    def tensor(self, stored: Array) -> Array:
        """The tensor of elements that the generated code has left, in the model's order."""
        extents = [self.shape[axis] for axis in self.order]
        return np.array(stored.view(self.dtype).reshape(extents).transpose(np.argsort(self.order)), order="C")

    def __str__(self) -> str:
        return f"{self.element}[{','.join(map(str, self.shape))}]"


@dataclass(frozen=True)
class ScratchBound:
    """How far the size of scratch is from the least that this order of layers allows."""

    lower: Annotated[Bytes, "No plan of this order needs less, in bytes."]
    step: Annotated[int, at_least(-1), "Number of the layer that alone needs most; -1: none."]
    proved: Annotated[bool, "True if scratch has that size."]
    why: Annotated[str, "The same in words."]


@dataclass(frozen=True)
class State:
    """An input of the model that is kept between calls and takes `output` of the call before."""

    input: Annotated[str, "Name of the input in the model."]
    output: Annotated[str, "Name of the output in the model."]
    element: Element
    shape: Shape
    offset: Annotated[Bytes, "Where it lies in the memory of the state, in bytes."]
    bytes: Annotated[Bytes, "Size in memory, in bytes."]
    initial: Annotated[Literal["zeros", "model"], "What a stream begins with: zeros, or the model's initializer."]


@dataclass(frozen=True)
class Selftest:
    """The self-test in the bundle."""

    bytes: Annotated[Bytes, "Memory that it needs, in bytes."]
    layers: Annotated[Natural, "Number of tensors that it can compare on the way to the outputs."]
    tolerance: Annotated[
        Annotated[float, at_least(0)] | None, "Greatest error relative to a tensor's norm; null: no self-test."
    ]
    skipped: Annotated[str, "Why there is none; empty where there is one."]


@dataclass(frozen=True)
class Layer:
    """One step of the generated code; `tensor` is the model's value that it computes."""

    id: Annotated[Natural, "Its number, from 0 on in the order of execution."]
    name: Annotated[str, "Name of the model's node."]
    op: Annotated[str, "Operators that it computes."]
    kernel: Annotated[str, "What computes it: a kernel's name, nest, a routine's name, loop or branch."]
    macs: Annotated[Natural, "Multiply-accumulate operations of one run."]
    tensor: Annotated[str, "Name of the model's tensor that it computes; empty: none that the model names."]
    element: Annotated[str, "Type of the elements that it writes; empty for loops and branches."]
    origin: Annotated[str, "Where in the model it comes from, for people."]


@dataclass(frozen=True)
class Tap:
    """A tensor that a traced build shows, as it lies in memory from the address that the trace gives."""

    id: Annotated[Natural, "Number by which the trace calls it."]
    layer: Annotated[Natural, "Id of the layer that computes it."]
    tensor: Annotated[str, "Name of the tensor in the model."]
    element: Element
    shape: Shape
    strides: Annotated[tuple[int, ...], "Distance of neighbours on each axis of shape, in bytes."]

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        return ELEMENTS[self.element].dtype

    @cached_property
    def extent(self) -> tuple[int, int]:
        """First byte and the one behind the last, relative to the address."""
        if 0 in self.shape:
            return 0, 0
        spans = [s * (n - 1) for s, n in zip(self.strides, self.shape, strict=True)]
        return sum(min(0, s) for s in spans), sum(max(0, s) for s in spans) + self.dtype.itemsize


@dataclass(frozen=True)
class _Versioned:
    """What every format has: another number is told before anything else."""

    format: Literal[1]


@dataclass(frozen=True)
class Manifest:
    """What a bundle of embedc says of itself, in its manifest.json."""

    format: Annotated[Literal[1], "Number of this format; another one may hold anything else."]
    version: Annotated[str, "Version of embedc that wrote the bundle."]
    name: Annotated[Name, "Prefix of C symbols and files; in upper case, of C macros."]
    model: ModelInfo
    options: Options
    inputs: Annotated[tuple[Port, ...], "Inputs in the order of the C function's arguments."]
    outputs: Annotated[tuple[Port, ...], "Outputs in the order of the C function's arguments, behind the inputs."]
    parameters: Annotated[Natural, "Number of the model's constant elements that the code uses."]
    macs: Annotated[Natural, "Multiply-accumulate operations of one call."]
    scratch_bytes: Annotated[Bytes, "Memory that a call works in, in bytes."]
    scratch_align: Annotated[int, at_least(1), "Alignment of scratch and of the self-test's memory, in bytes."]
    scratch_bound: ScratchBound
    state_bytes: Annotated[Bytes, "Memory that a stream keeps between calls, in bytes."]
    state_align: Annotated[int, at_least(1), "Alignment of the state, in bytes."]
    states: Annotated[tuple[State, ...], "What the state holds."]
    weights_bytes: Annotated[Bytes, "Constants of the model as the code has them, in bytes."]
    flash_bytes: Annotated[
        Bytes, "Code and constants of the compiled sources, in bytes; the weights alone if unmeasured."
    ]
    code_bytes: Annotated[Bytes | None, "Executable code of the compiled sources, in bytes; null: not measured."]
    stack_bytes: Annotated[Bytes | None, "Stack below <name>_run without libm, in bytes; null: not measured."]
    measured_with: Annotated[str | None, "Compiler that code, stack and flash were measured with; null: not measured."]
    selftest: Selftest
    layers: Annotated[tuple[Layer, ...], "Steps in the order of execution."]
    trace: Annotated[tuple[Tap, ...], "Tensors that a build with -D<NAME>_TRACE shows."]
    sources: Annotated[tuple[str, ...], "Files to compile, relative to the manifest."]
    files: Annotated[tuple[str, ...], "All files of the bundle, relative to the manifest."]

    @property
    def target(self) -> str:
        return self.options.target

    @property
    def cpu(self) -> str:
        return self.options.cpu

    @property
    def macro(self) -> str:
        """Prefix of the C macros."""
        return self.name.upper()

    @property
    def feedback(self) -> dict[str, str]:
        """Inputs that are state, with the outputs that they take from the call before."""
        return {state.input: state.output for state in self.states}

    @property
    def io_in_scratch(self) -> bool:
        """True if inputs and outputs lie in scratch, and a call takes no addresses of them."""
        return self.options.io_in_scratch

    @property
    def selftest_source(self) -> str:
        """The file of the self-test, which a product may leave out."""
        return f"{self.name}_selftest.c"

    @property
    def product_sources(self) -> tuple[str, ...]:
        """What a product ships: all sources but the self-test."""
        return tuple(source for source in self.sources if source != self.selftest_source)

    @property
    def has_selftest(self) -> bool:
        return not self.selftest.skipped

    @property
    def product_flags(self) -> tuple[str, ...]:
        """Leaves the self-test out where it lies in the one file of a product."""
        return (f"-D{self.macro}_NO_SELFTEST",) if self.options.single_file else ()


def is_bundle(directory: Path) -> bool:
    """True if `directory` holds what embedc once wrote."""
    return (directory / FILE).is_file()


def read_manifest(directory: Path) -> Manifest:
    """The manifest of the bundle in `directory`."""
    if not is_bundle(directory):
        raise fail(f"'{directory}' is not an embedc bundle: it has no {FILE}")
    return manifest_at(directory / FILE)


def manifest_at(path: Path) -> Manifest:
    """The manifest in the file `path`, or in that bundle's folder."""
    if path.is_dir():
        return read_manifest(path)
    try:
        return manifest_from(path.read_bytes())
    except OSError as error:
        raise fail(f"cannot read {path}: {error.strerror or error}") from None
    except RecordError as error:
        raise fail(f"{path} is not a manifest of format {FORMAT}: {error}", hint=HINT) from None
    except (ValueError, RecursionError) as error:
        raise fail(f"{path} is not JSON: {error}", hint=HINT) from None


def manifest_from(data: bytes) -> Manifest:
    """The manifest that a file's bytes hold; RecordError tells where they hold something else."""
    raw: object = json.loads(data, parse_constant=_no_number)
    if isinstance(raw, dict):
        read_record(_Versioned, {"format": cast(dict[str, Any], raw).get("format")})
    return read_record(Manifest, cast(object, raw))


def manifest_bytes(manifest: Manifest) -> bytes:
    """What the file holds."""
    return (json.dumps(as_json(manifest), indent=2, ensure_ascii=True, allow_nan=False) + "\n").encode()


def schema_text() -> str:
    """docs/manifest.schema.json."""
    return json.dumps(schema(Manifest, f"urn:embedc:manifest:{FORMAT}"), indent=2) + "\n"


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON number")
