"""Local functions beyond what one exporter writes."""

import numpy as np
import pytest
from onnx import FunctionProto, ModelProto, NodeProto, helper

from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.interpreter import run
from tests.frontends.small import floats, model, tensor

X = floats(3, 4)


def function(nodes: list[NodeProto], opset: int, *domains: tuple[str, int], name: str = "F") -> FunctionProto:
    opsets = [helper.make_opsetid(domain, version) for domain, version in (domains or (("", opset),))]
    return helper.make_function("mine", name, ["x"], ["y"], nodes, opsets)


def calling(made: FunctionProto, opset: int) -> ModelProto:
    """One call of the function on a matrix of 3x4."""
    nodes = [helper.make_node("F", ["x"], ["y"], domain="mine"), helper.make_node("Neg", ["y"], ["z"])]
    result = model(nodes, [tensor("x", X.shape)], ["z"], opset=opset)
    result.functions.append(made)
    result.opset_import.append(helper.make_opsetid("mine", 3))
    return result


def outcome(source: ModelProto) -> np.ndarray:
    return run(load(source, ImportOptions()), {"x": X})["z"]


@pytest.mark.parametrize(("written", "opset"), [(18, 20), (13, 20), (17, 13), (20, 20)])
def test_functions_of_another_opset(written: int, opset: int) -> None:
    """onnx2c #46: exporters import one version in the model, another in their functions."""
    nodes = [
        helper.make_node("Cast", ["x"], ["d"], to=11),
        helper.make_node("Relu", ["d"], ["r"]),
        helper.make_node("Constant", [], ["two"], value_floats=[2.0]),
        helper.make_node("Cast", ["r"], ["f"], to=1),
        helper.make_node("Add", ["f", "two"], ["y"]),
    ]
    np.testing.assert_array_equal(outcome(calling(function(nodes, written), opset)), -(np.maximum(X, 0) + 2))


@pytest.mark.parametrize(
    ("node", "written", "opset"),
    [
        (helper.make_node("ReduceSum", ["x"], ["y"], axes=[1]), 11, 20),
        (helper.make_node("Softmax", ["x"], ["y"]), 11, 13),
        (helper.make_node("Softmax", ["x"], ["y"], axis=1), 11, 13),
        (helper.make_node("Gelu", ["x"], ["y"]), 20, 18),
    ],
    ids=lambda v: v.op_type if isinstance(v, NodeProto) else str(v),
)
def test_functions_that_mean_something_else_are_refused(node: NodeProto, written: int, opset: int) -> None:
    with pytest.raises(EmbedcError) as caught:
        load(calling(function([node], written), opset), ImportOptions())
    assert f"opset {written}, the model for {opset}, and {node.op_type} differs" in str(caught.value)


def test_domains_of_functions() -> None:
    """Both names of the default domain, and another version of one's own."""
    nodes = [helper.make_node("Relu", ["x"], ["r"], domain="ai.onnx"), helper.make_node("Abs", ["r"], ["y"])]
    made = function(nodes, 17, ("ai.onnx", 17), ("mine", 1))
    np.testing.assert_array_equal(outcome(calling(made, 17)), -np.maximum(X, 0))


def test_default_domain_inside_a_branch() -> None:
    """Its long name in a subgraph, where ONNX Runtime does not take it."""
    yes = helper.make_graph([helper.make_node("Relu", ["x"], ["t"], domain="ai.onnx")], "g", [], [tensor("t", X.shape)])
    no = helper.make_graph([helper.make_node("Neg", ["x"], ["t"])], "g", [], [tensor("t", X.shape)])
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0),
        helper.make_node("Less", ["s", "zero"], ["c"]),
        helper.make_node("If", ["c"], ["z"], then_branch=yes, else_branch=no),
    ]
    source = model(nodes, [tensor("x", X.shape)], ["z"], {"zero": np.zeros((), np.float32)})
    np.testing.assert_array_equal(outcome(source), np.maximum(X, 0) if X.sum() < 0 else -X)


def test_names_inside_do_not_clash_with_names_outside() -> None:
    """Two calls, whose tensors are called like the caller's."""
    made = function([helper.make_node("Neg", ["x"], ["z"]), helper.make_node("Exp", ["z"], ["y"])], 17)
    nodes = [
        helper.make_node("F", ["x"], ["y"], domain="mine"),
        helper.make_node("F", ["y"], ["w"], domain="mine"),
        helper.make_node("Add", ["w", "x"], ["z"]),
    ]
    source = model(nodes, [tensor("x", X.shape)], ["z"])
    source.functions.append(made)
    source.opset_import.append(helper.make_opsetid("mine", 1))
    np.testing.assert_allclose(outcome(source), np.exp(-np.exp(-X)) + X, rtol=1e-6)


def test_functions_with_branches() -> None:
    """A subgraph inside a function reads what lies around it."""
    yes = helper.make_graph([helper.make_node("Relu", ["x"], ["t"])], "yes", [], [tensor("t", None)])
    no = helper.make_graph([helper.make_node("Neg", ["x"], ["e"])], "no", [], [tensor("e", None)])
    nodes = [
        helper.make_node("ReduceSum", ["x"], ["s"], keepdims=0),
        helper.make_node("Constant", [], ["zero"], value_float=0.0),
        helper.make_node("Greater", ["s", "zero"], ["c"]),
        helper.make_node("If", ["c"], ["y"], then_branch=yes, else_branch=no),
    ]
    wanted = np.maximum(X, 0) if X.sum() > 0 else -X
    for written in (17, 16):
        np.testing.assert_array_equal(outcome(calling(function(nodes, written), 17)), -wanted)
