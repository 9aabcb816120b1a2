"""Every real model survives the Graph's text form, as imported and simplified."""

import pytest

from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.parser import from_text
from embedc.ir.printer import blobs, to_text
from embedc.passes.pipeline import default_pipeline, run_pipeline
from tests.models.catalogue import LARGE, SMALL, file_of


@pytest.mark.parametrize("model", [*SMALL, *LARGE])
def test_text_reads_back(model: str) -> None:
    graph = load(file_of(model), ImportOptions())
    for stage in (graph, run_pipeline(graph, default_pipeline())):
        text = to_text(stage)
        assert to_text(from_text(text, blobs(stage))) == text
