"""Recurrent layers with random attributes, loops and branches, against ONNX Runtime."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

import embedc
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.interpreter import run
from embedc.ir.types import Array
from embedc.passes.pipeline import default_pipeline, run_pipeline

GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}
FUNCTIONS = (
    "Tanh",
    "Sigmoid",
    "Relu",
    "Softsign",
    "Softplus",
    "HardSigmoid",
    "LeakyRelu",
    "Elu",
    "Affine",
    "ScaledTanh",
)


def model_of(nodes: list[NodeProto], given: Mapping[str, Array], outputs: list[str]) -> ModelProto:
    inputs = [
        helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in given.items()
    ]
    results = [helper.make_empty_tensor_value_info(name) for name in outputs]
    graph = helper.make_graph(nodes, "test", inputs, results)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def agrees(model: ModelProto, given: Mapping[str, Array]) -> None:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected: list[Any] = list(session.run(None, dict(given)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    graph = load(model, ImportOptions())
    for made in (graph, run_pipeline(graph, default_pipeline())):
        results = run(made, {v.name: given[v.name] for v in made.inputs})
        for value, wanted in zip(model.graph.output, expected, strict=True):
            np.testing.assert_allclose(results[value.name], wanted, rtol=2e-5, atol=2e-5)


def test_only_results_of_nodes_go_by_the_names_of_tensors() -> None:
    """`verify` compares tensors by name, and a layer's inner tensors have no counterpart in the model."""
    given = {
        "x": np.ones((3, 1, 4), np.float32),
        "w": np.ones((1, 15, 4), np.float32),
        "r": np.ones((1, 15, 5), np.float32),
    }
    weights = {name: given.pop(name) for name in "wr"}
    model = model_of([helper.make_node("GRU", ["x", "w", "r"], ["y", "last"])], given, ["y", "last"])
    model.graph.initializer.extend(numpy_helper.from_array(a, n) for n, a in weights.items())
    graph = load(model, ImportOptions())
    named = {v.name: v.type.dims for op in graph.ops for v in op.results if v.name}
    assert named == {"y": (3, 1, 1, 5), "last": (1, 1, 5)}


@pytest.mark.parametrize("seed", range(36))
def test_recurrent_layer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kind = list(GATES)[seed % 3]
    steps, batch, size, hidden = (int(rng.integers(1, n)) for n in (6, 4, 5, 5))
    direction = ("forward", "reverse", "bidirectional")[int(rng.integers(3))]
    count, rows = 1 + (direction == "bidirectional"), GATES[kind] * hidden
    shapes = {"w": (count, rows, size), "r": (count, rows, hidden), "b": (count, 2 * rows), "h": (count, batch, hidden)}
    shapes |= {"c": (count, batch, hidden), "p": (count, 3 * hidden)} if kind == "LSTM" else {}
    given: dict[str, Array] = {"x": rng.standard_normal((steps, batch, size)).astype(np.float32)}
    given |= {name: (rng.standard_normal(shape) * 0.7).astype(np.float32) for name, shape in shapes.items()}
    if rng.random() < 0.4:
        given["n"] = rng.integers(1, steps + 1, batch).astype(np.int32)
    names = ["x", "w", "r", "b", "n", "h", *(["c", "p"] if kind == "LSTM" else [])]
    kept = [name if name in "xwr" or (name in given and rng.random() < 0.7) else "" for name in names]
    attributes: dict[str, Any] = {"hidden_size": hidden, "direction": direction}
    if rng.random() < 0.5:
        attributes["activations"] = [
            str(f) for f in rng.choice(FUNCTIONS, count * {"RNN": 1, "GRU": 2, "LSTM": 3}[kind])
        ]
        attributes["activation_alpha"] = [0.3] * len(FUNCTIONS)
        attributes["activation_beta"] = [0.6] * len(FUNCTIONS)
    if kind == "GRU":
        attributes["linear_before_reset"] = int(rng.integers(2))
    if rng.random() < 0.3:
        attributes["clip"] = 0.5
    outputs = ["y", "yh", *(["yc"] if kind == "LSTM" else [])]
    node = helper.make_node(kind, kept, outputs, name="layer", **attributes)
    given = {name: array for name, array in given.items() if name in kept}
    agrees(model_of([node], given, outputs), given)


def test_loop_that_its_condition_ends() -> None:
    """Doubles until a limit that lies outside; the counter is read too."""
    nodes = [
        helper.make_node("Add", ["v", "v"], ["twice"]),
        helper.make_node("Cast", ["i"], ["number"], to=TensorProto.FLOAT),
        helper.make_node("Add", ["twice", "number"], ["w"]),
        helper.make_node("ReduceSum", ["w"], ["sum"], keepdims=0),
        helper.make_node("Less", ["sum", "limit"], ["goes"]),
    ]
    inputs = [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        helper.make_tensor_value_info("v", TensorProto.FLOAT, [3]),
    ]
    results = [
        helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
        helper.make_tensor_value_info("w", TensorProto.FLOAT, [3]),
    ]
    body = helper.make_graph(nodes, "body", inputs, results)
    loop = helper.make_node("Loop", ["most", "", "x"], ["y"], body=body)
    x = np.asarray([1, 2, 0.5], np.float32)
    for limit, most in ((1.0, 9), (40.0, 9), (1e6, 4), (40.0, 0)):
        given = {"x": x, "limit": np.asarray(limit, np.float32), "most": np.asarray(most, np.int64)}
        agrees(model_of([loop], given, ["y"]), given)


def test_loop_whose_carried_value_grows_is_unrolled() -> None:
    nodes = [helper.make_node("Concat", ["v", "x"], ["w"], axis=0), helper.make_node("Identity", ["go"], ["goes"])]
    inputs = [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        helper.make_tensor_value_info("v", TensorProto.FLOAT, None),
    ]
    results = [
        helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
        helper.make_tensor_value_info("w", TensorProto.FLOAT, None),
    ]
    body = helper.make_graph(nodes, "body", inputs, results)
    three = helper.make_node("Constant", [], ["three"], value_int=3)
    loop = helper.make_node("Loop", ["three", "", "x"], ["y"], body=body)
    given = {"x": np.asarray([1, 2], np.float32)}
    agrees(model_of([three, loop], given, ["y"]), given)


def test_branches_that_read_what_lies_around_them() -> None:
    def branch(name: str, operator: str) -> GraphProto:
        inner = helper.make_node(operator, ["x", "z"], [name])
        return helper.make_graph([inner], name, [], [helper.make_tensor_value_info(name, TensorProto.FLOAT, [3])])

    choose = helper.make_node("If", ["c"], ["y"], then_branch=branch("a", "Add"), else_branch=branch("b", "Mul"))
    double = helper.make_node("Add", ["x", "x"], ["z"])
    for condition in (True, False):
        given = {"x": np.asarray([1, 2, 3], np.float32), "c": np.asarray(condition)}
        agrees(model_of([double, choose], given, ["y"]), given)


def _waiting(depth: int = 1) -> ModelProto:
    """Loops in loops that only their conditions end."""
    inner = [helper.make_node("Add", ["v0", "x"], ["w0"])]
    for level in range(depth):
        sums = helper.make_node("ReduceSum", [f"w{level}"], [f"s{level}"], keepdims=0)
        less = helper.make_node("Less", [f"s{level}", "limit"], [f"goes{level}"])
        inputs = [
            helper.make_tensor_value_info(f"i{level}", TensorProto.INT64, []),
            helper.make_tensor_value_info(f"go{level}", TensorProto.BOOL, []),
            helper.make_tensor_value_info(f"v{level}", TensorProto.FLOAT, [3]),
        ]
        results = [
            helper.make_tensor_value_info(f"goes{level}", TensorProto.BOOL, []),
            helper.make_tensor_value_info(f"w{level}", TensorProto.FLOAT, [3]),
        ]
        body = helper.make_graph([*inner, sums, less], f"body{level}", inputs, results)
        start, end = ("x", "y") if level == depth - 1 else (f"v{level + 1}", f"w{level + 1}")
        inner = [helper.make_node("Loop", ["", "", start], [end], name=f"wait{level}", body=body)]
    given = {"x": np.ones(3, np.float32), "limit": np.asarray(9, np.float32)}
    return model_of(inner, given, ["y"])


def test_a_loop_that_might_never_end_compiles_and_has_no_self_test() -> None:
    bundle = embedc.compile(_waiting(), target="c")
    assert "its loops may run" in bundle.manifest["selftest"]["skipped"]
    (got,) = bundle.run({"x": np.ones(3, np.float32), "limit": np.asarray(10, np.float32)}).values()
    np.testing.assert_array_equal(got, np.full(3, 4, np.float32))


def test_loops_in_loops_take_no_longer_than_their_nodes() -> None:
    assert load(_waiting(depth=24), ImportOptions()).ops


def test_loops_unrolled_in_loops_are_bounded() -> None:
    inner: list[NodeProto] = [helper.make_node("Concat", ["v0", "x"], ["w0"], axis=0)]
    for level in range(4):
        keep = helper.make_node("Identity", [f"go{level}"], [f"goes{level}"])
        inputs = [
            helper.make_tensor_value_info(f"i{level}", TensorProto.INT64, []),
            helper.make_tensor_value_info(f"go{level}", TensorProto.BOOL, []),
            helper.make_tensor_value_info(f"v{level}", TensorProto.FLOAT, None),
        ]
        results = [
            helper.make_tensor_value_info(f"goes{level}", TensorProto.BOOL, []),
            helper.make_tensor_value_info(f"w{level}", TensorProto.FLOAT, None),
        ]
        body = helper.make_graph([*inner, keep], f"body{level}", inputs, results)
        start, end = ("x", "y") if level == 3 else (f"v{level + 1}", f"w{level + 1}")
        inner = [helper.make_node("Loop", ["many", "", start], [end], body=body)]
    many = helper.make_node("Constant", [], ["many"], value_int=60)
    model = model_of([many, *inner], {"x": np.ones(1, np.float32)}, ["y"])
    with pytest.raises(embedc.EmbedcError, match="expand to more than"):
        load(model, ImportOptions())


def test_a_body_that_always_ends_its_loop_runs_once() -> None:
    no = helper.make_node("Constant", [], ["no"], value=numpy_helper.from_array(np.asarray(False)))
    nodes = [no, helper.make_node("Add", ["v", "v"], ["w"]), helper.make_node("Identity", ["w"], ["row"])]
    inputs = [
        helper.make_tensor_value_info("i", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        helper.make_tensor_value_info("v", TensorProto.FLOAT, [2]),
    ]
    results = [
        helper.make_tensor_value_info("no", TensorProto.BOOL, []),
        helper.make_tensor_value_info("w", TensorProto.FLOAT, [2]),
        helper.make_tensor_value_info("row", TensorProto.FLOAT, [2]),
    ]
    five = helper.make_node("Constant", [], ["five"], value_int=5)
    loop = helper.make_node(
        "Loop", ["five", "", "x"], ["y", "rows"], body=helper.make_graph(nodes, "b", inputs, results)
    )
    given = {"x": np.asarray([1, 2], np.float32)}
    agrees(model_of([five, loop], given, ["y", "rows"]), given)
