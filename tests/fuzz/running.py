"""Runs the command line on one file in a process of its own and says what was wrong with how it ended."""

import os
import resource
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from onnx import TensorProto, helper

from embedc import cli
from embedc.manifest import read_manifest

SECONDS = 20  # of processor time that embedc may take for a file
PATIENCE = 6  # times as long by the clock, on a machine that has other work
MEMORY = 4 << 30  # bytes of address space
DONE, DIFFERS, REFUSED = 0, 1, 2
UNEXPECTED = ("Traceback", "embedc itself failed", "bug in embedc", "Warning:")


@dataclass(frozen=True)
class Ended:
    """How a run ended; `complaint` is empty where nothing is wrong with that."""

    status: int
    seconds: float
    complaint: str
    output: str


def compile_file(model: Path, folder: Path, measured: bool) -> Ended:
    """`embedc MODEL --target c -o …` in the empty folder `folder`."""
    bundle = folder / "bundle"
    rest = () if measured else ("--no-measure",)
    ended = run(["compile", str(model), "--target", "c", "--name", "net", "-o", str(bundle), "--quiet", *rest], folder)
    if ended.complaint:
        return ended
    left = sorted(p.name for p in folder.iterdir() if p.name not in ("output.txt", model.name))
    expected = ["bundle"] if ended.status == DONE else []
    complaint = ""
    if left != expected:
        complaint = f"left on disk: {left}"
    elif ended.status == DONE:
        missing = [name for name in read_manifest(bundle).product_sources if not (bundle / name).exists()]
        complaint = f"missing from the bundle: {missing}" if missing else _told(ended.output, 0)
    elif ended.status == REFUSED:
        complaint = _told(ended.output, 1)
    else:
        complaint = f"exit status {ended.status}"
    return Ended(ended.status, ended.seconds, complaint, ended.output)


def _told(output: str, least: int) -> str:
    """What is wrong with the messages: each begins with `error:`, and there are at least so many."""
    lines = [line for line in output.splitlines() if line and not line.startswith(" ")]
    if any(not line.startswith("error: ") for line in lines) or len(lines) < least:
        return "what it told is not a list of errors"
    return ""


def verify_file(model: Path, folder: Path) -> Ended:
    """`embedc verify MODEL --target c` against the interpreter and ONNX Runtime; what these cannot run is no complaint."""
    arguments = ["verify", str(model), "--target", "c", "--samples", "1", "--tolerance", "0.01", "--quiet"]
    ended = run(arguments, folder)
    complaint = ended.complaint
    if not complaint and ended.status == DIFFERS:
        complaint = "the code failed" if ended.output else "the results differ"
    return Ended(ended.status, ended.seconds, complaint, ended.output)


def run(arguments: list[str], folder: Path) -> Ended:
    """The command line in a forked process with limits on time and memory."""
    told = folder / "output.txt"
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_the_command(arguments, told)
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        seconds = time.monotonic() - started
        if done:
            break
        if seconds > SECONDS * PATIENCE:
            os.killpg(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            break
        time.sleep(0.005)
    output = told.read_text(encoding="utf-8", errors="replace")
    code = os.waitstatus_to_exitcode(status)
    complaint = ""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        complaint = f"still running after {SECONDS} s"
    elif code < 0:
        complaint = f"killed by {signal.Signals(-code).name}"
    elif found := [words for words in UNEXPECTED if words in output]:
        complaint = f"told '{found[0]}'"
    return Ended(code, seconds, complaint, output)


def _be_the_command(arguments: list[str], told: Path) -> NoReturn:
    """In the child: the command line, all that it prints into a file."""
    code = 99
    try:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        out = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(out, stream)
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        os.environ["EMBEDC_DEBUG"] = "1"
        code = cli.main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def warm_up(folder: Path) -> None:
    """Compiles a model in this process, so that every child has the modules and tables that it needs."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [2, 3]) for name in "xy")
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "warm", [x], [y])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = fresh(folder / "warm") / "warm.onnx"
    path.write_bytes(model.SerializeToString())
    arguments = ["compile", str(path), "--target", "c", "-o", str(path.with_suffix("")), "--quiet", "--no-measure"]
    assert cli.main(arguments) == DONE


def fresh(folder: Path) -> Path:
    """`folder`, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
