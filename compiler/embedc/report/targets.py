"""The table that `embedc targets` prints."""

import shutil

from rich.table import Table

from embedc.diagnostics import EmbedcError
from embedc.targets.load import cpu_names, load_target, target_names
from embedc.targets.target import Target
from embedc.targets.toolchain import emulators, find_compiler


def targets_table() -> Table:
    """Every target: what builds it and how it runs on this machine."""
    host = load_target("host").name
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("target", "isa", "compiler", "runs here", "CPUs (--cpu)"):
        table.add_column(heading, overflow="fold")
    for name in target_names():
        target = load_target(name)
        title = f"{name} (host)" if name == host else name
        table.add_row(title, target.isa, _compiler(target), _runs(target), " ".join(cpu_names(name)) or "-")
    return table


def _compiler(target: Target) -> str:
    try:
        command = find_compiler(target)
    except EmbedcError as error:
        return f"none: {error.faults[0].hint}"
    return command[0] if shutil.which(command[0]) else f"{command[0]} (from CC, not found)"


def _runs(target: Target) -> str:
    usable, absent = emulators(target)
    if usable:
        return ", ".join(f"{e.command[0]} ({e.name})" if e.command else e.name for e in usable)
    return "no: " + "; ".join(a.reason for a in absent)
