"""manifest.json of a bundle, read and typed."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embedc.diagnostics import fail
from embedc.ir.types import ELEMENTS, Array

FILE = "manifest.json"
FORMAT = 1


@dataclass(frozen=True)
class Port:
    """An input or output: its name in the model, its field in the C struct, its type; its axes in memory from slowest to fastest.

    `offset` says where it lies in scratch, if it does; `scaled`: the model has other numbers, so that all of them may come.
    """

    name: str
    c_name: str
    element: str
    shape: tuple[int, ...]
    bytes: int
    order: tuple[int, ...]
    offset: int | None = None
    scaled: bool = False

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
class State:
    """An input of the model that is kept between calls and takes `output` of the call before."""

    input: str
    output: str


@dataclass(frozen=True)
class Layer:
    """One step of the generated code; `tensor` is the model's value that it computes."""

    id: int
    name: str
    op: str
    kernel: str
    macs: int
    tensor: str


@dataclass(frozen=True)
class Tap:
    """A tensor that the traced code shows, as it lies in memory: `strides` in bytes, from the address that it gives."""

    id: int
    layer: int
    tensor: str
    element: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]

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
class Manifest:
    """What a bundle says of itself; `raw` is the whole file."""

    name: str
    target: str
    cpu: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    layers: tuple[Layer, ...]
    trace: tuple[Tap, ...]
    sources: tuple[str, ...]
    scratch_bytes: int
    scratch_align: int
    raw: dict[str, Any] = field(repr=False)
    states: tuple[State, ...] = ()
    state_bytes: int = 0
    state_align: int = 1

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
        return bool(self.raw["options"].get("io_in_scratch"))

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
        return not self.raw.get("selftest", {}).get("skipped", "")

    @property
    def product_flags(self) -> tuple[str, ...]:
        """Leaves the self-test out where it lies in the one file of a product."""
        return (f"-D{self.macro}_NO_SELFTEST",) if self.raw["options"].get("single_file") else ()

    @property
    def macs(self) -> int:
        return sum(layer.macs for layer in self.layers)


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
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise fail(f"cannot read {path}: {error}") from None
    try:
        return _parse(raw)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise fail(f"{path} is not a manifest of format {FORMAT} ({type(error).__name__}: {error})") from None


def _parse(raw: dict[str, Any]) -> Manifest:
    if raw["format"] != FORMAT:
        raise ValueError(f"it has format {raw['format']}")
    return Manifest(
        name=raw["name"],
        target=raw["options"]["target"],
        cpu=raw["options"].get("cpu") or "",
        inputs=tuple(_port(p) for p in raw["inputs"]),
        outputs=tuple(_port(p) for p in raw["outputs"]),
        layers=tuple(
            Layer(e["id"], e["name"], e["op"], e.get("kernel") or "", e.get("macs", 0), e.get("tensor", ""))
            for e in raw["layers"]
        ),
        trace=tuple(
            Tap(t["id"], t["layer"], t["tensor"], t["element"], tuple(t["shape"]), tuple(t["strides"]))
            for t in raw["trace"]
        ),
        sources=tuple(raw["sources"]),
        scratch_bytes=raw["scratch_bytes"],
        scratch_align=raw["scratch_align"],
        raw=raw,
        states=tuple(State(s["input"], s["output"]) for s in raw.get("states", ())),
        state_bytes=raw.get("state_bytes", 0),
        state_align=raw.get("state_align", 1),
    )


def _port(entry: dict[str, Any]) -> Port:
    shape = tuple(entry["shape"])
    order = tuple(entry.get("order", range(len(shape))))
    return Port(
        entry["name"],
        entry["c_name"],
        entry["element"],
        shape,
        entry["bytes"],
        order,
        entry.get("offset"),
        bool(entry.get("form")),
    )
