"""Compiles a bundle with a C compiler: as a program around a given main, or as a shared library."""

import hashlib
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from embedc.execution.board import board_files, link_flags
from embedc.execution.cache import cached
from embedc.execution.errors import ExecutionError
from embedc.targets.target import Board

SHOWN_LINES = 30  # of a compiler's complaints


@dataclass(frozen=True)
class Build:
    """A compilation of a bundle's `sources`, with `extra` C files by name; `shared` makes a library of them.

    A program for a `board` gets its startup code.
    """

    directory: Path
    sources: tuple[str, ...]
    compiler: tuple[str, ...]
    cflags: tuple[str, ...]
    extra: Mapping[str, str] = field(default_factory=dict[str, str])
    shared: bool = False
    static: bool = False
    board: Board | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        kind = (("-shared", "-fPIC", "-Wl,-z,defs") if self.shared else ()) + (("-static",) if self.static else ())
        return (*self.cflags, *kind, *(link_flags(self.board) if self.board else ()))

    @property
    def written(self) -> dict[str, str]:
        """Text of the files that lie beside the bundle's."""
        return {**self.extra, **(board_files(self.board) if self.board else {})}

    def key(self) -> str:
        """A hash of the compiler, its flags and every file that it may read."""
        digest = hashlib.sha256()
        binary = Path(shutil.which(self.compiler[0]) or self.compiler[0])
        stamp = binary.stat().st_mtime_ns if binary.exists() else 0
        digest.update(repr((self.compiler, stamp, self.flags, self.sources, sorted(self.written.items()))).encode())
        for path in sorted(p for p in self.directory.rglob("*") if p.is_file()):
            digest.update(f"\0{path.relative_to(self.directory)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
        return digest.hexdigest()[:32]


def build(job: Build) -> Path:
    """The built file; compiled once for the same content."""
    name = "bundle.so" if job.shared else "program"
    return cached(job.key(), name, lambda work: _compile(job, work, name))


def _compile(job: Build, work: Path, name: str) -> None:
    for file, text in job.written.items():
        (work / file).write_text(text, encoding="utf-8")
    output = str(work / name)
    extra = (str(work / file) for file in job.written if file.endswith(".c"))
    folders = ("-I.", f"-I{work}", f"-L{work}")
    command = [*job.compiler, *job.flags, *folders, "-o", output, *extra, *job.sources, "-lm"]
    run_compiler(command, job.directory)


def run_compiler(command: list[str], directory: Path) -> None:
    """Runs a compiler in `directory`, the bundle's; its complaints become the error."""
    try:
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise ExecutionError(f"cannot run the compiler: {error}") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        more = f"\n… and {len(lines) - SHOWN_LINES} lines more" if len(lines) > SHOWN_LINES else ""
        raise ExecutionError(f"{command[0]} failed on the generated code:\n" + "\n".join(lines[:SHOWN_LINES]) + more)
