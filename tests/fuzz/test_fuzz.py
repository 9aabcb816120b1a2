"""A small fuzz, and the harness itself: it must notice what goes wrong. All of it: python -m tests.fuzz."""

import os
import signal
import time
from pathlib import Path

import pytest

from embedc import cli
from tests.fuzz import running
from tests.fuzz.campaign import run_part
from tests.fuzz.running import Ended, compile_file, fresh

FILES = 80


@pytest.mark.parametrize("part", range(2))
def test_mutated_files_end_in_a_bundle_or_in_a_message(part: int) -> None:
    found = run_part(0, range(part, FILES, 2), verified=3)
    assert not [(f.number, f.seed, f.complaint, f.output) for f in found if f.complaint]
    assert {"compiled", "refused", "verified"} <= {f.end for f in found}


def _ended(monkeypatch: pytest.MonkeyPatch, folder: Path, behaviour: str) -> Ended:
    """What the harness says of a command line that behaves so."""

    def planted(arguments: list[str]) -> int:
        bundle = Path(arguments[arguments.index("-o") + 1])
        match behaviour:
            case "raises":
                raise ValueError("planted")
            case "hangs":
                time.sleep(60)
            case "spins":
                while True:
                    pass
            case "crashes":
                os.kill(os.getpid(), signal.SIGUSR1)
            case "half a bundle":
                bundle.mkdir()
                print("error: planted")
            case "says nothing":
                pass
            case _:
                print(behaviour)
        return 2

    monkeypatch.setattr(cli, "main", planted)
    monkeypatch.setattr(running, "SECONDS", 1)
    monkeypatch.setattr(running, "PATIENCE", 2)
    model = fresh(folder / "work") / "model.onnx"
    model.write_bytes(b"")
    return compile_file(model, model.parent, measured=False)


@pytest.mark.parametrize(
    ("behaviour", "complaint"),
    [
        ("raises", "exit status 99"),
        ("hangs", "still running"),
        ("spins", "still running"),
        ("crashes", "SIGUSR1"),
        ("half a bundle", "left on disk"),
        ("says nothing", "not a list of errors"),
        ("error: x\nWarning: y", "told 'Warning:'"),
        ("what is this?", "not a list of errors"),
        ("error: planted", ""),
    ],
)
def test_bad_ends_are_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, behaviour: str, complaint: str) -> None:
    found = _ended(monkeypatch, tmp_path, behaviour).complaint
    assert complaint in found if complaint else not found
