"""Runs a bundle in this process: a shared library through cffi's ABI mode."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cffi
import numpy as np

from embedc.execution.errors import ExecutionError
from embedc.execution.program import Tensors
from embedc.ir.types import Array
from embedc.manifest import Manifest, Port

GUARD = 256
CANARY = 0x5C


class _Area:
    """Aligned memory between two guards."""

    def __init__(self, name: str, size: int, align: int) -> None:
        self.name = name
        block = np.full(size + 2 * GUARD + align, CANARY, np.uint8)
        begin = GUARD + -(block.ctypes.data + GUARD) % align
        self.data: Array = block[begin : begin + size]
        self._guards = (block[:begin], block[begin + size :])

    def check(self) -> None:
        for guard, where in zip(self._guards, ("in front of", "behind"), strict=True):
            if (guard != CANARY).any():
                raise ExecutionError(f"the generated code wrote {where} {self.name}")


class Module:
    """A bundle loaded into this process. Not for use by two threads at once: they would share its scratch."""

    def __init__(self, library: Path, manifest: Manifest) -> None:
        self.manifest = manifest
        self._ffi: Any = cffi.FFI()
        # The io struct holds nothing but pointers, so an array of pointers has its layout.
        io = "" if manifest.io_in_scratch else "void **io, "
        state = "void *state, " if manifest.states else ""
        self._ffi.cdef(f"int {manifest.name}_run({io}{state}void *scratch, size_t scratch_bytes);")
        if manifest.states:
            self._ffi.cdef(f"int {manifest.name}_state_init(void *state);")
        self._library: Any = self._ffi.dlopen(str(library))
        self._run: Any = getattr(self._library, f"{manifest.name}_run")
        self._scratch = _Area("scratch", manifest.scratch_bytes, manifest.scratch_align)
        self._scratch.data[:] = 0xFF
        self._state = _Area("state", manifest.state_bytes, manifest.state_align)
        self.reset()

    def reset(self) -> None:
        """Puts the state at the beginning of a stream."""
        if self.manifest.states:
            init: Any = getattr(self._library, f"{self.manifest.name}_state_init")
            self._check(init(self._pointer(self._state.data)), "state_init")

    def run(self, inputs: Mapping[str, Array]) -> Tensors:
        """The outputs by name; `inputs` must have the manifest's types and shapes. State goes on from the run before."""
        given = [port.stored(inputs[port.name]) for port in self.manifest.inputs]
        return self._run_inside(given) if self.manifest.io_in_scratch else self._run_beside(given)

    def _run_beside(self, given: list[Array]) -> Tensors:
        """With inputs and outputs in memory of their own."""
        areas = [_Area(f"output '{p.name}'", p.bytes, p.dtype.itemsize) for p in self.manifest.outputs]
        held = [*given, *(area.data for area in areas)]
        self._call(self._ffi.new("void *[]", [self._pointer(array) for array in held] or 1))
        for area in areas:
            area.check()
        outputs = zip(self.manifest.outputs, areas, strict=True)
        return {port.name: port.tensor(area.data) for port, area in outputs}

    def _run_inside(self, given: list[Array]) -> Tensors:
        """With inputs and outputs in scratch."""
        for port, array in zip(self.manifest.inputs, given, strict=True):
            self._inside(port)[:] = array.view(np.uint8)
        self._call()
        return {port.name: port.tensor(self._inside(port).copy()) for port in self.manifest.outputs}

    def _inside(self, port: Port) -> Array:
        """The bytes of a port in scratch."""
        assert port.offset is not None
        return self._scratch.data[port.offset : port.offset + port.bytes]

    def _call(self, *io: Any) -> None:
        state = [self._pointer(self._state.data)] if self.manifest.states else []
        self._check(self._run(*io, *state, self._pointer(self._scratch.data), self.manifest.scratch_bytes), "run")
        for area in (self._scratch, self._state):
            area.check()

    def _check(self, status: int, function: str) -> None:
        if status != 0:
            raise ExecutionError(f"{self.manifest.name}_{function} returned status {status}")

    def _pointer(self, array: Array) -> Any:
        return self._ffi.cast("void *", array.ctypes.data)
