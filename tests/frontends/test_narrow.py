"""Integers of 4 and 2 bits, one in a byte, against ONNX's reference evaluator."""

from collections.abc import Mapping
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx.reference import ReferenceEvaluator

import embedc
from embedc.frontends.onnx import ImportOptions, load
from embedc.frontends.onnx.tensors import type_name
from embedc.ir.interpreter import run
from embedc.ir.types import Array
from embedc.passes.pipeline import default_pipeline, run_pipeline
from tests.frontends.small import model, single, tensor

OPSET = 25
NARROW: dict[int, Any] = {
    TensorProto.INT4: ml_dtypes.int4,
    TensorProto.UINT4: ml_dtypes.uint4,
    TensorProto.INT2: ml_dtypes.int2,
    TensorProto.UINT2: ml_dtypes.uint2,
}
NAMES = [type_name(number) for number in NARROW]


def in_bytes(array: Array) -> Array:
    """What C has for an array of ml_dtypes' narrow integers."""
    kinds = {np.dtype(kind): np.uint8 if "uint" in np.dtype(kind).name else np.int8 for kind in NARROW.values()}
    return array.astype(kinds.get(array.dtype, array.dtype))


def agree(source: ModelProto, given: Mapping[str, Array], compiled: bool = False) -> dict[str, Array]:
    """The reference's results, which the Graph gives before and after all passes, and C where `compiled`."""
    names = [v.name for v in source.graph.output]
    found: list[Any] = list(ReferenceEvaluator(source).run(None, dict(given)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    wanted = {name: in_bytes(np.asarray(array)) for name, array in zip(names, found, strict=True)}
    feeds = {name: in_bytes(array) for name, array in given.items()}
    graph = load(source, ImportOptions())
    results = [run(g, feeds) for g in (graph, run_pipeline(graph, default_pipeline()))]
    for got in [*results, *([embedc.compile(source, "c").run(feeds)] if compiled else [])]:
        for name, array in wanted.items():
            assert got[name].dtype == array.dtype, name
            np.testing.assert_array_equal(got[name], array, name)
    return wanted


def numbers(number: int, *shape: int, seed: int = 0) -> Array:
    """Random numbers of all that a narrow type holds."""
    limits = ml_dtypes.iinfo(NARROW[number])
    drawn = np.random.default_rng(seed).integers(int(limits.min), int(limits.max), shape, endpoint=True)
    return drawn.astype(NARROW[number])


def parameters(number: int, way: str) -> tuple[dict[str, Array], dict[str, Any]]:
    """Scales and zero points for a 4x6x5 tensor, and the attributes that go with them."""
    shape, attributes = {
        "all": ((), {}),
        "axis": ((6,), {"axis": 1}),
        "blocks": ((4, 2, 5), {"axis": 1, "block_size": 3}),
    }[way]
    scales = np.random.default_rng(1).uniform(0.1, 0.9, shape).astype(np.float32)
    return {"s": np.asarray(scales), "z": np.asarray(numbers(number, *shape))}, attributes


@pytest.mark.parametrize("way", ["all", "axis", "blocks"])
@pytest.mark.parametrize("number", NARROW, ids=NAMES)
def test_quantization(number: int, way: str) -> None:
    """Beyond both ends and ties; the other way with all numbers."""
    constants, attributes = parameters(number, way)
    x = np.random.default_rng(2).standard_normal((4, 6, 5)).astype(np.float32) * 4
    x[0] = np.asarray([1e6, -1e6, 0.0, 30.0, -30.0])
    x[1] = np.float32(2.5) * constants["s"].reshape(-1, 1)[0]
    agree(single("QuantizeLinear", {"x": x}, constants, opset=OPSET, **attributes), {"x": x}, compiled=True)
    q = {"q": numbers(number, 4, 6, 5, seed=3)}
    agree(single("DequantizeLinear", q, constants, opset=OPSET, **attributes), q, compiled=True)


@pytest.mark.parametrize("number", NARROW, ids=NAMES)
def test_quantization_by_name_in_other_precisions(number: int) -> None:
    """Without a zero point `output_dtype` says the type; halves are divided as they are."""
    x = {"x": np.linspace(-12, 12, 49).astype(np.float16)}
    agree(single("QuantizeLinear", x, {"s": np.asarray(0.75, np.float16)}, opset=OPSET, output_dtype=number), x)
    q = {"q": numbers(number, 9)}
    agree(single("DequantizeLinear", q, {"s": np.asarray(0.75, np.float16)}, opset=OPSET), q)


@pytest.mark.parametrize("kind", [np.float32, np.float16, np.float64, np.int8, np.uint8, np.int32, np.int64, np.bool_])
@pytest.mark.parametrize("number", NARROW, ids=NAMES)
def test_casts_keep_the_lowest_bits(number: int, kind: Any) -> None:
    """There and back in one model, so that no pass may take the casts for nothing."""
    x = {"x": np.asarray([-128, -17, -9, -8, -3, -2, -1, 0, 1, 2, 3, 4, 7, 8, 15, 16, 100, 127]).astype(kind)}
    back = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    nodes = [helper.make_node("Cast", ["x"], ["q"], to=number), helper.make_node("Cast", ["q"], ["y"], to=back)]
    outputs = [tensor("q", [18], number), tensor("y", [18], back)]
    agree(model(nodes, [tensor("x", [18], back)], outputs, opset=OPSET), x, compiled=True)


def test_a_fraction_is_cut_before_bits_are() -> None:
    x = np.asarray([-8.9, -1.5, -0.5, 0.5, 2.5, 8.9, np.nan, 1e30, -1e30], np.float32)
    source = single("Cast", {"x": x}, opset=OPSET, to=TensorProto.INT4)
    got = embedc.compile(source, "c").run({"x": x})["y"]
    np.testing.assert_array_equal(got, np.asarray([-8, -1, 0, 0, 2, -8, 0, -1, 0], np.int8))


@pytest.mark.parametrize("number", NARROW, ids=NAMES)
def test_moved(number: int) -> None:
    """What ONNX lets be done with such tensors: moved, padded, chosen by a condition; a constant among them."""
    shape, other = [3, 4], numbers(number, 4, 3, seed=5)
    branches = [
        helper.make_graph(
            [helper.make_node("Identity", [n], [f"{n}_out"])], n, [], [tensor(f"{n}_out", [4, 3], number)]
        )
        for n in ("t", "k")
    ]
    nodes = [
        helper.make_node("Transpose", ["q"], ["t"]),
        helper.make_node("If", ["c"], ["i"], then_branch=branches[0], else_branch=branches[1]),
        helper.make_node("Pad", ["i", "pads", "one"], ["p"]),
        helper.make_node("Reshape", ["p", "shape"], ["y"]),
    ]
    constants = {
        "k": other, "pads": np.asarray([1, 0, 0, 2]), "one": np.ones((), NARROW[number]), "shape": np.asarray([5, -1]),
    }  # fmt: skip
    inputs = [tensor("q", shape, number), tensor("c", [], TensorProto.BOOL)]
    source = model(nodes, inputs, [tensor("y", [5, 5], number)], constants, OPSET)
    for condition in (True, False):
        agree(source, {"q": numbers(number, *shape), "c": np.asarray(condition)}, compiled=condition)


def test_ports_say_what_they_hold() -> None:
    q = {"q": numbers(TensorProto.INT4, 2, 3)}
    bundle = embedc.compile(single("CastLike", q, {"like": np.zeros((), ml_dtypes.uint2)}, opset=OPSET), "c")
    assert [(p["element"], p["bytes"]) for p in (*bundle.manifest["inputs"], *bundle.manifest["outputs"])] == [
        ("i4", 6), ("u2", 6)
    ]  # fmt: skip
    header = (bundle.path / f"{bundle.manifest['name']}.h").read_text()
    assert "const int8_t *q" in header and "uint8_t *y" in header and "u2[2, 3], one in a byte" in header


@pytest.mark.parametrize("number", [TensorProto.INT4, TensorProto.INT2], ids=["INT4", "INT2"])
def test_narrow_weights_between_bytes_are_computed_in_integers(number: int) -> None:
    nodes = [
        helper.make_node("DequantizeLinear", ["x", "xs", "xz"], ["a"]),
        helper.make_node("DequantizeLinear", ["w", "ws"], ["b"], axis=0),
        helper.make_node("Conv", ["a", "b"], ["c"]),
        helper.make_node("QuantizeLinear", ["c", "ys", "yz"], ["y"]),
    ]
    constants = {
        "xs": np.float32(0.5), "xz": np.uint8(7), "w": numbers(number, 8, 4, 3, 3),
        "ws": np.linspace(0.1, 0.2, 8, dtype=np.float32), "ys": np.float32(1.3), "yz": np.uint8(100),
    }  # fmt: skip
    stored = {n: np.asarray(a) for n, a in constants.items()}
    inputs = [tensor("x", [1, 4, 6, 6], TensorProto.UINT8)]
    source = model(nodes, inputs, [tensor("y", [1, 8, 4, 4], TensorProto.UINT8)], stored, OPSET)
    simplified = run_pipeline(load(source, ImportOptions()), default_pipeline())
    assert [[v.type.element.bits for v in op.operands] for op in simplified.ops if op.opname == "conv"] == [[8, 8]]
    x = {"x": np.random.default_rng(0).integers(0, 255, (1, 4, 6, 6), dtype=np.uint8, endpoint=True)}
    agree(source, x, compiled=True)
