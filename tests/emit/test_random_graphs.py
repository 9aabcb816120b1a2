"""Random graphs: what the generated C computes, for portable C and AVX2, is what the interpreter defines."""

import ctypes

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from embedc.ir.graph import Graph
from embedc.ir.interpreter import run
from embedc.ir.printer import to_text
from embedc.targets.load import load_target
from embedc.targets.machine import runs_natively
from tests.emit.library import agree, build, call
from tests.strategies import random_graphs, random_inputs

BATCH = 25  # graphs for each run of the C compiler


class Batch:
    """Graphs, without their text in hypothesis' reports."""

    def __init__(self, graphs: list[Graph]) -> None:
        self.graphs = graphs


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
