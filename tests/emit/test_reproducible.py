"""The same bytes from every process: with another hash seed, and where numpy does without its vector units."""

import hashlib
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.emit.compiling import files_of
from tests.emit.small_models import convolutional, elementwise

ROOT = Path(__file__).parents[2]
MODELS = {"cnn": convolutional, "pointwise": elementwise}
SCRIPT = """
from tests.emit.test_reproducible import digests
print("\\n".join(digests()))
"""


def digests() -> list[str]:
    """A line for every file of both models."""
    return [
        f"{name}/{path} {hashlib.sha256(data).hexdigest()}"
        for name, build in MODELS.items()
        for path, data in files_of(build(), name, "x86-avx2").items()
    ]


def features() -> str:
    """What numpy may be told to leave unused."""
    known: list[str] = import_module("numpy._core._multiarray_umath").__cpu_dispatch__
    return " ".join(known)


@pytest.mark.parametrize("change", [{"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "NPY_DISABLE_CPU_FEATURES": ""}])
def test_every_process_writes_the_same_bytes(change: dict[str, str]) -> None:
    if "NPY_DISABLE_CPU_FEATURES" in change:
        change = change | {"NPY_DISABLE_CPU_FEATURES": features(), "OPENBLAS_CORETYPE": "Prescott"}
    paths = os.pathsep.join([str(ROOT / "compiler"), str(ROOT)])
    environment = os.environ | {"PYTHONPATH": paths} | change
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:-1] == digests()
