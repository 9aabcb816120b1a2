"""Every pass and the whole pipeline on random graphs: the interpreter's results stay, and the graph stays well formed."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings

from embedc.ir.graph import Graph
from embedc.ir.interpreter import run
from embedc.ir.printer import to_text
from embedc.ir.types import Array
from embedc.ir.verifier import verify
from embedc.passes.base import PASSES
from embedc.passes.pipeline import Pipeline, Repeat, default_pipeline, run_pipeline
from tests.strategies import random_graphs, random_inputs

QUICK = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
MOVES_ONLY = ("views", "sink-views", "cse", "pad-into-window", "fold", "canonicalize", "fuse-maps", "contract-forms")


def same(got: Mapping[str, Array], expected: Mapping[str, Array], tolerance: float) -> None:
    """Equal up to `tolerance` of the largest element."""
    assert list(got) == list(expected)
    for name, wanted in expected.items():
        finite = np.abs(wanted[np.isfinite(wanted)].astype(np.float64))
        scale = float(finite.max()) if finite.size else 1.0
        np.testing.assert_allclose(got[name], wanted, rtol=tolerance, atol=tolerance * scale)
        assert got[name].dtype == wanted.dtype


def check(graph: Graph, passes: Pipeline, tolerance: float) -> None:
    verify(graph)
    inputs = random_inputs(graph)
    note(to_text(graph))
    better = run_pipeline(graph, passes, lambda name, g: note(f"// {name}\n{to_text(g)}"))
    same(run(better, inputs), run(graph, inputs), tolerance)


@pytest.mark.parametrize("name", [name for name in PASSES if name != "repeat"])
def test_pass(name: str) -> None:
    @QUICK
    @given(random_graphs())
    def holds(graph: Graph) -> None:
        check(graph, (PASSES[name](),), 1e-5)

    holds()


@settings(QUICK, max_examples=150)
@given(random_graphs(most=9))
def test_pipeline(graph: Graph) -> None:
    check(graph, default_pipeline(), 3e-5)


@QUICK
@given(random_graphs())
def test_pipeline_comes_to_an_end(graph: Graph) -> None:
    done = run_pipeline(graph, default_pipeline())
    again = run_pipeline(done, tuple(step for step in default_pipeline() if isinstance(step, Repeat)))
    assert to_text(done) == to_text(again)
