"""What this machine is: architecture and CPU features."""

import platform
from functools import cache
from pathlib import Path

from embedc.targets.target import Target

_CPUINFO = Path("/proc/cpuinfo")
_ALIASES = {"amd64": "x86_64", "arm64": "aarch64", "armv8l": "armv7l"}  # armv8l: a 32-bit program on a 64-bit kernel


def architecture() -> str:
    """As uname prints it on Linux: x86_64, aarch64, riscv64."""
    name = platform.machine().lower()
    return _ALIASES.get(name, name)


@cache
def cpu_flags() -> frozenset[str]:
    """CPU features by the names that the Linux kernel gives them; empty where it does not say."""
    try:
        text = _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return frozenset({"asimd"} if architecture() == "aarch64" else ())
    return parse_cpu_flags(text)


def parse_cpu_flags(cpuinfo: str) -> frozenset[str]:
    """Flags of the first core in the text of /proc/cpuinfo (x86 `flags`, Arm `Features`, RISC-V `isa`)."""
    for line in cpuinfo.splitlines():
        key, _, value = (part.strip() for part in line.partition(":"))
        if key in ("flags", "Features"):
            return frozenset(value.split())
        if key == "isa":
            single, *long = value.lower().split("_")
            return frozenset(single.removeprefix("rv64").removeprefix("rv32")) | frozenset(long)
    return frozenset()


def missing_for(target: Target) -> str:
    """Why this machine cannot run the target's code itself; empty if it can."""
    if target.machine and target.machine != architecture():
        return f"this machine is {architecture()}, not {target.machine}"
    absent = sorted(target.requires - cpu_flags())
    return f"this CPU has no {', '.join(absent)}" if absent else ""


def runs_natively(target: Target) -> bool:
    """True if this machine executes the target's code itself."""
    return not missing_for(target)
