"""Many cases in one C program: compiled together under the sanitizers, run apart, compared."""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from embedc.ir.types import Array
from embedc.targets.toolchain import find_compiler
from tests.conformance.outcome import Failed, Outcome, Verdict
from tests.conformance.preparing import TARGET, Prepared, opened, prepared
from tests.conformance.suite import Case

SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
CFLAGS = ("-std=c99", "-O1", "-ffp-contract=off", "-w", "-pipe", *TARGET.cflags)
DRIVER = Path(__file__).with_name("driver.c")
ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=0", "UBSAN_OPTIONS": "print_stacktrace=0"}


def run_batch(batch: Sequence[Case]) -> list[Outcome]:
    """The outcome of each case."""
    outcomes: dict[str, Outcome] = {}
    ready: list[Prepared] = []
    for case in batch:
        try:
            for work in opened(case):
                ready.append(prepared(work, f"c{len(ready)}"))
        except Failed as error:
            ready = [one for one in ready if one.opened.case is not case]
            outcomes[case.name] = Outcome(case.name, error.verdict, error.reason)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder:
        for one, reason in run_prepared(ready, Path(folder)):
            name = one.opened.case.name
            failed = isinstance(reason, Failed)
            if failed or name not in outcomes:
                inputs = len(one.opened.feeds)
                outcomes[name] = (
                    Outcome(name, reason.verdict, reason.reason, inputs)
                    if isinstance(reason, Failed)
                    else Outcome(name, Verdict.PASSED, "", inputs)
                )
    return [outcomes[case.name] for case in batch]


def run_prepared(ready: Sequence[Prepared], folder: Path) -> Iterator[tuple[Prepared, Failed | None]]:
    """How each ended; None where it gave what is expected."""
    if not ready:
        return
    try:
        program = _build(ready, folder)
    except subprocess.CalledProcessError as error:
        if len(ready) == 1:
            yield ready[0], Failed(Verdict.BROKEN, f"the C compiler refuses it: {_first_error(error.stderr)}")
            return
        half = len(ready) // 2
        for number, part in enumerate((ready[:half], ready[half:])):
            (folder / str(number)).mkdir()
            yield from run_prepared(part, folder / str(number))
        return
    for number, one in enumerate(ready):
        arrays = (np.ascontiguousarray(one.opened.feeds[p.name]) for p in one.ports if p.is_input)
        (folder / f"{number}.in").write_bytes(b"".join(a.tobytes() for a in arrays))
    statuses = _statuses(program, folder)
    for number, one in enumerate(ready):
        try:
            _judge(one, statuses.get(number), folder / f"{number}.out", folder / f"{number}.err")
        except Failed as error:
            yield one, error
        else:
            yield one, None


def _build(ready: Sequence[Prepared], folder: Path) -> Path:
    """One program; the sources of all cases are one translation unit, their symbols begin with the cases' names."""
    units: list[str] = []
    for one in ready:
        for file, data in one.files.items():
            (folder / file).write_bytes(data)
            if file.endswith(".c"):
                units.append(f'#include "{file}"\n#undef EC_TRACE\n')
    tables = [_table(number, one) for number, one in enumerate(ready)]
    rows = "".join(f"    {row},\n" for _, row in tables)
    text = "".join(units) + "".join(table for table, _ in tables)
    (folder / "cases.h").write_text(f"{text}static const test tests[] = {{\n{rows}}};\n")
    assembly = [file for one in ready for file in one.files if file.endswith(".S")]
    command = [*find_compiler(TARGET), *CFLAGS, *SANITIZERS, "-I.", str(DRIVER), *assembly, "-lm", "-o", "program"]
    subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return folder / "program"


def _table(number: int, one: Prepared) -> tuple[str, str]:
    """The C text that adapts a case to the driver, and its row of the driver's table."""
    n, ports = one.name, one.ports
    fields = ", ".join(f".{p.c_name} = p[{k}]" for k, p in enumerate(ports))
    sizes = ", ".join(str(p.bytes) for p in ports)
    aligns = ", ".join(str(p.element.dtype.itemsize) for p in ports)
    text = (
        f"static const size_t {n}_bytes[] = {{{sizes}}}, {n}_aligns[] = {{{aligns}}};\n"
        f"static int {n}_test(void *const *p, void *s, size_t n) {{\n"
        f"  const {n}_io io = {{{fields}}};\n"
        f"  return (int){n}_run(&io, s, n);\n}}\n"
    )
    inputs = sum(p.is_input for p in ports)
    return text, f"{{{number}, {inputs}, {len(ports)}, {one.scratch}, {TARGET.align}, {n}_bytes, {n}_aligns, {n}_test}}"


def _statuses(program: Path, folder: Path) -> dict[int, int]:
    done = subprocess.run(
        [str(program), "."], cwd=folder, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False
    )
    return {int(number): int(status) for number, status in map(str.split, done.stdout.splitlines())}


def _judge(one: Prepared, status: int | None, written: Path, said: Path) -> None:
    """Failed unless the case came to its end and gave what is expected."""
    if status != 0:
        raise Failed(Verdict.CRASHED, _gist(said, status))
    data = written.read_bytes()
    case, offset = one.opened.case, 0
    got: dict[str, Array] = {}
    for port in one.ports:
        if not port.is_input:
            got[port.name] = np.frombuffer(data, port.element.dtype, port.bytes // port.element.dtype.itemsize, offset)
            got[port.name] = got[port.name].reshape(port.shape)
            offset += port.bytes
    for name, wanted in one.opened.wanted.items():
        compare(name, got[name], wanted, case.rtol, case.atol)


def compare(name: str, got: Array, wanted: Array, rtol: float, atol: float) -> None:
    """Failed unless both agree: type and shape exactly, values within the tolerance, NaN where NaN is expected."""
    if got.dtype != wanted.dtype:
        raise Failed(Verdict.WRONG, f"'{name}' is {got.dtype}, expected {wanted.dtype}")
    if got.shape != wanted.shape:
        raise Failed(Verdict.WRONG, f"'{name}' has shape {list(got.shape)}, expected {list(wanted.shape)}")
    if got.dtype.kind not in "biu":
        kind = np.complex128 if got.dtype.kind == "c" else np.float64
        near = np.isclose(got.astype(kind), wanted.astype(kind), rtol, atol, equal_nan=True)
    else:
        near = got == wanted
    if not near.all():
        first = tuple(int(n) for n in np.argwhere(~near)[0])
        told = f"{int((~near).sum())} of {near.size} elements of '{name}' differ"
        raise Failed(Verdict.WRONG, f"{told}, first at {list(first)}: {got[first]}, expected {wanted[first]}")


def _gist(said: Path, status: int | None) -> str:
    """What a sanitizer or the driver had to say."""
    text = said.read_text(errors="replace") if said.exists() else ""
    found = re.search(r"runtime error: .*|ERROR: AddressSanitizer: [\w-]+|returned status.*|changed input.*", text)
    how = "it never ran" if status is None else f"signal {-status}" if status < 0 else f"status {status}"
    return found.group() if found else how


def _first_error(text: str) -> str:
    return next((line for line in text.splitlines() if "error:" in line), text[:200])
