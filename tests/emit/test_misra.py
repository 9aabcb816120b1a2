"""docs/misra.md lists the rules that cppcheck's addon reports of bundles, all of them and no others."""

import re
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import onnx

from embedc.driver import Request, compile_model
from embedc.targets.load import load_target
from tests.emit.compiling import write
from tests.emit.small_models import convolutional, indexing, long_lived
from tests.emit.state_models import gru_cell

PAGE = Path(__file__).parents[2] / "docs" / "misra.md"
MACROS = {
    "c": ("__GNUC__=12",),
    "arm-neon": ("__GNUC__=12", "__ARM_NEON=1", "__aarch64__=1"),
    "cortex-m4": ("__GNUC__=12", "__arm__=1"),
}
"""One configuration for each target: with no macro at all cppcheck tries combinations of them, which takes minutes."""


def reported(folder: Path, model: onnx.ModelProto, target: str, single: bool, states: Mapping[str, str]) -> set[str]:
    """Numbers of the rules that a bundle breaks, and whatever else cppcheck has to say.

    Weights that have a file of their own are left out: they are numbers alone.
    """
    request = Request(model, load_target(target), "net", single_file=single, states=states)
    write(compile_model(request).files, folder)
    sources = [s for s in (folder / "sources.txt").read_text().split() if not s.endswith("_weights.c")]
    flags = ["--addon=misra", "--std=c99", "--quiet", *(f"-D{macro}" for macro in MACROS[target])]
    done = subprocess.run(
        ["cppcheck", *flags, "--template={id}", *sources], cwd=folder, capture_output=True, text=True, check=True
    )
    return {line.removeprefix("misra-c2012-") for line in (done.stdout + done.stderr).splitlines()}


def test_rules_are_those_of_the_page(tmp_path: Path) -> None:
    """Convolutions, a recurrent stream, indexing, products; split and in one file."""
    gru = gru_cell()
    jobs: list[tuple[Path, onnx.ModelProto, str, bool, Mapping[str, str]]] = [
        (tmp_path / "neon", convolutional(), "arm-neon", True, {}),
        (tmp_path / "gru", gru.model, "c", True, gru.states),
        (tmp_path / "indexing", indexing(), "cortex-m4", False, {}),
        (tmp_path / "lived", long_lived(), "c", False, {}),
    ]
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(reported, *job) for job in jobs]
        found = set[str]().union(*(job.result() for job in running))
    listed = set(re.findall(r"^\| ([0-9]+\.[0-9]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert found - listed == set(), "mend them, or list them with a reason"
    assert listed - found == set(), "no longer reported: take them from the list"
