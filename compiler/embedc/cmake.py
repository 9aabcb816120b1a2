"""What CMake reads besides bundles: the project behind embedc_add_model, a toolchain file for a target."""

from collections.abc import Sequence
from dataclasses import dataclass

import embedc
from embedc.emit.bundle import render
from embedc.execution.board import link_flags, memory_script
from embedc.execution.running import board_emulator
from embedc.targets.target import Compiler, Target


@dataclass(frozen=True)
class _Found:
    """One of a target's compilers as CMake takes it."""

    cc: str
    cxx: str
    triple: str
    rest: str
    native: bool


def model_project(name: str, target: Target) -> str:
    """CMakeLists.txt of a library whose sources a build makes: every file that a bundle may have."""
    sources = [f"{name}{end}" for end in (".c", "_selftest.c", "_weights.c", "_weights.S")]
    values = {"name": name, "version": embedc.__version__, "sources": sources, "cflags": target.cflags, "step": True}
    return render("CMakeLists.txt.jinja", values).decode()


def toolchain(target: Target) -> str:
    """A toolchain file: compiler, flags and the first emulator."""
    emulator = next(iter(target.emulators), None)
    board = emulator.board if emulator else None
    emulation: Sequence[str] = board_emulator(emulator) if emulator and board else emulator.command if emulator else ()
    values = {
        "target": target,
        "compilers": [_found(compiler) for compiler in target.compilers],
        "emulator": emulator,
        "emulation": emulation,
        "memory": memory_script(board).replace("\n", "\\n") if board else "",
        "link_flags": " ".join(link_flags(board)) if board else "",
    }
    return render("toolchain.cmake.jinja", values).decode()


def _found(compiler: Compiler) -> _Found:
    cc, *options = compiler.command
    triple = next((o.removeprefix("--target=") for o in options if o.startswith("--target=")), "")
    rest = " ".join(o for o in options if not o.startswith("--target="))
    return _Found(cc, _cxx(cc), triple, rest, compiler.native)


def _cxx(cc: str) -> str:
    """The C++ compiler beside a C compiler: clang++-19 beside clang-19."""
    if cc == "cc":
        return "c++"
    return cc.replace("clang", "clang++") if "clang" in cc else cc.replace("gcc", "g++")
