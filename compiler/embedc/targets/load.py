"""Reads targets and CPUs from their TOML files."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from embedc.diagnostics import fail
from embedc.targets import machine
from embedc.targets.target import Board, Compiler, Emulator, Region, Target

DATA = Path(__file__).parent / "data"
HOST_ORDER = ("x86-avx512", "x86-avx2", "arm-neon", "arm-neon-v7", "riscv-rvv", "riscv", "c")  # best first

Table = dict[str, Any]


def target_names() -> tuple[str, ...]:
    """Every target that has a file, in alphabetical order."""
    return tuple(sorted(path.stem for path in DATA.glob("*.toml")))


def cpu_names(target: str = "") -> tuple[str, ...]:
    """Every CPU that has a file and belongs to `target` (empty: to any)."""
    names = sorted(path.stem for path in (DATA / "cpus").glob("*.toml"))
    return tuple(n for n in names if not target or target in _read(DATA / "cpus" / f"{n}.toml")["targets"])


def load_target(name: str, cpu: str = "") -> Target:
    """The target `name`, refined for `cpu`; `host` is the best target that this machine runs natively."""
    if name == "host":
        name = next(n for n in HOST_ORDER if machine.runs_natively(_target(n)))
    if name not in target_names():
        raise fail(f"unknown target '{name}'", hint=f"targets: host, {', '.join(target_names())}")
    return _target(name, cpu)


def _target(name: str, cpu: str = "") -> Target:
    table = _read(DATA / f"{name}.toml")
    emulators: list[Table] = table.pop("emulators", [])
    defaults = {e["name"]: e.pop("cpu", "") for e in emulators}
    target = Target(
        name=name,
        compilers=tuple(
            Compiler(tuple(c["command"]), c["package"], c.get("native", False)) for c in table.pop("compilers")
        ),
        emulators=tuple(_emulator(e) for e in emulators),
        **_frozen(table),
    )
    if not cpu:
        return replace(target, emulators=_for_cpu(target.emulators, defaults))
    if cpu not in cpu_names(name):
        known = ", ".join(cpu_names(name)) or "none"
        raise fail(f"target '{name}' has no CPU '{cpu}'", hint=f"CPUs of {name}: {known}")
    return _refine(target, cpu, defaults)


def _emulator(table: Table) -> Emulator:
    board = _board(table["board"]) if "board" in table else None
    return Emulator(table["name"], tuple(table["command"]), table.get("package", ""), board)


def _board(name: str) -> Board:
    table = _read(DATA / "boards" / f"{name}.toml")
    code, constants, ram = (Region(**table.pop(key)) for key in ("code", "constants", "ram"))
    return Board(name=name, code=code, constants=constants, ram=ram, **table)


def _refine(target: Target, cpu: str, defaults: Mapping[str, str]) -> Target:
    """Adds what the CPU's file says: features and flags add up, caches and compiler flags replace."""
    table = _read(DATA / "cpus" / f"{cpu}.toml")
    del table["targets"]
    emulated_cpu: str = table.pop("emulated_cpu", "")
    wanted: list[str] | None = table.pop("emulators", None)
    emulators = _for_cpu(target.emulators, {name: emulated_cpu or default for name, default in defaults.items()})
    table = _frozen(table)
    return replace(
        target,
        cpu=cpu,
        features=target.features | table.pop("features"),
        requires=target.requires | table.pop("requires"),
        emulators=tuple(e for e in emulators if wanted is None or e.name in wanted),
        **table,
    )


def _for_cpu(emulators: Iterable[Emulator], cpus: Mapping[str, str]) -> tuple[Emulator, ...]:
    return tuple(replace(e, command=tuple(w.replace("{cpu}", cpus[e.name]) for w in e.command)) for e in emulators)


def _frozen(table: Table) -> Table:
    """Lists become the immutable kind that Target holds."""
    sets = ("features", "requires")
    return {k: (frozenset(v) if k in sets else tuple(v)) if isinstance(v, list) else v for k, v in table.items()}  # pyright: ignore[reportUnknownArgumentType]


def _read(path: Path) -> Table:
    return tomllib.loads(path.read_text(encoding="utf-8"))
