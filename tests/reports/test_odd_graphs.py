"""Graphs as nobody would write them and as tools write them: compiled, run in C, compared with ONNX Runtime."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

import embedc
from embedc.verify.onnxruntime import Oracle
from tests.frontends.small import Array, floats, model, tensor

Make = Callable[[], onnx.ModelProto]
X = tensor("x", [2, 3])
ZERO: Array = np.zeros((), np.float32)


def node(op: str, inputs: Sequence[str], *outputs: str, **attributes: Any) -> NodeProto:
    return helper.make_node(op, list(inputs), list(outputs), name=f"{op} of {outputs[0]}", **attributes)


def built(
    *nodes: NodeProto,
    inputs: Sequence[ValueInfoProto] = (X,),
    outputs: Sequence[ValueInfoProto | str] = ("y",),
    opset: int = 17,
    **constants: Array,
) -> onnx.ModelProto:
    return model(nodes, inputs, outputs, constants, opset)


def long_chain() -> onnx.ModelProto:
    """Deeper than Python's stack, of operators that do not melt into one."""
    names = ["x", *(f"a{k}" for k in range(1100)), "y"]
    nodes = [node("CumSum", [names[k], "axis"], names[k + 1], reverse=k % 2) for k in range(1100)]
    return built(*nodes, node("Tanh", ["a1099"], "y"), axis=np.asarray(0), inputs=[tensor("x", [1, 3])])


def many_constants() -> onnx.ModelProto:
    """A constant for each link of a chain, which is folded."""
    nodes: list[NodeProto] = []
    last = "x"
    for k in range(300):
        value = numpy_helper.from_array(np.asarray([1 + k % 7, -1, 2], np.float32) / np.float32(4))
        nodes.append(node("Constant", [], f"k{k}", value=value))
        nodes.append(node("Add" if k % 2 else "Max", [last, f"k{k}"], f"s{k}"))
        last = f"s{k}"
    return built(*nodes, node("Identity", [last], "y"))


def wide_sum() -> onnx.ModelProto:
    """Branches that one operator joins."""
    names = [f"b{k}" for k in range(150)]
    nodes = [node("Mul", ["x", f"k{k}"], name) for k, name in enumerate(names)]
    constants: dict[str, Array] = {f"k{k}": np.asarray(k / 64, np.float32) for k in range(150)}
    return model([*nodes, node("Concat", names, "y", axis=1)], [X], ["y"], constants)


def typed_fields() -> onnx.ModelProto:
    """Numbers in typed fields, one of each kind, instead of raw bytes."""
    result = built(node("Cast", ["h"], "f", to=1), node("Add", ["x", "f"], "s"), node("Add", ["s", "d32"], "y"))
    half = np.asarray([1.5, -2, 6e-8], np.float16)
    result.graph.initializer.append(
        TensorProto(name="h", data_type=TensorProto.FLOAT16, dims=[3], int32_data=half.view(np.uint16).tolist())
    )
    result.graph.initializer.append(
        TensorProto(name="d32", data_type=TensorProto.FLOAT, dims=[1, 3], float_data=[0.1, 1e-40, -7])
    )
    return result


def shadowing_subgraph() -> onnx.ModelProto:
    """Bodies with names of their own that are used outside too, only one of which runs."""
    yes = helper.make_graph([node("Relu", ["x"], "inner"), node("Neg", ["inner"], "t")], "g", [], [tensor("t", None)])
    no = helper.make_graph([node("Abs", ["x"], "inner"), node("Exp", ["inner"], "t")], "g", [], [tensor("t", None)])
    chosen = helper.make_node("If", ["c"], ["r"], then_branch=yes, else_branch=no)
    sums = node("ReduceSum", ["x"], "s", keepdims=0)
    return built(sums, node("Less", ["s", "zero"], "c"), chosen, node("Neg", ["r"], "y"), zero=ZERO)


def initializers_in_a_branch() -> onnx.ModelProto:
    """A body with constants of its own, one of them its result."""
    weights = numpy_helper.from_array(floats(3, 3), "w")
    yes = helper.make_graph([node("MatMul", ["x", "w"], "t")], "g", [], [tensor("t", [2, 3])], [weights])
    no = helper.make_graph([], "g", [], [tensor("k", [2, 3])], [numpy_helper.from_array(floats(2, 3), "k")])
    chosen = helper.make_node("If", ["c"], ["y"], then_branch=yes, else_branch=no)
    return built(node("ReduceSum", ["x"], "s", keepdims=0), node("Less", ["s", "zero"], "c"), chosen, zero=ZERO)


IMAGE = tensor("x", [1, 2, 9, 11])
GRAPHS: dict[str, tuple[Make, str]] = {  # with the class of failure, and the public report where there is one
    # inputs and outputs
    "output that is used inside too": (
        lambda: built(node("Relu", ["x"], "y"), node("Neg", ["y"], "z"), outputs=["y", "z"]),
        "outputs that other nodes read",
    ),
    "output that is an input": (lambda: built(node("Neg", ["x"], "y"), outputs=["x", "y"]), "outputs without a node"),
    "only an input handed through": (lambda: built(outputs=["x"]), "models without nodes"),
    "output that is an initializer": (
        lambda: built(node("Neg", ["x"], "y"), outputs=["k", "y"], k=floats(2, 2)),
        "outputs without a node",
    ),
    "one value under two output names": (
        lambda: built(node("Relu", ["x"], "r"), node("Identity", ["r"], "y"), node("Identity", ["r"], "z"),
                      outputs=["y", "z", "r"]),
        "tflite-micro #913: a buffer that is an output too",
    ),
    "views of one value as outputs": (
        lambda: built(node("Relu", ["x"], "r"), node("Transpose", ["r"], "y", perm=[1, 0]), node("Flatten", ["x"], "z"),
                      outputs=["y", "z", "r"]),
        "tflite-micro #913",
    ),
    "input that nothing reads": (
        lambda: built(node("Relu", ["x"], "y"), inputs=[tensor("unused", [5]), X]),
        "unused inputs",
    ),
    "no inputs": (lambda: built(node("Exp", ["k"], "y"), inputs=[], k=floats(2, 2)), "onnxruntime #28135: models without inputs"),
    "scalars": (
        lambda: built(node("Add", ["x", "k"], "y"), inputs=[tensor("x", [])], k=np.asarray(2, np.float32)),
        "onnx2c #86: tensor of no dimensions",
    ),
    "scalar result of a reduction": (
        lambda: built(node("ReduceMean", ["x"], "m", keepdims=0), node("Unsqueeze", ["m", "a"], "y"), a=np.asarray([0])),
        "onnx2c #86",
    ),
    "operand given twice": (lambda: built(node("MatMul", ["x", "x"], "y"), inputs=[tensor("x", [3, 3])]), "one operand as both"),
    "both operands die in place": (
        lambda: built(node("Relu", ["x"], "a"), node("Sub", ["a", "a"], "b"), node("Mul", ["a", "b"], "c"),
                      node("Add", ["c", "a"], "y")),
        "LiteRT #8928: buffers that alias",
    ),
    # optional operands
    "optional operands left out": (
        lambda: built(node("Clip", ["x", "", "top"], "c"), node("Clip", ["c", "low", ""], "d"),
                      node("Clip", ["d", "", ""], "e"), node("Clip", ["e"], "y"), top=ZERO, low=ZERO - 1),
        "empty names of operands",
    ),
    "optional outputs left out": (
        lambda: built(node("Dropout", ["x"], "d", ""), node("MaxPool", ["d"], "y", "", kernel_shape=[2]),
                      inputs=[tensor("x", [1, 2, 3])]),
        "empty names of results",
    ),
    "last outputs left out": (
        lambda: built(node("LSTM", ["x", "w", "r", "", "", "h"], "", "y", hidden_size=2),
                      inputs=[tensor("x", [4, 1, 3])], w=floats(1, 8, 3), r=floats(1, 8, 2), h=floats(1, 1, 2)),
        "recurrent layers of which only the state is wanted",
    ),
    "dropout with a mask that nobody reads": (
        lambda: built(node("Dropout", ["x"], "y", "mask")),
        "results that nobody reads",
    ),
    # zero extents
    "slices of nothing": (
        lambda: built(node("Slice", ["x", "b", "e", "a"], "s"), node("Concat", ["x", "s"], "y", axis=1),
                      b=np.asarray([3]), e=np.asarray([9]), a=np.asarray([1])),
        "empty tensors among what is joined",
    ),
    "split with empty parts": (
        lambda: built(node("Split", ["x", "parts"], "a", "b", "c", axis=1), node("Concat", ["c", "a"], "y", axis=1),
                      parts=np.asarray([2, 0, 1])),
        "iree #18385: parts of no elements",
    ),
    "sum over nothing": (
        lambda: built(node("Slice", ["x", "b", "e", "a"], "s"), node("ReduceSum", ["s", "a"], "y"),
                      b=np.asarray([3]), e=np.asarray([9]), a=np.asarray([1])),
        "sums over empty axes",
    ),
    "product over nothing": (
        lambda: built(node("Slice", ["x", "b", "e", "a"], "s"), node("MatMul", ["s", "k"], "y"),
                      b=np.asarray([3]), e=np.asarray([9]), a=np.asarray([1]), k=np.zeros((0, 4), np.float32)),
        "products over empty axes",
    ),
    # names
    "names with anything": (
        lambda: built(node("Relu", ["/in.put:0"], "model/ünïcode/日本"), node("Neg", ["model/ünïcode/日本"], "int"),
                      node("Exp", ["int"], "Y"), node("Abs", ["int"], "y"),
                      inputs=[tensor("/in.put:0", [2, 3])], outputs=["int", "Y", "y"]),
        "burn #2878, pytorch #130374: names that are no identifiers",
    ),
    "names of C's library and of ours": (
        lambda: built(node("Relu", ["memcpy"], "scratch"), node("Neg", ["scratch"], "io"), node("Exp", ["io"], "expf"),
                      node("Tanh", ["expf"], "NAN"), node("Abs", ["NAN"], "EC_INLINE"),
                      inputs=[tensor("memcpy", [2, 3])], outputs=["scratch", "io", "expf", "NAN", "EC_INLINE"]),
        "keywords, macros and functions as names",
    ),
    "names that differ in case alone": (
        lambda: built(node("Relu", ["x"], "A"), node("Neg", ["A"], "a"), node("Exp", ["a"], "a_"), node("Abs", ["a_"], "a.")
                      , outputs=["A", "a", "a_", "a."]),
        "names that become one identifier",
    ),
    "nodes without names": (
        lambda: built(helper.make_node("Relu", ["x"], ["1"]), helper.make_node("Neg", ["1"], ["2"]), outputs=["1", "2"]),
        "tensors that are called by numbers",
    ),
    # size and depth
    "long chain": (long_chain, "recursion in the compiler"),
    "many constants": (many_constants, "hundreds of Constant nodes"),
    "one operator with many operands": (wide_sum, "many operands"),
    # storage
    "typed fields": (typed_fields, "onnx-mlir #1886: data in another field than raw bytes"),
    # subgraphs
    "names of bodies and of the graph": (shadowing_subgraph, "names in branches"),
    "constants in a branch": (initializers_in_a_branch, "tflite-micro #1575: branches without operators"),
    # windows
    "strides, dilations, uneven padding": (
        lambda: built(node("Conv", ["x", "w"], "y", pads=[0, 3, 2, 1], strides=[2, 3], dilations=[3, 2]),
                      inputs=[IMAGE], w=floats(3, 2, 3, 2)),
        "windows with everything uneven",
    ),
    "padding wider than the kernel": (
        lambda: built(node("Conv", ["x", "w"], "y", pads=[4, 0, 0, 5], strides=[3, 1]), inputs=[IMAGE], w=floats(3, 2, 2, 3)),
        "whole windows in the padding",
    ),
    "pooling with dilations and ceil": (
        lambda: built(node("MaxPool", ["x"], "y", kernel_shape=[2, 3], pads=[1, 0, 0, 1], strides=[2, 3],
                           dilations=[2, 2], ceil_mode=1), inputs=[IMAGE]),
        "windows that end outside",
    ),
    "average that counts padding": (
        lambda: built(node("AveragePool", ["x"], "y", kernel_shape=[3, 3], pads=[2, 0, 1, 2], strides=[2, 2],
                           count_include_pad=1), inputs=[IMAGE]),
        "averages over padding",
    ),
    "transposed with output padding": (
        lambda: built(node("ConvTranspose", ["x", "w"], "y", strides=[3, 2], pads=[1, 0, 2, 1], output_padding=[1, 1],
                           dilations=[2, 1], group=2), inputs=[IMAGE], w=floats(2, 3, 3, 2)),
        "transposed windows with everything uneven",
    ),
    "padding that the model says by name": (
        lambda: built(node("Conv", ["x", "w"], "y", auto_pad="SAME_LOWER", strides=[2, 2], kernel_shape=[2, 4]),
                      inputs=[IMAGE], w=floats(3, 2, 2, 4)),
        "padding by name",
    ),
    "negative padding": (
        lambda: built(node("Pad", ["x", "p"], "y"), inputs=[IMAGE], p=np.asarray([0, 0, -2, 1, 0, 0, 3, -4])),
        "Pad that crops",
    ),
    "broadcast from both sides": (
        lambda: built(node("Add", ["x", "k"], "y"), inputs=[tensor("x", [3, 1, 4])], k=floats(2, 1, 5, 1)),
        "broadcasts of both operands",
    ),
    "steps backwards": (
        lambda: built(node("Slice", ["x", "b", "e", "a", "s"], "y"), inputs=[IMAGE], b=np.asarray([-1, 100]),
                      e=np.asarray([-100, 2]), a=np.asarray([-1, 2]), s=np.asarray([-3, -2])),
        "onnx2c #47: slices with negative steps and bounds outside",
    ),
    "negative indices": (
        lambda: built(node("Gather", ["x", "i"], "y", axis=-1), inputs=[IMAGE], i=np.asarray([[-1, 0], [-11, 3]])),
        "Gather from the end",
    ),
    "casts of everything": (
        lambda: built(node("Cast", ["x"], "i", to=TensorProto.INT8), node("Cast", ["i"], "b", to=TensorProto.BOOL),
                      node("Cast", ["b"], "h", to=TensorProto.FLOAT16), node("Cast", ["h"], "d", to=TensorProto.DOUBLE),
                      node("Cast", ["d"], "u", to=TensorProto.UINT16), node("Cast", ["u"], "y", to=1)),
        "onnx2c #26: casts between all kinds of elements",
    ),
}  # fmt: skip


def given(source: onnx.ModelProto) -> dict[str, Array]:
    generator = np.random.default_rng(0)
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in source.graph.input}
    return {name: generator.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}


def differences(got: Mapping[str, Array], expected: Mapping[str, Array]) -> None:
    assert list(got) == list(expected)
    for name, wanted in expected.items():
        assert got[name].shape == wanted.shape, name
        np.testing.assert_allclose(got[name], wanted, rtol=1e-5, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("name", GRAPHS)
def test_odd_graph(name: str, tmp_path: Path) -> None:
    source = GRAPHS[name][0]()
    bundle = embedc.compile(source, "c", tmp_path / "net", name="net")
    outputs = [v.name for v in source.graph.output]
    inputs = given(source)
    expected = Oracle(source, {o: o for o in outputs}, optimized=False).run(inputs)
    differences(bundle.run(inputs), expected)
