"""Passes on small graphs in text: cases/*.txt hold a pipeline, a graph and, written by `pytest --bless`, what becomes of it."""

import re
from pathlib import Path

import numpy as np
import pytest

from embedc.ir.interpreter import run
from embedc.ir.parser import from_text
from embedc.ir.printer import to_text
from embedc.passes.pipeline import parse_pipeline, run_pipeline
from tests.golden import compare_with_file
from tests.strategies import random_inputs

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))
PART = re.compile(
    r"// (?P<title>.*)\n// passes: (?P<passes>.*)\n(?P<graph>graph (.*\n)*?}\n)(\n// becomes\ngraph (.*\n)*?}\n)?"
)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_case(path: Path, request: pytest.FixtureRequest) -> None:
    parts: list[str] = []
    for found in PART.finditer(path.read_text(encoding="utf-8")):
        graph = from_text(found["graph"])
        better = run_pipeline(graph, parse_pipeline(found["passes"]))
        inputs = random_inputs(graph)
        expected = run(graph, inputs)
        for name, got in run(better, inputs).items():
            np.testing.assert_allclose(got, expected[name], rtol=1e-5, atol=1e-5, err_msg=found["title"])
        head = f"// {found['title']}\n// passes: {found['passes']}\n"
        parts.append(f"{head}{found['graph']}\n// becomes\n{to_text(better)}")
    assert parts, f"{path.name} holds no case"
    compare_with_file("\n".join(parts), path, bool(request.config.getoption("--bless")))
