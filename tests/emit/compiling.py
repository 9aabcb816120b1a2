"""Bundles of small models, written to disk, and C compilers run on them."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
import pytest

from embedc.bundle import Bundle
from embedc.driver import Request, compile_model
from embedc.execution.program import run_checked
from embedc.targets.load import load_target
from embedc.targets.target import Target
from embedc.targets.toolchain import CFLAGS, WARNINGS, emulators, find_compiler

STRICT = (*WARNINGS, "-Wshadow", "-Wcast-qual", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla")


def files_of(model: onnx.ModelProto, name: str, target: str = "c") -> dict[str, bytes]:
    return compile_model(Request(model, load_target(target), name)).files


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def bundle_of(model: onnx.ModelProto, folder: Path, name: str, target: str = "c") -> Bundle:
    return Bundle(write(files_of(model, name, target), folder))


def usable(name: str) -> Target:
    """The target; skips the test where its programs cannot run here."""
    target = load_target(name)
    if not emulators(target)[0]:
        pytest.skip(f"no way to run {name} here")
    return target


def compile_c(command: Sequence[str], sources: Sequence[str], folder: Path, *flags: str) -> None:
    """Runs a C compiler; its complaints fail the test."""
    done = subprocess.run([*command, *flags, *sources], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:4000]


def run_c(sources: Mapping[str, str], folder: Path, target: Target, *arguments: str, flags: Sequence[str] = ()) -> str:
    """Builds a program of C files for a target and runs it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in sources.items():
        (folder / name).write_text(text)
    command = find_compiler(target)
    static = ["-static"] if target.machine not in ("", "x86_64") else []
    compile_c([*command, *CFLAGS, *target.cflags, *flags, *static, "-o", "program"], [*sources, "-lm"], folder)
    emulator = emulators(target)[0][0]
    return run_checked([*emulator.command, str(folder / "program"), *arguments])
