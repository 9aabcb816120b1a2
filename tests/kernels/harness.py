"""Compiles the kernels of one instruction set into a test program and runs it, natively or under an emulator."""

import functools
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from embedc.emit.headers import FALLBACK
from embedc.execution.board import board_files, link_flags
from embedc.execution.running import board_emulator
from embedc.kernels.registry import ROWS
from embedc.kernels.row import EXTENSIONS, QUADS, Family, KernelRow
from embedc.targets.load import load_target
from embedc.targets.target import Target

REPOSITORY = Path(__file__).parents[2]
KERNELS = REPOSITORY / "kernels"
RUNTIME = REPOSITORY / "runtime" / "c"
HERE = Path(__file__).parent

STRICT = ("-std=c99", "-ffp-contract=off", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
SANITIZE = ("-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
AVX512 = ("f", "bw", "dq", "vl", "vnni")
X86_FLAGS = {"portable": (), "avx2": ("-mavx2", "-mfma"), "avx512": tuple(f"-mavx512{part}" for part in AVX512)}
X86_CPU = {
    "portable": (),
    "avx2": ("avx2", "fma"),
    "avx512": ("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"),
}
EXTRAS = {
    "avxvnni": ("-mavxvnni", "avx_vnni"),
    "dotprod": ("-march=armv8.2-a+dotprod", "asimddp"),
    "i8mm": ("-march=armv8.2-a+i8mm", "i8mm"),
}  # features that only some rows of an ISA need: compiler's flag, Linux's name
RVV_CPU = "rv64,v=true,vext_spec=v1.0,vlen={},rvv_ta_all_1s=true,rvv_ma_all_1s=true"

Floats = NDArray[np.float32]

_WORKSPACE = tempfile.TemporaryDirectory(prefix="embedc-kernels-")


@dataclass(frozen=True)
class Toolchain:
    """How to build a program for an instruction set, and how to run it: one command prefix for each machine.

    `link` is what goes into programs beside their source; `needs` are programs that runners call.
    """

    compile: tuple[str, ...]
    runners: tuple[tuple[str, ...], ...] = ((),)
    cpu: tuple[str, ...] = ()
    link: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> str | None:
        """Why it cannot be used here, or None."""
        for program in (self.compile[0], *self.needs, *(runner[0] for runner in self.runners if runner)):
            if shutil.which(program) is None:
                return f"{program} is not installed"
        absent = set(self.cpu) - cpu_features()
        return f"this CPU has no {', '.join(sorted(absent))}" if absent else None


def modes(isa: str) -> tuple[str, ...]:
    """The ways in which an instruction set is tested."""
    if isa not in X86_FLAGS:
        return ("cross",)
    return ("gcc", "clang") if isa == "avx512" else ("gcc", "clang", "sanitizers")


def extras_of(row: KernelRow) -> tuple[str, ...]:
    """Features that a row needs beyond those of its ISA."""
    return tuple(sorted(row.features & EXTRAS.keys()))


def toolchain_for(isa: str, mode: str = "", extras: tuple[str, ...] = ()) -> Toolchain:
    """Compiler and runners of an instruction set, in one of its modes (default: the first)."""
    flags, cpu = (tuple(EXTRAS[name][k] for name in extras) for k in range(2))
    if isa == "neon":
        emulated = ("qemu-aarch64", "-cpu", "max" if extras else "cortex-a53")
        return Toolchain(("aarch64-linux-gnu-gcc", "-O2", "-march=armv8-a", *flags, "-static"), (emulated,))
    if isa == "dsp":  # the instructions of Cortex-M4 that A32 has too
        flags = ("-march=armv7-a", "-mthumb", "-mfpu=vfpv4", "-mfloat-abi=hard", "-static")
        return Toolchain(("arm-linux-gnueabihf-gcc", "-O2", *flags), (("qemu-arm", "-cpu", "cortex-a15"),))
    if isa == "neon7":  # as of the target: no fused multiply-add
        flags = ("-march=armv7-a", "-mfpu=neon", "-mfloat-abi=hard", "-static")
        return Toolchain(("arm-linux-gnueabihf-gcc", "-O2", *flags), (("qemu-arm", "-cpu", "cortex-a7"),))
    if isa == "mve":
        return _on_board(load_target("cortex-m55"))
    if isa == "rvv":
        clang = ("clang-19", "--target=riscv64-linux-gnu", "-march=rv64gcv", "-O2", "-static")
        linker = ("-fuse-ld=lld", "-Wno-unused-command-line-argument")
        runners = tuple(("qemu-riscv64", "-cpu", RVV_CPU.format(vlen)) for vlen in (128, 256, 512))
        return Toolchain((*clang, *linker), runners)
    driver = {"clang": ("clang-19", "-O2"), "sanitizers": ("gcc", *SANITIZE)}.get(mode, ("gcc", "-O2"))
    return Toolchain((*driver, *X86_FLAGS[isa], *flags), cpu=(*X86_CPU[isa], *cpu))


@functools.cache
def _on_board(target: Target) -> Toolchain:
    """Of a target whose programs run on a board: startup code goes with them, and their files come by semihosting."""
    (emulator,), folder = target.emulators, Path(_WORKSPACE.name) / target.name
    assert emulator.board
    folder.mkdir()
    for name, text in board_files(emulator.board).items():
        (folder / name).write_text(text)
    return Toolchain(
        (*target.compilers[0].command, "-O2", *target.cflags),
        (("sh", str(folder / "semihosting.sh"), " ".join(board_emulator(emulator))),),
        link=(*link_flags(emulator.board), f"-L{folder}", str(folder / "startup.c")),
        needs=emulator.command[:1],
    )


@functools.cache
def cpu_features() -> frozenset[str]:
    """Features of this machine's CPU as Linux names them."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return frozenset(next((line for line in lines if line.startswith("flags")), "flags :").split(":")[1].split())


def rows_of(isa: str, extras: tuple[str, ...]) -> tuple[KernelRow, ...]:
    return tuple(row for row in ROWS if row.isa == isa and extras_of(row) == extras)


def kind(row: KernelRow) -> str:
    """The macro of window.c that knows the signature of a row's family."""
    return "TILES" if row.family is Family.WINOGRAD else "ROW"


def base_isa(isa: str) -> str:
    """The instruction set whose ec_v a folder of kernels builds on: its own, but for extensions of another one."""
    return next((base for base, folders in EXTENSIONS.items() if isa in folders), isa)


def include_options(isa: str) -> list[str]:
    """Where a compiler finds the headers of an instruction set: first in its own folder."""
    folders = (isa, *FALLBACK.get(base_isa(isa), ()), "portable")
    return [f"-I{path}" for path in (RUNTIME, *(KERNELS / folder for folder in folders))]


@functools.cache
def program(source: str, isa: str, mode: str, extras: tuple[str, ...] = ()) -> Path:
    """The compiled test program tests/kernels/<source>.c."""
    folder = Path(_WORKSPACE.name) / "-".join((source, isa, mode, *extras))
    folder.mkdir(exist_ok=True)
    first = [f"ec_w__{isa}.h"] if isa in QUADS else []
    rows = [Path(row.header).name for row in rows_of(isa, extras)]
    headers = [*first, f"ec_v__{base_isa(isa)}.h", "ec_vmath.h", *rows]
    (folder / "headers.inc").write_text("".join(f'#include "{header}"\n' for header in headers))
    (folder / "rows.inc").write_text("".join(f"{kind(row)}({row.id}, {row.acc})\n" for row in rows_of(isa, extras)))
    binary = folder / source
    command = (
        *toolchain_for(isa, mode, extras).compile,
        *STRICT,
        f"-I{folder}",
        f"-I{HERE}",
        *include_options(isa),
        str(HERE / f"{source}.c"),
        *toolchain_for(isa, mode, extras).link,
        "-o",
        str(binary),
        "-lm",
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stderr}"
    return binary


def run(binary: Path, runner: tuple[str, ...], data: bytes) -> bytes:
    """What the program answers to `data`."""
    with tempfile.TemporaryDirectory(dir=_WORKSPACE.name) as folder:
        given, answer = Path(folder, "in"), Path(folder, "out")
        given.write_bytes(data)
        done = subprocess.run(
            (*runner, str(binary), str(given), str(answer)), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-2000:]}"
        return answer.read_bytes()


def pack_array(values: Floats) -> bytes:
    """An array as memory.h reads it."""
    words = np.ascontiguousarray(values).reshape(-1)
    return struct.pack("<q", words.size) + words.tobytes() + bytes(4 * (words.size % 2))


def pack_bytes(values: NDArray[Any]) -> bytes:
    """An array as memory.h reads bytes."""
    data = np.ascontiguousarray(values).tobytes()
    return struct.pack("<q", len(data)) + data + bytes(-len(data) % 8)


def unpack_arrays(data: bytes) -> list[Floats]:
    """All arrays of a program's answer."""
    arrays: list[Floats] = []
    at = 0
    while at < len(data):
        (count,) = struct.unpack_from("<q", data, at)
        arrays.append(np.frombuffer(data, np.float32, count, at + 8))
        at += 8 + 4 * (count + count % 2)
    return arrays
