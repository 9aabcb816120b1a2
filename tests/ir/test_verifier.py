"""What the verifier finds, and that it names operator, operand, expectation and history."""

import dataclasses

import pytest

from embedc.ir.graph import NOWHERE, Graph, Origin, Value, collect
from embedc.ir.scalar import ScalarNode, ScalarProgram, unary
from embedc.ir.types import BOOL, F32, I32, TensorType
from embedc.ir.verifier import GraphError, verify
from embedc.ops.elementwise import Map
from embedc.ops.layout import Concat, Reshape

X = Value(TensorType(F32, (2, 3)), "x")


def chain() -> Graph:
    flat = Reshape(X, (6,), origin=Origin("flatten", "Flatten", "flat")).result
    return collect("g", [X], {"y": Concat((flat, flat), 0, origin=Origin("cat", "Concat", "y")).result})


def test_good_graphs_pass() -> None:
    verify(chain())


def test_use_before_definition() -> None:
    graph = chain()
    reverse = dataclasses.replace(graph, ops=graph.ops[::-1])
    with pytest.raises(GraphError) as caught:
        verify(reverse, ("fold", "cse"))
    text = str(caught.value)
    assert "graph 'g' (after fold, cse)" in text
    assert "concat, node 'cat' (Concat): operand inputs[0]" in text
    assert "value 'flat' : f32[6], node 'flatten' (Flatten), is not defined before it is used" in text


def test_foreign_values_and_outputs() -> None:
    graph = chain()
    with pytest.raises(GraphError, match=r"operand x, value 'x' .* is not defined"):
        verify(dataclasses.replace(graph, inputs=()))
    with pytest.raises(GraphError, match="output 'z': value 'x'"):
        verify(Graph("g", (), {"z": X}, ()))


def test_double_definition() -> None:
    graph = chain()
    with pytest.raises(GraphError, match="defined twice"):
        verify(dataclasses.replace(graph, ops=(graph.ops[0], *graph.ops)))
    twin = Value(X.type, "x")
    with pytest.raises(GraphError, match="two inputs are named 'x'"):
        verify(Graph("g", (X, twin), {}, ()))


def test_types_are_what_infer_says() -> None:
    graph = chain()
    op = graph.ops[0]
    wrong = dataclasses.replace(op.results[0], type=TensorType(I32, (6,)))
    object.__setattr__(op, "results", (wrong,))
    with pytest.raises(GraphError, match=r"reshape.*expected results \(f32\[6\]\), got \(i32\[6\]\)"):
        verify(Graph("g", (X,), {"y": wrong}, (op,)))


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (ScalarNode("neg", (1,), F32), "not defined before it"),
        (ScalarNode("relu", (0,), F32), "no such scalar operator"),
        (ScalarNode("add", (0,), F32), "expected 2 operands, got 1"),
        (ScalarNode("neg", (0,), I32), "expected element f32, got i32"),
        (ScalarNode("lt", (0, 0), F32), f"expected element {BOOL}, got f32"),
        (ScalarNode("select", (0, 0, 0), F32), "expected operands of one type"),
        (ScalarNode("const", (), F32), "a constant without value"),
    ],
)
def test_scalar_programs(node: ScalarNode, message: str) -> None:
    op = Map((X,), unary("neg", F32))
    body = ScalarProgram((F32,), (node,), 1)
    object.__setattr__(op, "body", body)
    with pytest.raises(GraphError, match=message):
        verify(Graph("g", (X,), {}, (op,)))
    assert op.origin == NOWHERE
