"""Random graphs: what the generated C computes, for portable C and AVX2, is what the interpreter defines."""

import ctypes
from pathlib import Path

import pytest
from hypothesis import strategies as st

from embedc.ir.interpreter import run
from embedc.ir.printer import to_text
from embedc.targets.load import load_target
from embedc.targets.machine import runs_natively
from tests.emit.library import agree, build, call
from tests.strategies import examples, random_graphs, random_inputs

BATCH = 25  # graphs for each run of the C compiler


@pytest.mark.parametrize("name", ["c", "x86-avx2"])
def test_generated_code_computes_what_the_interpreter_defines(name: str, tmp_path: Path) -> None:
    target = load_target(name)
    if not runs_natively(target):
        pytest.skip(f"{name} does not run on this CPU")
    graphs = examples(st.lists(random_graphs(), min_size=BATCH, max_size=BATCH), 20, 1)[0]
    scratch = build(graphs, target, tmp_path)
    library = ctypes.CDLL(str(tmp_path / "all.so"))
    for number, graph in enumerate(graphs):
        inputs = random_inputs(graph)
        expected = run(graph, inputs)
        for output, array in call(library, number, graph, scratch[number], inputs).items():
            assert agree(array, expected[output]), f"output {output} of graph {number}:\n{to_text(graph)}"
