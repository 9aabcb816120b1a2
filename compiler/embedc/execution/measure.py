"""What the compiler made of a bundle: bytes of code and constants, bytes of stack on the worst chain of calls."""

import re
import struct
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from embedc.execution.build import run_compiler
from embedc.targets.target import Target
from embedc.targets.toolchain import CFLAGS, find_compiler

INDIRECT = "__indirect_call"
X86_64, RED_ZONE = (
    62,
    128,
)  # functions that call nothing may use so much below the stack pointer, and gcc does not count it


@dataclass(frozen=True)
class Measured:
    """Sizes of the object files; `stack_bytes` is None where the compiler does not tell the calls, or there is no bound."""

    compiler: str
    code_bytes: int
    constant_bytes: int
    stack_bytes: int | None


def measure(
    directory: Path, sources: tuple[str, ...], name: str, target: Target, extra: tuple[str, ...] = ()
) -> Measured:
    """Compiles the bundle in `directory` and adds up what came out; frames of the C library are not in the stack."""
    compiler = find_compiler(target)
    calls = ("-fcallgraph-info=su",) if _tells_calls(compiler) else ()
    flags = (*CFLAGS, "-fno-asynchronous-unwind-tables", *target.cflags, *calls, *extra)
    with tempfile.TemporaryDirectory(prefix="embedc-") as work:
        code = constants = red_zone = 0
        graph = CallGraph()
        for number, source in enumerate(sources):
            output = Path(work) / f"{number}.o"
            run_compiler([*compiler, *flags, "-I.", "-c", source, "-o", str(output)], directory)
            elf = output.read_bytes()
            sizes = section_sizes(elf)
            code, constants = code + sizes[0], constants + sizes[1]
            red_zone = RED_ZONE if struct.unpack_from("H", elf, 18)[0] == X86_64 else 0
            info = output.with_suffix(".ci")
            if info.exists():
                graph.read(info.read_text(encoding="utf-8", errors="replace"))
        stack = graph.worst(f"{name}_run") if calls else None
        return Measured(Path(compiler[0]).name, code, constants, None if stack is None else stack + red_zone)


def _tells_calls(compiler: tuple[str, ...]) -> bool:
    """True for gcc from 10 on, which writes the call graph."""
    flags = [*compiler, "-fcallgraph-info=su", "-x", "c", "-E", "-"]
    return subprocess.run(flags, input="", capture_output=True, text=True, check=False).returncode == 0


@dataclass
class CallGraph:
    """Functions with their frames and calls, from gcc's -fcallgraph-info."""

    frames: dict[str, int | None] = field(default_factory=dict[str, int | None])
    calls: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def read(self, text: str) -> None:
        """Adds one file's graph; gcc qualifies static functions by their file."""
        for title, label in re.findall(r'node: \{ title: "([^"]*)" label: "([^"]*)"', text):
            size = re.search(r"(\d+) bytes \((static|dynamic,bounded|dynamic)\)", label)
            if size:
                self.frames[title] = None if size.group(2) == "dynamic" else int(size.group(1))
        for caller, callee in re.findall(r'edge: \{ sourcename: "([^"]*)" targetname: "([^"]*)"', text):
            self.calls.setdefault(caller, set()).add(callee)

    def worst(self, root: str) -> int | None:
        """Stack of the deepest chain from `root`; None if functions recur, grow without bound, or `root` is unknown.

        A call through a pointer may reach any function that nobody calls by name.
        """
        called = {callee for callees in self.calls.values() for callee in callees}
        pointed = {f for f in self.frames if f not in called and f != root and ":" in f}
        depths: dict[str, int | None] = {}

        def depth(function: str) -> int | None:
            if function in depths:
                return depths[function]
            depths[function] = None  # met again below: recursion
            callees = pointed if function == INDIRECT else self.calls.get(function, set[str]())
            chain = [self.frames.get(function, 0), *(depth(callee) for callee in sorted(callees))]
            numbers = [d for d in chain if d is not None]
            if len(numbers) == len(chain):
                depths[function] = numbers[0] + max(numbers[1:], default=0)
            return depths[function]

        return depth(root) if root in self.frames else None


def section_sizes(elf: bytes) -> tuple[int, int]:
    """(code, constants) in an ELF object: sections in memory that are executable, and those that nobody writes."""
    if elf[:4] != b"\x7fELF":
        raise ValueError("not an ELF file")
    wide, order = elf[4] == 2, "<" if elf[5] == 1 else ">"
    offset = struct.unpack_from(order + ("Q" if wide else "I"), elf, 40 if wide else 32)[0]
    entry, count = struct.unpack_from(order + "HH", elf, 58 if wide else 46)
    code = constants = 0
    for index in range(count):
        header = struct.unpack_from(order + ("IIQQQQ" if wide else "IIIIII"), elf, offset + index * entry)
        flags, size = header[2], header[5]
        if not flags & 2:  # SHF_ALLOC
            continue
        if flags & 4:  # SHF_EXECINSTR
            code += size
        elif not flags & 1:  # SHF_WRITE
            constants += size
    return code, constants
