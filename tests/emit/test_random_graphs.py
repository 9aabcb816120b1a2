"""Random graphs: what the generated C computes, for portable C and AVX2, is what the interpreter defines."""

import ctypes
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from embedc.driver import Stages, make_plan, simplify
from embedc.emit.bundle import ModelInfo, emit
from embedc.ir.graph import Graph
from embedc.ir.interpreter import run
from embedc.ir.printer import to_text
from embedc.ir.types import Array
from embedc.policy import Policy
from embedc.targets.load import load_target
from embedc.targets.machine import runs_natively
from embedc.targets.target import Target
from embedc.targets.toolchain import CFLAGS, find_compiler
from tests.emit.compiling import compile_c, write
from tests.strategies import random_graphs, random_inputs

BATCH = 25  # graphs for each run of the C compiler


class Batch:
    """Graphs, without their text in hypothesis' reports."""

    def __init__(self, graphs: list[Graph]) -> None:
        self.graphs = graphs


def build(graphs: list[Graph], target: Target, folder: Path) -> list[dict[str, int]]:
    """Compiles all graphs into one library; their scratch bytes and alignment."""
    sources: list[str] = []
    scratch: list[dict[str, int]] = []
    for number, graph in enumerate(graphs):
        policy = Policy(target, f"g{number}")
        plan = make_plan(simplify(graph, Stages()), policy, Stages())
        files = emit(plan, policy, ModelInfo("random", "0" * 64))
        write(files, folder / f"g{number}")
        sources += [f"g{number}/{s}" for s in files["sources.txt"].decode().split() if "selftest" not in s]
        scratch.append({"bytes": plan.size, "align": target.align})
    compile_c(
        [*find_compiler(target), *CFLAGS, *target.cflags], [*sources, "-lm"], folder, "-shared", "-fPIC", "-o", "all.so"
    )
    return scratch


def call(
    library: ctypes.CDLL, number: int, graph: Graph, scratch: dict[str, int], inputs: dict[str, Array]
) -> dict[str, Array]:
    """Runs one graph of the library."""
    outputs = {name: np.full(v.type.dims, 99, v.type.element.dtype) for name, v in graph.outputs.items()}
    arena = np.full(scratch["bytes"] + 2 * scratch["align"], 255, np.uint8)
    address = -(-arena.ctypes.data // scratch["align"]) * scratch["align"]
    arrays = [np.ascontiguousarray(inputs[v.name]) for v in graph.inputs] + list(outputs.values())
    status = getattr(library, f"g{number}")(*(ctypes.c_void_p(a.ctypes.data) for a in arrays), ctypes.c_void_p(address))
    assert status == 0
    return outputs


def agree(got: Array, expected: Array) -> bool:
    """Equal for integers, within rounding of the largest magnitude for floats."""
    if expected.dtype.kind != "f":
        return np.array_equal(got, expected)
    finite = np.isfinite(expected)
    scale = np.abs(expected[finite]).max(initial=1e-3)
    same = np.array_equal(np.isnan(got), np.isnan(expected)) and np.array_equal(
        got[np.isinf(expected)], expected[np.isinf(expected)]
    )
    return bool(same) and bool(np.all(np.abs(got[finite] - expected[finite]) <= 1e-4 * scale))


@pytest.mark.parametrize("name", ["c", "x86-avx2"])
@seed(20)
@settings(
    max_examples=1,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(batch=st.lists(random_graphs(), min_size=BATCH, max_size=BATCH).map(Batch))
def test_generated_code_computes_what_the_interpreter_defines(
    name: str, tmp_path_factory: pytest.TempPathFactory, batch: Batch
) -> None:
    target = load_target(name)
    if not runs_natively(target):
        pytest.skip(f"{name} does not run on this CPU")
    folder = tmp_path_factory.mktemp("graphs")
    graphs = batch.graphs
    scratch = build(graphs, target, folder)
    library = ctypes.CDLL(str(folder / "all.so"))
    for number, graph in enumerate(graphs):
        inputs = random_inputs(graph)
        expected = run(graph, inputs)
        for output, array in call(library, number, graph, scratch[number], inputs).items():
            assert agree(array, expected[output]), f"output {output} of graph {number}:\n{to_text(graph)}"
