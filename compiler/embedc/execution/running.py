"""Runs a built program to its end: natively, under an emulator, on an emulated board, or on another machine."""

import base64
import io
import shutil
import signal
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embedc.execution.errors import ExecutionError
from embedc.targets.target import Emulator

MARK = b"embedc-begins\n"  # in front of what comes back from another machine, whatever its login prints
REMOTE = """d=$(mktemp -d) && cd "$d" || exit 1
trap 'cd / && rm -rf "$d"' EXIT
base64 -d <<'EMBEDC' | tar xf - || exit 1
{files}EMBEDC
./program {arguments} >stdout 2>stderr </dev/null
echo $? >status
printf '{mark}'
tar cf - stdout stderr status {wanted}
"""
BOARD = ("-display", "none", "-monitor", "none", "-serial", "none", "-chardev", "stdio,id=host,signal=off")


@dataclass(frozen=True)
class Ran:
    """What a program left: its standard output, and those of the wanted files that it wrote."""

    output: str
    files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True)
class _Ended:
    status: int
    output: str
    errors: str
    files: dict[str, bytes]


def run_on(
    emulator: Emulator,
    program: Path,
    arguments: Sequence[str] = (),
    files: Mapping[str, bytes] | None = None,
    wanted: Sequence[str] = (),
    *,
    counted: bool = False,
) -> Ran:
    """Runs the program in a folder that holds `files`; any failure becomes an ExecutionError.

    `counted`: an emulated board takes a nanosecond of its own time for each instruction.
    """
    run = _remotely if emulator.remote else _locally
    ended = run(emulator, program, arguments, files or {}, wanted, counted)
    if ended.status == 0:
        return Ran(ended.output, ended.files)
    said = ended.errors.strip() or (ended.output.strip() if emulator.board else "") or "no message"
    raise ExecutionError(f"the generated code {_death(ended.status)}: {said}")


def _death(status: int) -> str:
    if status >= 0 and status <= 128:
        return "failed"
    number = -status if status < 0 else status - 128
    return f"died of {signal.Signals(number).name if number in signal.valid_signals() else f'signal {number}'}"


def board_emulator(emulator: Emulator) -> tuple[str, ...]:
    """What emulates a board; the program and its command line are still to be said, as semihosting.sh does."""
    return (*emulator.command, *BOARD)


def _locally(
    emulator: Emulator,
    program: Path,
    arguments: Sequence[str],
    files: Mapping[str, bytes],
    wanted: Sequence[str],
    counted: bool,
) -> _Ended:
    command = [*emulator.command, str(program), *arguments]
    if emulator.board:
        count = ("-icount", "shift=0") if counted else ()
        words = "".join(f",arg={word}" for word in ("program", *arguments))
        semihosting = ("-semihosting-config", f"enable=on,target=native,chardev=host{words}")
        command = [*board_emulator(emulator), *count, *semihosting, "-kernel", str(program)]
    with tempfile.TemporaryDirectory(prefix="embedc-") as folder:
        for name, data in files.items():
            (Path(folder) / name).write_bytes(data)
        done = _run(command, folder)
        found = {name: (Path(folder) / name).read_bytes() for name in wanted if (Path(folder) / name).exists()}
    return _Ended(done.returncode, _text(done.stdout), _text(done.stderr), found)


def _remotely(
    emulator: Emulator,
    program: Path,
    arguments: Sequence[str],
    files: Mapping[str, bytes],
    wanted: Sequence[str],
    counted: bool,
) -> _Ended:
    """The script and the files go to the standard input of a shell, so that no quoting on the way can harm them."""
    del counted
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        _add(archive, "program", program.read_bytes(), 0o755)
        for name, data in files.items():
            _add(archive, name, data, 0o644)
    script = REMOTE.format(
        files=base64.encodebytes(packed.getvalue()).decode(),
        arguments=" ".join(arguments),
        mark=MARK.decode().replace("\n", "\\n"),
        wanted=" ".join(wanted),
    )
    done = _run([*emulator.command, "sh"], None, script.encode())
    begin = done.stdout.find(MARK)
    if begin < 0:
        said = _text(done.stderr).strip() or _text(done.stdout).strip() or "no message"
        raise ExecutionError(
            f"the runner '{emulator.name}' failed (it must start a shell when 'sh' follows it): {said}"
        )
    back: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(done.stdout[begin + len(MARK) :])) as archive:
            for member in archive:
                content = archive.extractfile(member)
                back[member.name] = content.read() if content else b""
        status = int(back["status"])
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise ExecutionError(f"the runner '{emulator.name}' gave back no results: {error}") from None
    return _Ended(status, _text(back["stdout"]), _text(back["stderr"]), {n: back[n] for n in wanted if n in back})


def _run(command: Sequence[str], folder: str | None, given: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    try:
        return subprocess.run(command, cwd=folder, input=given, capture_output=True, check=False)
    except OSError as error:
        reason = "it is not installed" if not shutil.which(command[0]) else error
        raise ExecutionError(f"cannot run {command[0]}: {reason}") from None


def _add(archive: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), mode
    archive.addfile(member, io.BytesIO(data))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
