"""docs/operators.md is what its command writes, and what it says of inputs holds for ONNX's backend suite."""

from onnx import defs
from tools.operators import PAGE, known_inputs, page

from embedc.frontends.onnx.registry import BUILDERS, key_of
from tests.conformance.outcome import Failed
from tests.conformance.preparing import opened
from tests.conformance.suite import cases


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tools/operators.py"


def test_page_names_the_inputs_that_must_be_known() -> None:
    """Whatever the conformance harness had to store in a model of one operator."""
    unnamed: set[tuple[str, str]] = set()
    for case in cases()[::3]:
        model = case.model()
        node = model.graph.node[0]
        if len(model.graph.node) > 1 or key_of(node) not in BUILDERS:
            continue
        try:
            (work,) = opened(case)
        except Failed:
            continue
        names = [i.name for i in defs.get_schema(node.op_type).inputs]
        open_ = {v.name for v in model.graph.input} - {t.name for t in model.graph.initializer}
        stored = {name for i, name in zip(node.input, names, strict=False) if i in open_ - work.feeds.keys()}
        unnamed |= {(node.op_type, name) for name in stored.difference(known_inputs(node.op_type))}
    assert not unnamed
