"""A compiled model on disk: builds it with the target's toolchain and runs it."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from embedc.diagnostics import EmbedcError, Fault, fail
from embedc.execution.board import shortage
from embedc.execution.build import Build, build
from embedc.execution.native import Module
from embedc.execution.program import Tensors, render, run_program, runner_source
from embedc.execution.running import run_on
from embedc.ir.types import Array
from embedc.manifest import Manifest, read_manifest
from embedc.records import as_json
from embedc.targets.load import load_target
from embedc.targets.machine import architecture, runs_natively
from embedc.targets.target import NATIVE, Emulator, Target
from embedc.targets.toolchain import CFLAGS, find_compiler, find_ways


class Bundle:
    """The bundle in `path`.

    `compiler` picks one of the target's by the first word of its command, `cflags` are added to the usual ones, `keep` is
    held as long as the bundle (the temporary folder that it lies in). `runner` is a command that starts a shell on another
    machine when `sh` follows it ("ssh board"): the code runs there alone.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        compiler: str = "",
        cflags: Sequence[str] = (),
        keep: object = None,
        runner: str = "",
    ) -> None:
        self.path = Path(path)
        self.described: Manifest = read_manifest(self.path)
        self._compiler = compiler
        self._cflags = tuple(cflags)
        self._keep = keep
        self._runner = runner
        self._programs: dict[tuple[bool, Emulator], Path] = {}
        self._state = b""

    @property
    def manifest(self) -> dict[str, Any]:
        """What manifest.json says."""
        return as_json(self.described)

    @cached_property
    def target(self) -> Target:
        return load_target(self.described.target, self.described.cpu)

    @property
    def emulators(self) -> list[Emulator]:
        """Every way to run the code: the runner, or all that this machine has; an error if there is none."""
        return find_ways(self.target, self._runner)

    @property
    def _in_process(self) -> bool:
        return not self._runner and runs_natively(self.target)

    def run(self, inputs: Mapping[str, Array], emulator: Emulator | None = None) -> Tensors:
        """The outputs in the model's own shapes, computed in this process or under an emulator (the first, or the given).

        A model with state goes on where the last run ended, until reset().
        """
        if emulator is None and self._in_process:
            return self.load().run(self.checked(inputs))
        emulator = emulator or self.emulators[0]
        found, self._state = run_program(
            self.program(emulator), emulator, self.described, [self.checked(inputs)], trace=False, state=self._state
        )
        return found[0][0]

    def reset(self) -> None:
        """Puts a model with state at the beginning of a stream."""
        self._state = b""
        if self._in_process:
            self.load().reset()

    def trace(self, inputs: Mapping[str, Array], emulator: Emulator | None = None) -> Tensors:
        """Every tensor that the generated code computes, by its name in the model; state is at its beginning."""
        return self.run_samples([inputs], emulator, trace=True)[0][1]

    def load(self) -> Module:
        """The code loaded into this process; its own scratch is reused by every run."""
        return self._module

    def run_samples(
        self, samples: Sequence[Mapping[str, Array]], emulator: Emulator | None = None, *, trace: bool = False
    ) -> list[tuple[Tensors, Tensors]]:
        """(outputs, traced tensors) of every sample, computed by one program of its own with guarded memory.

        The samples are the calls of one stream where the model has state.
        """
        checked = [self.checked(sample) for sample in samples]
        emulator = emulator or self.emulators[0]
        return run_program(self.program(emulator, trace=trace), emulator, self.described, checked, trace)[0]

    @property
    def has_selftest(self) -> bool:
        return self.described.has_selftest

    def selftest(self, emulator: Emulator | None = None) -> tuple[int, int]:
        """Status of the self-test on the target (0: passed), and the first wrong layer or -1."""
        if not self.has_selftest:
            raise fail("the bundle has no self-test", hint=self.described.selftest.skipped)
        source = {"embedc_selftest_main.c": render("selftest.c.jinja", self.described)}
        emulator = emulator or self.emulators[0]
        program = self.build_program(source, (f"-D{self.described.macro}_SELFTEST_LAYERS",), emulator)
        status, layer = run_on(emulator, program).output.split()
        return int(status), int(layer)

    def program(self, emulator: Emulator | None = None, *, trace: bool = False) -> Path:
        """The standalone runner, built for the first emulator or the given one."""
        emulator = emulator or self.emulators[0]
        if (trace, emulator) not in self._programs:
            source = {"embedc_runner.c": runner_source(self.described, trace)}
            flags = (f"-D{self.described.macro}_TRACE",) if trace else ()
            self._programs[trace, emulator] = self.build_program(source, flags, emulator)
        return self._programs[trace, emulator]

    def build_program(
        self, sources: Mapping[str, str], cflags: Sequence[str] = (), emulator: Emulator | None = None
    ) -> Path:
        """A program of the bundle and `sources` (C text by file name), which hold main."""
        emulator = emulator or self.emulators[0]
        reason = shortage(self.described, emulator.board) if emulator.board else ""
        if reason:
            raise fail(f"the model does not fit: {reason}")
        return build(self._build(sources, tuple(cflags), emulator=emulator))

    def checked(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """The inputs if they are what the model wants; else an error that says everything that is wrong."""
        known = {port.name: port for port in self.described.inputs}
        faults = [
            Fault(f"the model has no input '{name}'", hint=f"inputs: {', '.join(known)}")
            for name in inputs
            if name not in known
        ]
        for name, port in known.items():
            if name not in inputs:
                faults.append(Fault(f"input '{name}' ({port}) is missing"))
                continue
            array = np.asarray(inputs[name])
            if array.dtype != port.dtype:
                faults.append(Fault(f"input '{name}' is {array.dtype}, the model wants {port.dtype}"))
            if array.shape != port.shape:
                faults.append(
                    Fault(f"input '{name}' has shape {list(array.shape)}, the model wants {list(port.shape)}")
                )
        if faults:
            raise EmbedcError(*faults)
        return {name: np.asarray(inputs[name]) for name in known}

    @cached_property
    def _module(self) -> Module:
        if not runs_natively(self.target):
            raise fail(
                f"code for target '{self.target.name}' cannot be loaded on this machine", hint="run() uses an emulator"
            )
        return Module(build(self._build({}, shared=True)), self.described)

    def _build(
        self,
        extra: Mapping[str, str],
        cflags: tuple[str, ...] = (),
        *,
        shared: bool = False,
        emulator: Emulator = NATIVE,
    ) -> Build:
        return Build(
            directory=self.path.resolve(),
            sources=self.described.sources,
            compiler=find_compiler(self.target, self._compiler),
            cflags=(*CFLAGS, *self.target.cflags, *self._cflags, *cflags),
            extra=extra,
            shared=shared,
            static=not emulator.board and (emulator.remote or self.target.machine not in ("", architecture())),
            board=emulator.board,
        )
