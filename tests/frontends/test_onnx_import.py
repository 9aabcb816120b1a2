"""What the importer makes of whole models: origins, folding, dimensions, cuts, functions, external data, memory."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, external_data_helper, helper, numpy_helper

from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load, survey
from embedc.ir.interpreter import run
from embedc.ops.elementwise import Const
from embedc.ops.layout import Reshape
from tests.frontends.small import Shape, changed, floats, model, network, node, single, stored, tensor

IMAGE = floats(1, 3, 8, 8)


def outcome(source: ModelProto | Path, options: ImportOptions | None = None) -> np.ndarray:
    """The only output for the image."""
    graph = load(source, options or ImportOptions())
    (only,) = run(graph, {graph.inputs[0].name: IMAGE}).values()
    return only


def with_input(*shape: int | str | None) -> ModelProto:
    """The network with another input shape and an output that leaves its batch open."""

    def change(m: ModelProto) -> None:
        m.graph.input[0].CopyFrom(tensor("x", shape))
        m.graph.output[0].CopyFrom(tensor("y", [shape[0] if isinstance(shape[0], str) else 1, 10]))

    return changed(change)


def test_origins_name_node_operator_and_tensor() -> None:
    graph = load(network(), ImportOptions(name="net"))
    assert graph.name == "net"
    computed = [v for op in graph.ops if not isinstance(op, Const) for v in op.results]
    assert {(v.origin.node, v.origin.operator, v.origin.tensor) for v in computed} == {
        ("conv", "Conv", ""),  # before the bias
        ("conv", "Conv", "c"),
        ("gemm", "Gemm", ""),
        ("relu", "Relu", "r"),
        ("flat", "Flatten", "f"),
        ("gemm", "Gemm", "y"),
    }
    stored_names = {op.origin.tensor for op in graph.ops if isinstance(op, Const) and not op.origin.operator}
    assert {"w", "g", "h"} <= stored_names


def test_each_output_has_its_own_name() -> None:
    source = single("Split", {"x": IMAGE}, outputs=("a", "b", "c"), axis=1)
    assert [op.origin.tensor for op in load(source, ImportOptions()).ops] == ["a", "b", "c"]


def test_nodes_may_come_in_any_order() -> None:
    shuffled = changed(lambda m: m.graph.node.reverse())
    np.testing.assert_array_equal(outcome(shuffled), outcome(network()))


def test_initializers_that_are_inputs_are_constants() -> None:
    old = changed(lambda m: m.graph.input.append(tensor("w", [4, 3, 3, 3])))
    assert [v.name for v in load(old, ImportOptions()).inputs] == ["x"]


def test_the_model_is_left_as_it_was() -> None:
    source = with_input("N", 3, 8, 8)
    before = source.SerializeToString()
    load(source, ImportOptions(dims={"N": 1}))
    assert source.SerializeToString() == before


def test_unneeded_nodes_are_not_looked_at() -> None:
    extra = helper.make_node("LSTM", ["r"], ["unused"], name="dead")
    load(changed(lambda m: m.graph.node.append(extra)), ImportOptions())


def test_outputs_may_be_inputs_or_constants() -> None:
    def change(m: ModelProto) -> None:
        m.graph.output.append(tensor("x", [1, 3, 8, 8]))
        m.graph.output.append(tensor("b", [4]))

    graph = load(changed(change), ImportOptions())
    results = run(graph, {"x": IMAGE})
    assert list(results) == ["y", "x", "b"]
    np.testing.assert_array_equal(results["x"], IMAGE)


def test_all_element_types() -> None:
    for element in (np.float16, np.float64, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32,
                    np.uint64, np.bool_):  # fmt: skip
        data = np.arange(6).reshape(2, 3).astype(element)
        for raw in (True, False):
            kind = helper.np_dtype_to_tensor_dtype(data.dtype)
            values = data.tobytes() if raw else data.reshape(-1).tolist()
            constant = helper.make_tensor("k", kind, data.shape, values, raw)
            source = model([helper.make_node("Identity", ["k"], ["y"])], [], ["y"])
            source.graph.initializer.append(constant)
            got = run(load(source, ImportOptions()), {})["y"]
            assert got.dtype == data.dtype
            np.testing.assert_array_equal(got, data)


def test_four_bit_weights() -> None:
    for kind, values in ((TensorProto.INT4, [-8, 7, -1, 0, 3]), (TensorProto.UINT4, [0, 15, 8, 7, 1])):
        source = model([helper.make_node("DequantizeLinear", ["q", "s"], ["y"])], [], ["y"], opset=21)
        source.ir_version = 10
        source.graph.initializer.append(helper.make_tensor("q", kind, [5], values))
        source.graph.initializer.append(numpy_helper.from_array(np.asarray(0.5, np.float32), "s"))
        np.testing.assert_array_equal(run(load(source, ImportOptions()), {})["y"], np.asarray(values) * np.float32(0.5))


# dimensions


@pytest.mark.parametrize(
    ("shape", "dims"),
    [
        (("N", 3, 8, 8), {"N": 1}),
        (("N", 3, 8, 8), {"x:0": 1}),
        (("N", 3, "S", "S"), {"N": 1, "S": 8}),
        ((None, 3, 8, None), {"x:0": 1, "x:3": 8}),
        ((-1, 3, 8, 0), {"x:0": 1, "x:3": 8}),
        ((1, 3, 8, 8), {"x:1": 3}),
    ],
)
def test_dims(shape: Shape, dims: dict[str, int]) -> None:
    source = with_input(*shape)
    np.testing.assert_array_equal(outcome(source, ImportOptions(dims=dims)), outcome(network()))


def test_declared_outputs_follow_the_dimensions() -> None:
    with pytest.raises(EmbedcError, match=r"f32\[2,10\]"):
        load(changed(lambda m: m.graph.input[0].CopyFrom(tensor("x", ["N", 3, 8, 8]))), ImportOptions(dims={"N": 2}))
    assert load(with_input("N", 3, 8, 8), ImportOptions(dims={"N": 2})).outputs["y"].type.dims == (2, 10)


# cuts


def test_cut_at_any_tensor() -> None:
    graph = load(network(), ImportOptions(outputs=("r", "c")))
    assert list(graph.outputs) == ["r", "c"]
    assert not any(op.origin.operator in ("Gemm", "Flatten") for op in graph.ops)


def test_a_cut_drops_unneeded_inputs() -> None:
    nodes = [helper.make_node("Relu", ["a"], ["c"]), helper.make_node("Add", ["c", "b"], ["y"])]
    source = model(nodes, [tensor("a", [2]), tensor("b", ["open"])], ["y"])
    assert [v.name for v in load(source, ImportOptions(outputs=("c",))).inputs] == ["a"]


def test_a_cut_avoids_unsupported_operators() -> None:
    source = changed(lambda m: setattr(node(m, "gemm"), "op_type", "NonMaxSuppression"))
    assert list(load(source, ImportOptions(outputs=("f",))).outputs) == ["f"]


# folding


def test_shapes_computed_by_the_model() -> None:
    """What exporters write for x.view(x.size(0), -1) and for an upsampling by two."""
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "zero"], ["n"]),
        helper.make_node("Unsqueeze", ["n", "axis"], ["n1"]),
        helper.make_node("Concat", ["n1", "minus"], ["target"], axis=0),
        helper.make_node("Reshape", ["x", "target"], ["flat"]),
        helper.make_node("Slice", ["s", "two", "four"], ["hw"]),
        helper.make_node("Cast", ["hw"], ["hwf"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["hwf", "factor"], ["double"]),
        helper.make_node("Floor", ["double"], ["floored"]),
        helper.make_node("Cast", ["floored"], ["hw2"], to=TensorProto.INT64),
        helper.make_node("Slice", ["s", "zero1", "two"], ["nc"]),
        helper.make_node("Concat", ["nc", "hw2"], ["sizes"], axis=0),
        helper.make_node("Resize", ["x", "", "", "sizes"], ["big"], mode="nearest", nearest_mode="floor",
                         coordinate_transformation_mode="asymmetric"),
    ]  # fmt: skip
    numbers = {"axis": [0], "minus": [-1], "two": [2], "four": [4], "zero1": [0]}
    constants = {k: np.asarray(v, np.int64) for k, v in numbers.items()}
    constants |= {"zero": np.asarray(0), "factor": np.asarray([2.0], np.float32)}
    graph = load(model(nodes, [tensor("x", ["N", 3, 8, 8])], ["flat", "big"], constants), ImportOptions(dims={"N": 1}))
    assert graph.outputs["flat"].type.dims == (1, 192)
    assert graph.outputs["big"].type.dims == (1, 3, 16, 16)
    assert [op.opname for op in graph.ops] == ["reshape", "index", "reshape"]
    assert isinstance(graph.ops[0], Reshape)
    results = run(graph, {"x": IMAGE})
    np.testing.assert_array_equal(results["big"], IMAGE.repeat(2, axis=2).repeat(2, axis=3))


def test_a_branch_whose_condition_is_known() -> None:
    """What exporters write for squeeze: If(Equal(Gather(Shape(x), 1), 1)), Squeeze, Identity."""
    yes = helper.make_graph([helper.make_node("Squeeze", ["x", "axis"], ["t"])], "yes", [], [tensor("t", None)])
    no = helper.make_graph([helper.make_node("Identity", ["x"], ["e"])], "no", [], [tensor("e", None)])
    nodes = [
        helper.make_node("Shape", ["x"], ["s"]),
        helper.make_node("Gather", ["s", "one"], ["n"]),
        helper.make_node("Equal", ["n", "one"], ["c"]),
        helper.make_node("If", ["c"], ["y"], then_branch=yes, else_branch=no),
        helper.make_node("Relu", ["y"], ["z"]),
    ]
    constants = {"one": np.asarray(1), "axis": np.asarray([1])}
    for extent, rank in ((1, 2), (3, 3)):
        graph = load(model(nodes, [tensor("x", [2, extent, 4])], ["z"], constants), ImportOptions())
        assert graph.outputs["z"].type.rank == rank


def test_faults_inside_a_branch() -> None:
    branch = helper.make_graph([helper.make_node("NonZero", ["x"], ["t"], name="inner")], "b", [], [tensor("t", None)])
    nodes = [helper.make_node("If", ["c"], ["y"], then_branch=branch, else_branch=branch)]
    source = model(nodes, [tensor("x", [2])], ["y"], {"c": np.asarray(True)})
    with pytest.raises(EmbedcError, match=r"node 'inner' \(NonZero\)"):
        load(source, ImportOptions())


def test_large_constants_are_left_to_the_passes() -> None:
    source = single("Exp", {"x": IMAGE}, {"k": floats(100)}, outputs=("y",), names=["k"])
    assert [op.opname for op in load(source, ImportOptions()).ops] == ["const", "map"]


# functions


def test_local_functions_are_inlined() -> None:
    body = [helper.make_node("Relu", ["a"], ["t"]), helper.make_node("Neg", ["t"], ["z"])]
    function = helper.make_function("mine", "NegRelu", ["a"], ["z"], body, [helper.make_opsetid("", 17)])

    def change(m: ModelProto) -> None:
        node(m, "relu").op_type, node(m, "relu").domain = "NegRelu", "mine"
        m.opset_import.append(helper.make_opsetid("mine", 1))
        m.functions.append(function)

    graph = load(changed(change), ImportOptions())
    assert [op.origin.operator for op in graph.ops if not isinstance(op, Const)][2:4] == ["Relu", "Neg"]


def test_operators_known_by_their_definition() -> None:
    source = single("CenterCropPad", {"x": floats(5, 4)}, {"s": np.asarray([3, 6])}, opset=18)
    assert load(source, ImportOptions()).outputs["y"].type.dims == (3, 6)


@pytest.mark.parametrize("imported", ["", "ai.onnx"])
@pytest.mark.parametrize("used", ["", "ai.onnx"])
def test_both_names_of_the_default_domain(imported: str, used: str) -> None:
    def change(m: ModelProto) -> None:
        m.opset_import[0].domain = imported
        for n in m.graph.node:
            n.domain = used

    np.testing.assert_array_equal(outcome(changed(change)), outcome(network()))


def test_unused_domains_do_no_harm() -> None:
    load(changed(lambda m: m.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))), ImportOptions())


# external data and memory


def test_external_data(tmp_path: Path) -> None:
    whole = network()
    wanted = outcome(whole)
    external_data_helper.convert_model_to_external_data(whole, location="weights.bin", size_threshold=0)
    whole = external_data_helper.write_external_data_tensors(whole, str(tmp_path))
    (tmp_path / "net.onnx").write_bytes(whole.SerializeToString())
    assert (tmp_path / "weights.bin").stat().st_size > 10000
    np.testing.assert_array_equal(outcome(tmp_path / "net.onnx"), wanted)


def test_external_data_in_a_folder_below(tmp_path: Path) -> None:
    whole = network()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "g.bin").write_bytes(bytes(7) + stored(whole, "g").raw_data)
    target = stored(whole, "g")
    external_data_helper.set_external_data(target, "data/g.bin", offset=7, length=10240)
    target.ClearField("raw_data")
    (tmp_path / "net.onnx").write_bytes(whole.SerializeToString())
    np.testing.assert_array_equal(outcome(tmp_path / "net.onnx"), outcome(network()))


def test_splats_are_stored_once() -> None:
    nodes = [
        helper.make_node("ConstantOfShape", ["s"], ["k"], value=numpy_helper.from_array(np.asarray([2.0], np.float32))),
        helper.make_node("Unsqueeze", ["k", "axis"], ["u"]),
        helper.make_node("Expand", ["u", "wide"], ["e"]),
        helper.make_node("Mul", ["e", "e"], ["m"]),
        helper.make_node("Add", ["x", "m"], ["y"]),
    ]
    constants = {"s": np.asarray([1000, 1000]), "axis": np.asarray([0]), "wide": np.asarray([500, 1, 1])}
    graph = load(model(nodes, [tensor("x", [1])], ["y"], constants), ImportOptions())
    (splat,) = (op for op in graph.ops if isinstance(op, Const))
    assert splat.is_splat
    assert splat.type.dims == (500, 1000, 1000)
    assert splat.data.flat[0] == 4


MEASURE = """
import sys
from pathlib import Path
from embedc.frontends.onnx import ImportOptions, load
load(Path(sys.argv[1]), ImportOptions())
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)  # ru_maxrss would count the peak of the process that started this one
"""


@pytest.mark.parametrize("as_node", [False, True])
def test_memory_stays_near_the_weights(tmp_path: Path, as_node: bool) -> None:
    weights = 48  # MB
    data = np.ones((weights * 1024, 256), np.float32)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["y"])]
    if as_node:
        nodes.insert(0, helper.make_node("Constant", [], ["w"], value=numpy_helper.from_array(data)))
    inputs = [tensor("x", [1, data.shape[0]])]
    big = model(nodes, inputs, ["y"], {} if as_node else {"w": data})
    (tmp_path / "big.onnx").write_bytes(big.SerializeToString())
    command = [sys.executable, "-c", MEASURE, str(tmp_path / "big.onnx")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert int(done.stdout) < 250 + 4 * weights


# survey


def test_survey_of_a_model_that_compiles() -> None:
    found = survey(network(), ImportOptions())
    assert found.opset == 17
    assert found.inputs == ("x: f32[1,3,8,8]",)
    assert found.outputs == ("y: f32[1,10]",)
    assert found.op_counts == {"Conv": 1, "Relu": 1, "Flatten": 1, "Gemm": 1}
    assert found.parameters == 108 + 4 + 2560 + 10
    assert found.parameter_bytes == 4 * found.parameters
    assert found.graph is not None
    assert not found.faults


def test_survey_of_a_model_that_does_not() -> None:
    def change(m: ModelProto) -> None:
        m.graph.input[0].CopyFrom(tensor("x", ["N", 3, 8, None]))
        node(m, "relu").op_type = "Multinomial"

    found = survey(changed(change), ImportOptions())
    assert [d.key for d in found.open_dims] == ["N", "x:3"]
    assert found.inputs == ("x: f32[N,3,8,?]",)
    assert found.unsupported == {"Multinomial"}
    assert len(found.faults) == 3
    assert found.graph is None


def test_survey_of_no_model(tmp_path: Path) -> None:
    found = survey(tmp_path / "none.onnx", ImportOptions(name="n"))
    assert found.name == "n"
    assert len(found.faults) == 1
