"""Whatever is wrong with a model ends in one EmbedcError that says where it is wrong and what to do."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import FunctionProto, ModelProto, SparseTensorProto, StringStringEntryProto, TensorProto, helper

from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load, survey
from tests.frontends.small import changed, floats, model, network, node, single, stored, tensor

Make = Callable[[], ModelProto]


def refused(source: ModelProto | Path, options: ImportOptions | None = None) -> EmbedcError:
    """The error that loading raises; every fault says what to do."""
    with pytest.raises(EmbedcError) as caught:
        load(source, options or ImportOptions())
    for fault in caught.value.faults:
        assert fault.message
        assert fault.hint, fault.message
        assert "bug in embedc" not in fault.hint, str(fault)
    assert survey(source, options or ImportOptions()).faults == tuple(caught.value.faults)
    return caught.value


FILES: dict[str, tuple[bytes, list[str]]] = {
    "empty": (b"", ["is empty", "again"]),
    "random bytes": (random.Random(0).randbytes(999), ["not an ONNX model", "999 bytes"]),
    "cut off": (network().SerializeToString()[:3000], ["not an ONNX model", "cut off", "original"]),
    "no graph": (ModelProto(ir_version=8).SerializeToString(), ["not an ONNX model"]),
    "web page": (b"<!DOCTYPE html><html>404</html>", ["HTML"]),
    "json": (b'{"a": 1}', ["JSON"]),
    "lfs pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", ["Git LFS", "git lfs pull"]),
    "torch archive": (b"PK\x03\x04....................", ["zip archive", "export the model to ONNX"]),
    "tflite": (b"\x1c\0\0\0TFL3............", ["TensorFlow Lite", "tf2onnx"]),
    "keras": (b"\x89HDF\r\n\x1a\n........", ["HDF5"]),
}


@pytest.mark.parametrize("name", FILES)
def test_file(name: str, tmp_path: Path) -> None:
    data, expected = FILES[name]
    path = tmp_path / "bad.onnx"
    path.write_bytes(data)
    message = str(refused(path))
    for words in ["bad.onnx", *expected]:
        assert words in message


def test_text_that_means_nothing_need_not_be_utf8() -> None:
    data = network().SerializeToString()
    name = network().graph.name.encode()
    load(ModelProto.FromString(data.replace(name, b"\xff" * len(name))), ImportOptions())


def test_path_that_does_not_exist(tmp_path: Path) -> None:
    assert "does not exist" in str(refused(tmp_path / "none.onnx"))


def test_folder(tmp_path: Path) -> None:
    assert "is a folder" in str(refused(tmp_path))


def test_name_with_zero_byte() -> None:
    assert "cannot be read" in str(refused(Path("a\0b.onnx")))


def _opsets(*versions: tuple[str, int]) -> ModelProto:
    def change(m: ModelProto) -> None:
        del m.opset_import[:]
        m.opset_import.extend(helper.make_opsetid(d, v) for d, v in versions)

    return changed(change)


def _edited(name: str, **fields: object) -> ModelProto:
    """The network with fields of an initializer replaced."""

    def change(m: ModelProto) -> None:
        target = stored(m, name)
        for field, value in fields.items():
            target.ClearField(field)
            if isinstance(value, list):
                getattr(target, field).extend(value)
            elif value is not None:
                setattr(target, field, value)

    return changed(change)


def _rewired(name: str, inputs: list[str] | None = None, outputs: list[str] | None = None) -> ModelProto:
    """The network with the inputs or outputs of a node replaced."""

    def change(m: ModelProto) -> None:
        target = node(m, name)
        if inputs is not None:
            target.input[:] = inputs
        if outputs is not None:
            target.output[:] = outputs

    return changed(change)


def _attribute(name: str, **attributes: object) -> ModelProto:
    return changed(lambda m: node(m, name).attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items()))


def _op(op: str, domain: str = "") -> ModelProto:
    def change(m: ModelProto) -> None:
        node(m, "relu").op_type = op
        node(m, "relu").domain = domain

    return changed(change)


def _non_utf8() -> ModelProto:
    data = network().SerializeToString().replace(b"\x04gemm", b"\x04ge\xff\xfe")
    result = ModelProto()
    result.ParseFromString(data)
    return result


def _sparse() -> ModelProto:
    values = helper.make_tensor("s", TensorProto.FLOAT, [1], [1.0])
    indices = helper.make_tensor("i", TensorProto.INT64, [1], [0])
    sparse = SparseTensorProto(values=values, indices=indices, dims=[4])
    return changed(lambda m: m.graph.sparse_initializer.append(sparse))


def _calling(*functions: FunctionProto) -> ModelProto:
    def change(m: ModelProto) -> None:
        node(m, "relu").op_type, node(m, "relu").domain = functions[0].name, "mine"
        m.opset_import.append(helper.make_opsetid("mine", 1))
        m.functions.extend(functions)

    return changed(change)


def _function(name: str, *calls: str) -> FunctionProto:
    """A function that chains calls of other functions, or Relu."""
    names = ["a", *(f"t{i}" for i in range(len(calls) - 1)), "z"]
    nodes = [
        helper.make_node(c, [names[i]], [names[i + 1]], domain="" if c == "Relu" else "mine")
        for i, c in enumerate(calls)
    ]
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("mine", 1)]
    return helper.make_function("mine", name, ["a"], ["z"], nodes, opsets)


def _uneven_if() -> ModelProto:
    one = helper.make_graph([helper.make_node("Relu", ["x"], ["b"])], "one", [], [tensor("b", [4])])
    sums = helper.make_node("ReduceSum", ["x"], ["b"], keepdims=1)
    other = helper.make_graph([sums], "other", [], [tensor("b", [1])])
    chooses = helper.make_node("If", ["c"], ["y"], name="choice", then_branch=one, else_branch=other)
    return model([chooses], [tensor("x", [4]), tensor("c", [], TensorProto.BOOL)], [tensor("y", [4])])


def _stacking_loop() -> ModelProto:
    body = helper.make_graph(
        [helper.make_node("Identity", ["c"], ["d"]), helper.make_node("Relu", ["v"], ["w"])],
        "body",
        [tensor("i", [], TensorProto.INT64), tensor("c", [], TensorProto.BOOL), tensor("v", [4])],
        [tensor("d", [], TensorProto.BOOL), tensor("w", [4]), tensor("w", [4])],
    )
    loop = helper.make_node("Loop", ["n", "", "x"], ["y", "all"], name="looping", body=body)
    return model([loop], [tensor("x", [4]), tensor("n", [], TensorProto.INT64)], [tensor("y", [4])])


def _many_unsupported() -> ModelProto:
    nodes = [
        helper.make_node("NonMaxSuppression", ["x", "x"], ["a"], name="boxes"),
        helper.make_node("ImageDecoder", ["x"], ["b"], name="photo"),
        helper.make_node("FusedConv", ["x", "x"], ["c"], name="fused", domain="com.microsoft"),
        helper.make_node("MaxRoiPool", ["x", "s"], ["d"], name="pool", pooled_shape=[1, 1]),
        helper.make_node("RandomNormalLike", ["x"], ["e"], name="dice"),
    ]
    constants = {"s": np.asarray(1.0, np.float32)}
    return model(nodes, [tensor("x", [3, 1, 4])], list("abcde"), constants)


def _int8_overflow() -> ModelProto:
    weights = TensorProto(name="q", data_type=TensorProto.INT8, dims=[2], int32_data=[1, 300])
    result = single("DequantizeLinear", {}, {"s": np.asarray(1.0, np.float32)}, names=["q", "s"])
    result.graph.initializer.append(weights)
    return result


def _external(location: str, **more: str) -> ModelProto:
    def change(m: ModelProto) -> None:
        target = stored(m, "g")
        target.ClearField("raw_data")
        target.data_location = TensorProto.EXTERNAL
        entries = {"location": location, **more}
        target.external_data.extend(StringStringEntryProto(key=k, value=v) for k, v in entries.items())

    return changed(change)


def _input(shape: list[int | str | None], element: int = TensorProto.FLOAT) -> ModelProto:
    def change(m: ModelProto) -> None:
        del m.graph.input[:]
        m.graph.input.append(tensor("x", shape, element))

    return changed(change)


X = floats(1, 4, 6, 6)
I64 = np.int64

MODELS: dict[str, tuple[Make, list[str]]] = {
    # versions
    "no opset_import": (_opsets, ["opset_import is missing", "export it again"]),
    "opset of another domain only": (lambda: _opsets(("ai.onnx.ml", 2)), ["opset_import is missing"]),
    "opset too new": (lambda: _opsets(("", 999)), ["opset 999", "upgrade"]),
    "opset 0": (lambda: _opsets(("", 0)), ["opset 0"]),
    "two opsets": (lambda: _opsets(("", 13), ("ai.onnx", 17)), ["several opsets: [13, 17]"]),
    # structure
    "no outputs": (lambda: changed(lambda m: m.graph.ClearField("output")), ["no outputs", "--outputs"]),
    "output that nothing computes": (
        lambda: changed(lambda m: m.graph.output.append(tensor("yy", [1]))),
        ["'yy'", "did you mean 'y'"],
    ),
    "output listed twice": (
        lambda: changed(lambda m: m.graph.output.append(tensor("y", [1, 10]))),
        ["one output twice"],
    ),
    "undefined tensor": (
        lambda: _rewired("relu", ["conv_out"]),
        ["node 'relu' (Relu)", "'conv_out'", "which nothing computes", "did you mean"],
    ),
    "missing initializer": (
        lambda: changed(lambda m: m.graph.initializer.remove(stored(m, "g"))),
        ["node 'gemm' (Gemm)", "'g'", "which nothing computes"],
    ),
    "cycle": (lambda: _rewired("conv", ["r", "w", "b"]), ["depend on themselves", "'c'", "'r'", "cycles"]),
    "node that reads itself": (lambda: _rewired("relu", ["r"]), ["depend on themselves: 'r'"]),
    "tensor computed twice": (
        lambda: _rewired("flat", outputs=["r"]),
        ["node 'flat' (Flatten)", "'r'", "node 'relu' (Relu)", "SSA"],
    ),
    "node output named like an initializer": (lambda: _rewired("relu", outputs=["w"]), ["'w'", "initializer"]),
    "node output named like an input": (lambda: _rewired("relu", outputs=["x"]), ["'x'", "an input"]),
    "node without outputs": (lambda: _rewired("relu", outputs=[]), ["node 'relu' (Relu)", "no outputs"]),
    "two initializers of one name": (
        lambda: changed(lambda m: m.graph.initializer.append(stored(m, "b"))),
        ["tensor 'b'", "two initializers"],
    ),
    "two inputs of one name": (
        lambda: changed(lambda m: m.graph.input.append(tensor("x", [1, 3, 8, 8]))),
        ["tensor 'x'", "two inputs"],
    ),
    "name that is not UTF-8": (_non_utf8, ["not UTF-8", r"ge\xff\xfe"]),
    "hostile name": (
        lambda: changed(lambda m: _rename(m, "\x1b[31m\nrm -rf\u202e" + "A" * 999)),
        [r"\x1b[31m\nrm -rf\u202e", "A…"],
    ),
    "axis longer than any table": (
        lambda: model([helper.make_node("Hardmax", ["x"], ["y"])], [tensor("x", [1, 2**31 - 1])], ["y"]),
        ["computes 'y'", "2147483647 positions", "at most"],
    ),
    "two inputs of one name and different ranks": (
        lambda: changed(lambda m: m.graph.input.append(tensor("x", [3]))),
        ["'x'", "two inputs have this name"],
    ),
    "recursive function": (lambda: _calling(_function("f", "g"), _function("g", "f")), ["calls itself"]),
    "exploding functions": (
        lambda: _calling(*(_function(f"f{i}", *[f"f{i + 1}"] * 10) for i in range(9)), _function("f9", *["Relu"] * 10)),
        ["expands to more than 1000000 nodes"],
    ),
    # operators
    "unknown operator": (lambda: _op("Rleu"), ["node 'relu' (Rleu)", "does not exist", "did you mean 'Relu'"]),
    "vendor operator": (
        lambda: _op("FusedRelu", "com.microsoft"),
        ["FusedRelu of domain 'com.microsoft'", "vendor operators"],
    ),
    "operator not supported": (lambda: _op("ImageDecoder"), ["operator ImageDecoder (opset 17)", "--outputs"]),
    "many operators not supported": (
        _many_unsupported,
        [
            "'boxes' (NonMaxSuppression)",
            "'photo' (ImageDecoder)",
            "'fused'",
            "com.microsoft",
            "'pool'",
            "'dice'",
            "random",
        ],
    ),
    "unknown attribute": (lambda: _attribute("conv", winograd=1), ["node 'conv' (Conv)", "'winograd'", "opset 17"]),
    "several unknown attributes": (lambda: _attribute("relu", a=1, b="x"), ["'a'", "'b'"]),
    "attribute of the wrong type": (lambda: _attribute("conv", group=1.5), ["attribute 'group'", "type INT"]),
    "attribute that is no word we know": (
        lambda: single("AveragePool", {"x": X}, kernel_shape=[2, 2], auto_pad="SAME_MIDDLE"),
        ["'SAME_MIDDLE'", "'SAME_UPPER'"],
    ),
    "attribute of absurd value": (lambda: _attribute("conv", strides=[0, 1]), ["strides [0, 1]", "positive"]),
    "attribute of the wrong length": (lambda: _attribute("conv", dilations=[1]), ["dilations [1]", "2 spatial axes"]),
    "attribute missing": (lambda: single("Concat", {"x": X, "z": X}), ["attribute 'axis' is missing"]),
    "operand missing": (lambda: single("Conv", {"x": X}), ["node 'the_conv' (Conv)", "input 1 is missing"]),
    "too many operands": (lambda: _rewired("relu", ["c", "w"]), ["onnx's own checks", "relu"]),
    "training mode": (
        lambda: single("Dropout", {"x": X}, {"r": np.asarray(0.5, np.float32), "t": np.asarray(True)}),
        ["training_mode", "inference mode"],
    ),
    "output of training alone": (
        lambda: single("BatchNormalization", {"x": X}, dict.fromkeys("sbmv", floats(4)), ("y", "mean"), opset=9),
        ["output 1 ('mean') is not supported"],
    ),
    "loop that stacks as often as an input says": (_stacking_loop, ["node 'looping' (Loop)", "while the model runs"]),
    "branches of two shapes": (_uneven_if, ["node 'choice' (If)", "f32[4] in one branch and f32[1] in the other"]),
    # initializers
    "raw data too short": (lambda: _edited("w", raw_data=b"1234"), ["tensor 'w'", "432 bytes, found 4"]),
    "raw data too long": (lambda: _edited("b", raw_data=bytes(17)), ["tensor 'b'", "16 bytes, found 17"]),
    "too few numbers": (lambda: _edited("b", raw_data=None, float_data=[1.0]), ["4 numbers, found 1"]),
    "no data at all": (lambda: _edited("w", raw_data=None), ["tensor 'w'", "108 numbers, found 0"]),
    "numbers out of range": (
        _int8_overflow,
        ["numbers that i8 does not hold"],
    ),
    "constant of strings": (
        lambda: model([helper.make_node("Constant", [], ["y"], value_strings=["a"])], [], ["y"]),
        ["value_strings", "tensor of numbers"],
    ),
    "element type of strings": (lambda: _edited("b", data_type=TensorProto.STRING), ["STRING is not supported"]),
    "element type of complex64": (
        lambda: _edited("b", data_type=TensorProto.COMPLEX64),
        ["COMPLEX64 is not supported"],
    ),
    "element type undefined": (lambda: _edited("b", data_type=0), ["UNDEFINED is not supported"]),
    "element type that does not exist": (lambda: _edited("b", data_type=99), ["number 99 is not supported"]),
    "negative extent": (lambda: _edited("w", dims=[4, 3, -3, 3]), ["[4, 3, -3, 3] is negative"]),
    "absurd extents": (lambda: _edited("w", dims=[2**40, 2**40]), ["more than the 2147483647 elements"]),
    "segment": (
        lambda: changed(lambda m: setattr(stored(m, "w").segment, "begin", 1)),
        ["tensor 'w'", "segments"],
    ),
    "sparse initializer": (_sparse, ["tensor 's'", "sparse", "dense"]),
    "integer weights": (
        lambda: single("Conv", {"x": X}, {"w": np.ones((4, 4, 3, 3), np.int32)}),
        ["conv of f32 with weights of i32"],
    ),
    "several bad initializers": (
        lambda: changed(lambda m: [setattr(stored(m, n), "raw_data", b"12") for n in "wgh"]),
        ["tensor 'w'", "tensor 'g'", "tensor 'h'"],
    ),
    # inputs
    "open dimension": (lambda: _input(["batch", 3, 8, 8]), ["dimension 'batch'", "tensor 'x'", "--dim batch=1"]),
    "several open dimensions": (
        lambda: _input(["N", 3, "H", None]),
        ["--dim N=1", "--dim H=1", "--dim x:3=1"],
    ),
    "open dimension with a strange name": (lambda: _input(["a b;rm", 3, 8, 8]), ["--dim 'a b;rm=1'"]),
    "negative dimension": (lambda: _input([-1, 3, 8, 8]), ["stated as -1", "--dim x:0=1"]),
    "empty dimension": (lambda: _input([1, 0, 8, 8]), ["stated as 0", "--dim x:1=1"]),
    "absurd input": (lambda: _input([2**40, 3, 8, 8]), ["at most 2147483647"]),
    "input of strings": (lambda: _input([1], TensorProto.STRING), ["STRING", "float32"]),
    "input without shape": (
        lambda: changed(lambda m: m.graph.input[0].type.tensor_type.ClearField("shape")),
        ["tensor 'x'", "no shape"],
    ),
    "input without type": (lambda: changed(lambda m: m.graph.input[0].ClearField("type")), ["value without type"]),
    "input that is a sequence": (
        lambda: changed(
            lambda m: m.graph.input[0].type.CopyFrom(
                helper.make_sequence_type_proto(helper.make_tensor_type_proto(1, [1]))
            )
        ),
        ["is a sequence", "only tensors"],
    ),
    # shapes
    "other number of channels": (lambda: _input([1, 4, 8, 8]), ["node 'conv' (Conv)", "4 channels", "take 3"]),
    "wrong rank": (lambda: _input([1, 3, 8]), ["node 'conv' (Conv)", "f32[1,3,8]", "ranks 3, 4 or 5"]),
    "other image size": (lambda: _input([1, 3, 9, 8]), ["node 'gemm' (Gemm)", "288", "256"]),
    "bias of wrong length": (lambda: _edited("b", dims=[2], raw_data=bytes(8)), ["bias is f32[2]", "4 numbers"]),
    "operands that do not broadcast": (
        lambda: single("Add", {"x": X, "z": floats(5)}),
        ["node 'the_add' (Add)", "do not broadcast"],
    ),
    "operands of two types": (lambda: single("Mul", {"x": X, "z": np.ones(6, I64)}), ["f32", "i64", "insert a Cast"]),
    "matrices that do not fit": (
        lambda: single("MatMul", {"x": floats(2, 3), "z": floats(4, 5)}),
        ["multiplies f32[2,3] by f32[4,5]", "3 and 4 differ"],
    ),
    "reshape to another size": (
        lambda: single("Reshape", {"x": X}, {"s": np.asarray([5, -1], I64)}),
        ["cannot reshape f32[1,4,6,6] to [5, -1]", "batch size"],
    ),
    "reshape by a computed shape": (
        lambda: single("Reshape", {"x": X, "s": np.zeros(2, I64)}),
        ["its shape (input 1) is computed while the model runs", "initializer"],
    ),
    "concat of other extents": (
        lambda: single("Concat", {"x": X, "z": floats(1, 4, 5, 6)}, axis=1),
        ["concat along 1"],
    ),
    "kernel larger than the image": (
        lambda: single("Conv", {"x": X}, {"w": floats(1, 4, 9, 9)}),
        ["[9, 9] is larger than the padded input [6, 6]"],
    ),
    "index out of range": (
        lambda: single("Gather", {"x": X}, {"i": np.asarray([7], I64)}, axis=1),
        ["indices 7…7", "axis 1"],
    ),
    "update of another rank": (
        lambda: single("TensorScatter", {"x": X, "u": X[0]}, opset=24),
        ["the_tensorscatter", "update f32"],
    ),
    "axis out of range": (lambda: single("Softmax", {"x": X}, axis=4), ["axis 4 is out of range for rank 4"]),
    "axis named twice": (lambda: single("ReduceMean", {"x": X}, axes=[1, -3]), ["name one axis twice"]),
    "squeeze of an extent": (lambda: single("Squeeze", {"x": X}, {"a": np.asarray([1], I64)}), ["not all 1"]),
    "split into other extents": (
        lambda: single("Split", {"x": X}, {"s": np.asarray([1, 2], I64)}, outputs=("y", "z"), axis=1),
        ["splits axis 1", "[1, 2]"],
    ),
    "groups that do not divide": (
        lambda: single("Conv", {"x": X}, {"w": floats(3, 2, 1, 1)}, group=2),
        ["3 output channels do not divide into 2 groups"],
    ),
    "declared output of another shape": (
        lambda: changed(lambda m: m.graph.output[0].CopyFrom(tensor("y", [1, 11]))),
        ["tensor 'y'", "f32[1,10]", "declares"],
    ),
    "declared output of another type": (
        lambda: changed(lambda m: m.graph.output[0].CopyFrom(tensor("y", [1, 10], TensorProto.INT8))),
        ["tensor 'y'", "declares"],
    ),
    "constant that would fill the memory": (
        lambda: single("ConstantOfShape", {}, {"s": np.asarray([2**40], I64)}),
        ["[1099511627776]", "2147483647"],
    ),
    "range that would fill the memory": (
        lambda: single("Range", {}, {k: np.asarray(v, I64) for k, v in zip("abc", (0, 2**40, 1), strict=True)}),
        ["1099511627776 elements", "at most"],
    ),
    "tensor that would fill the memory": (
        lambda: single("Tile", {"x": X}, {"r": np.asarray([2**20, 1, 2**10, 2**10], I64)}),
        ["at most 2147483647"],
    ),
}


def _rename(m: ModelProto, name: str) -> None:
    """A broken node under another name."""
    target = node(m, "relu")
    target.input[:] = ["nowhere"]
    target.name = name


@pytest.mark.parametrize("name", MODELS)
def test_model(name: str) -> None:
    make, expected = MODELS[name]
    message = str(refused(make()))
    for words in expected:
        assert words in message
    assert len(message) < 4000
    assert all(c.isprintable() or c == "\n" for c in message)


EXTERNAL: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "missing file": ("none.bin", {}, ["'none.bin'", "does not exist beside the model"]),
    "parent folder": ("../secret.bin", {}, ["'../secret.bin'", "outside the model's folder"]),
    "absolute path": ("/etc/passwd", {}, ["outside the model's folder"]),
    "link out of the folder": ("link.bin", {}, ["outside the model's folder"]),
    "folder": (".", {}, ["does not exist"]),
    "empty location": ("", {}, ["without a location"]),
    "cut off": ("short.bin", {}, ["10240 bytes", "has 100 from offset 0"]),
    "offset beyond the end": ("whole.bin", {"offset": "99999"}, ["has 0 from offset 99999"]),
    "length that does not fit": ("whole.bin", {"length": "12"}, ["10240 bytes, its external data has 12"]),
    "offset that is no number": ("whole.bin", {"offset": "-5"}, ["offset '-5', not a number"]),
}


@pytest.mark.parametrize("name", EXTERNAL)
def test_external_data(name: str, tmp_path: Path) -> None:
    location, more, expected = EXTERNAL[name]
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(10240))
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    (folder / "short.bin").write_bytes(bytes(100))
    (folder / "whole.bin").write_bytes(bytes(10240))
    path = folder / "model.onnx"
    path.write_bytes(_external(location, **more).SerializeToString())
    message = str(refused(path))
    for words in ["tensor 'g'", *expected]:
        assert words in message


def test_external_data_without_a_folder() -> None:
    assert "load the model by its path" in str(refused(_external("whole.bin")))


OPTIONS: dict[str, tuple[ImportOptions, list[str]]] = {
    "no such dimension": (
        ImportOptions(dims={"N": 1, "width": 8, "wdith": 8}),
        ["--dim wdith=8", "did you mean 'width'"],
    ),
    "negative": (ImportOptions(dims={"N": -1, "width": 8}), ["--dim N=-1", "not negative"]),
    "negative extent": (ImportOptions(dims={"N": -3, "width": 8}), ["--dim N=-3"]),
    "fixed by the model": (ImportOptions(dims={"N": 1, "width": 8, "x:1": 4}), ["x:1=4", "fixes that dimension at 3"]),
    "absurd": (ImportOptions(dims={"N": 2**40, "width": 8}), ["at most 2147483647"]),
    "no such output": (
        ImportOptions(dims={"N": 1, "width": 8}, outputs=("rr", "nothing like it")),
        ["'rr'", "did you mean 'r'", "'nothing like it'"],
    ),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options(name: str) -> None:
    options, expected = OPTIONS[name]
    message = str(refused(_input(["N", 3, 8, "width"]), options))
    for words in expected:
        assert words in message


def test_faults_of_all_kinds_come_together() -> None:
    bad = _many_unsupported()
    bad.graph.input[0].CopyFrom(tensor("x", ["time", 1, 4]))
    error = refused(bad)
    assert len(error.faults) == 6
    assert "--dim time=1" in str(error)


def test_every_node_is_tried() -> None:
    nodes = [
        helper.make_node("Softmax", ["x"], ["a"], name="first", axis=9),
        helper.make_node("Relu", ["a"], ["b"], name="skipped"),
        helper.make_node("Concat", ["x", "x"], ["c"], name="second", axis=7),
    ]
    error = refused(model(nodes, [tensor("x", [2, 2])], ["b", "c"]))
    assert [f.origin.node for f in error.faults] == ["first", "second"]


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files(seed: int, tmp_path: Path) -> None:
    """Flipped bits and cut ends: whatever is read, nothing but EmbedcError comes out."""
    rng = random.Random(seed)
    whole = network().SerializeToString()
    path = tmp_path / "damaged.onnx"
    for _ in range(60):
        data = bytearray(whole[: rng.randrange(len(whole))] if rng.random() < 0.2 else whole)
        for _ in range(rng.choice((1, 1, 2, 8)) if data else 0):
            # weights are most of the file; the structure lies at both ends
            place = rng.choice((rng.randrange(len(data)), rng.randrange(min(len(data), 200)), -rng.randrange(1, 90)))
            data[place % len(data)] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
        try:
            load(path, ImportOptions())
        except EmbedcError as error:
            assert "bug in embedc" not in str(error)
