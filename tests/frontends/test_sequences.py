"""Sequences and optionals are taken apart in the frontend, as ONNX's evaluator does it at run time."""

from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, parser
from onnx.reference import ReferenceEvaluator

from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.interpreter import run
from tests.frontends.small import floats

X = floats(5, 3)


def parsed(body: str, outputs: str = "float[N,M] y") -> ModelProto:
    text = f'<ir_version: 10, opset_import: ["" : 21]> g (float[5,3] x) => ({outputs}) {{ {body} }}'
    return parser.parse_model(text)


BODIES = {
    "rows": "s = SplitToSequence<axis = 0, keepdims = 0>(x) p = Constant<value_int = -2>() y = SequenceAt(s, p)",
    "parts of 2": "t = Constant<value_int = 2>() s = SplitToSequence(x, t) p = Constant<value_int = -1>()"
    " e = SequenceErase(s, p) y = ConcatFromSequence<axis = 1, new_axis = 0>(e)",
    "parts": "t = Constant<value_ints = [4, 1]>() s = SplitToSequence(x, t) p = Constant<value_int = 1>() y = SequenceAt(s, p)",
    "a new axis": "s = SequenceConstruct(x, x, x) y = ConcatFromSequence<axis = -1, new_axis = 1>(s)",
    "insertion": "a = Neg(x) b = Exp(x) s = SequenceConstruct(x, a) p = Constant<value_int = -1>() i = SequenceInsert(s, b, p)"
    " y = ConcatFromSequence<axis = 0>(i)",
    "growth": "e = SequenceEmpty() s = SequenceInsert(e, x) t = SequenceInsert(s, x) i = Identity(t)"
    " y = ConcatFromSequence<axis = 0>(i)",
    "length": "s = SplitToSequence<axis = 1>(x) n = SequenceLength(s) y = CastLike(n, x)",
}


@pytest.mark.parametrize("name", BODIES)
def test_agrees_with_the_evaluator(name: str) -> None:
    source = parsed(BODIES[name], "float y")
    source.graph.output[0].type.tensor_type.ClearField("shape")
    evaluator: Any = ReferenceEvaluator(source)
    (expected,) = evaluator.run(None, {"x": X})
    got = run(load(source, ImportOptions()), {"x": X})["y"]
    np.testing.assert_allclose(got, expected, rtol=1e-6)


def test_optionals_hold_what_they_were_given() -> None:
    """(ONNX's evaluator wraps it in a list.)"""
    body = "o = Optional(x) h = OptionalHasElement(o) g = OptionalGetElement(o) f = CastLike(h, x) y = Add(g, f)"
    np.testing.assert_array_equal(run(load(parsed(body), ImportOptions()), {"x": X})["y"], X + 1)


def test_sequence_map_runs_its_body_for_each_tensor() -> None:
    body = """s = SplitToSequence<axis = 1>(x)
    m, n = SequenceMap<body = b (float[5,1] e, float[5,3] all) => (float[5,1] f, float[5,3] g) {
      f = Mul(e, e) g = Add(e, all) }>(s, x)
    p = Constant<value_int = 2>() y = ConcatFromSequence<axis = 1>(m) z = SequenceAt(n, p)"""
    got = run(load(parsed(body, "float[N,M] y, float[N,M] z"), ImportOptions()), {"x": X})
    np.testing.assert_array_equal(got["y"], X * X)
    np.testing.assert_array_equal(got["z"], X + X[:, 2:])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("s = SequenceConstruct(x) p = Constant<value_int = 1>() y = SequenceAt(s, p)", "position 1 of a sequence of 1"),
        ("s = SequenceConstruct(x) p = CastLike(q, i) i = Constant<value_int = 0>() q = ReduceMax<keepdims = 0>(x)"
         " y = SequenceAt(s, p)", "its position"),
        ("s = SequenceEmpty() y = ConcatFromSequence<axis = 0>(s)", "empty sequence"),
        ("y = SequenceAt(x, p) p = Constant<value_int = 0>()", "not a sequence"),
        ("s = SequenceConstruct(x) y = Relu(s)", "takes a sequence"),
        ("t = Constant<value_ints = [3, 1]>() s = SplitToSequence(x, t) y = ConcatFromSequence<axis = 0>(s)", "add up"),
        ("y = SequenceConstruct(x)", "output is a sequence"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(body: str, message: str) -> None:
    with pytest.raises(EmbedcError, match=message):
        load(parsed(body), ImportOptions())
