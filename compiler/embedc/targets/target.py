"""What the compiler knows of a CPU: data, read from TOML files; no pass names a target."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Compiler:
    """A C compiler that may build for a target: command line prefix, tried in order; a `native` one only for its own machine."""

    command: tuple[str, ...]
    package: str
    native: bool = False


@dataclass(frozen=True)
class Region:
    """A stretch of a board's memory."""

    origin: int
    bytes: int


@dataclass(frozen=True)
class Board:
    """A machine without operating system: where code, constants and data lie; `support` names its folder in execution/boards."""

    name: str
    description: str
    support: str
    clock_hz: int
    code: Region
    constants: Region
    ram: Region


@dataclass(frozen=True)
class Emulator:
    """How programs run: `command` is empty where they run natively; a program for a `board` brings its own startup code.

    A `remote` command starts a shell on another machine with the words `sh` behind it.
    """

    name: str
    command: tuple[str, ...]
    package: str = ""
    board: Board | None = None
    remote: bool = False


NATIVE = Emulator("native", ())


@dataclass(frozen=True)
class Target:
    """One instruction set and CPU.

    `isa` names the folder under kernels/; `lanes` is the width of an ec_v vector of 32-bit elements, 0 where only the run
    time knows it; sizes are in bytes. `machine` (as uname prints it, empty: any) and the CPU flags in `requires` are what
    native execution needs; `emulators` run it elsewhere. `io_in_scratch`: memory is so short that inputs and outputs share it
    with the tensors in between, unless the user says otherwise.
    """

    name: str
    description: str
    isa: str
    features: frozenset[str]
    lanes: int
    align: int
    pointer_bytes: int
    l1_bytes: int
    l2_bytes: int
    cflags: tuple[str, ...]
    compilers: tuple[Compiler, ...]
    emulators: tuple[Emulator, ...]
    requires: frozenset[str] = frozenset()
    cpu: str = ""
    machine: str = ""
    io_in_scratch: bool = False

    @property
    def bare(self) -> bool:
        """True where there is no operating system: programs run on boards alone."""
        return any(emulator.board for emulator in self.emulators)
