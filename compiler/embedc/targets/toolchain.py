"""Compilers and emulators of a target on this machine: which are here, and what to install where none is."""

import os
import shlex
import shutil
from dataclasses import dataclass

from embedc.diagnostics import fail
from embedc.targets.machine import architecture, missing_for
from embedc.targets.target import NATIVE, Emulator, Target

# One language level and one arithmetic for every compiler: contraction of a*b+c is the kernels' decision alone.
CFLAGS = ("-std=c99", "-O2", "-ffp-contract=off", "-ffunction-sections", "-fdata-sections")
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")


@dataclass(frozen=True)
class Absent:
    """An emulator that cannot be used here, and why."""

    emulator: Emulator
    reason: str


def find_compiler(target: Target, wanted: str = "") -> tuple[str, ...]:
    """The command line prefix of the first compiler that is installed.

    `wanted` picks one by the first word of its command; the variable CC replaces all where the code runs on this machine.
    """
    here = target.machine in ("", architecture())
    override = tuple(shlex.split(os.environ.get("CC", "")))
    if override and here and not wanted:
        return override
    candidates = [c for c in target.compilers if wanted in ("", c.command[0]) and (here or not c.native)]
    if not candidates:
        raise fail(f"'{wanted}' is not a compiler of target '{target.name}'")
    for compiler in candidates:
        if shutil.which(compiler.command[0]):
            return compiler.command
    names = ", ".join(c.command[0] for c in candidates)
    raise fail(f"no C compiler for target '{target.name}' ({names})", hint=f"apt install {candidates[0].package}")


def emulators(target: Target) -> tuple[list[Emulator], list[Absent]]:
    """How the target's programs run here: natively alone where the CPU can, else under every emulator that is installed."""
    reason = missing_for(target)
    if not reason:
        return [NATIVE], []
    usable: list[Emulator] = []
    absent = [Absent(NATIVE, reason)]
    for emulator in target.emulators:
        if shutil.which(emulator.command[0]):
            usable.append(emulator)
        else:
            absent.append(Absent(emulator, f"{emulator.command[0]} is not installed (apt install {emulator.package})"))
    return usable, absent


def find_ways(target: Target, runner: str = "") -> list[Emulator]:
    """The machine behind the command `runner`, or every way to run the target's programs here."""
    return [remote(target, runner)] if runner else find_emulators(target)


def remote(target: Target, prefix: str) -> Emulator:
    """The machine on which the command `prefix` starts a shell."""
    if target.bare:
        raise fail(f"a program for target '{target.name}' needs a board, --runner a machine with a shell")
    try:
        command = tuple(shlex.split(prefix))
    except ValueError as error:
        raise fail(f"the runner '{prefix}' is no command: {error}") from None
    if not command or not shutil.which(command[0]):
        raise fail(f"the runner '{prefix}' is no command: there is no '{command[0] if command else ''}'")
    return Emulator(prefix, command, remote=True)


def find_emulators(target: Target) -> list[Emulator]:
    """Every way to run the target's programs here; an error that says what is missing if there is none."""
    usable, absent = emulators(target)
    if not usable:
        reasons = [f"{a.emulator.name}: {a.reason}" for a in absent]
        raise fail(f"code for target '{target.name}' cannot run on this machine", hint="; ".join(reasons))
    return usable
