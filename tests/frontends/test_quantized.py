"""Operators on quantized integers against ONNX Runtime, which requantizes in f32: one unit in a few places may differ."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import ModelProto

import embedc
from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load
from embedc.frontends.onnx.registry import MICROSOFT
from embedc.ir.graph import Graph
from embedc.ir.interpreter import run
from embedc.ir.types import Array
from embedc.passes.pipeline import default_pipeline, run_pipeline
from tests.frontends.small import single

RARE = 0.002  # of all elements: ties, which f32 does not see


def results(model: ModelProto, given: Mapping[str, Array]) -> tuple[list[Array], list[Array]]:
    """What the imported Graph computes, which is also what the simplified one does, and what ONNX Runtime computes."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    theirs: list[Any] = list(session.run(None, dict(given)))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    graph = load(model, ImportOptions())
    ours = [run(g, dict(given)) for g in (graph, run_pipeline(graph, default_pipeline()))]
    names = [v.name for v in model.graph.output]
    for name in names:
        slack = 1e-6 if ours[0][name].dtype.kind == "f" else 0  # floats are rounded where values are stored
        np.testing.assert_allclose(ours[0][name], ours[1][name], rtol=slack, atol=slack)
    return [ours[0][name] for name in names], theirs


def integers(rng: np.random.Generator, kind: type[np.integer[Any]], *shape: int) -> Array:
    limits = np.iinfo(kind)
    return rng.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)


@pytest.mark.parametrize("seed", range(12))
def test_convolution(seed: int) -> None:
    rng = np.random.default_rng(seed)
    kind = (np.uint8, np.int8)[seed % 2]
    groups, per_channel = (1, 2, 4)[seed % 3], seed % 4 > 1
    channels = 8 if per_channel else 1
    x = {"x": integers(rng, kind, 1, 8, 7, 9)}
    w = rng.integers(-64, 63, (8, 8 // groups, 3, 3), dtype=np.int8)  # ONNX Runtime's u8 kernels saturate beyond
    constants = {
        "xs": np.float32(0.02), "xz": integers(rng, kind, 1)[0], "w": w,
        "ws": rng.uniform(0.001, 0.1, channels).astype(np.float32), "wz": np.zeros(channels, np.int8),
        "ys": np.float32(rng.uniform(0.5, 9.0)), "yz": integers(rng, kind, 1)[0],
        "b": rng.integers(-(2**12), 2**12, 8, dtype=np.int32),
    }  # fmt: skip
    constants = {name: np.asarray(a) for name, a in constants.items()}
    names = ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"]
    attributes: dict[str, Any] = {"pads": [1, 0, 2, 1], "strides": [1 + seed % 2, 1], "group": groups}
    model = single("QLinearConv", x, constants, names=names, **attributes)
    (ours,), (theirs,) = results(model, x)
    difference = np.abs(ours.astype(int) - theirs.astype(int))
    assert ours.dtype == theirs.dtype and difference.max() <= 1 and np.mean(difference > 0) <= RARE


@pytest.mark.parametrize(
    ("a", "b", "a_zero", "b_zero"),
    [
        ((6, 20), (20, 5), (), (5,)),
        ((6, 20), (20, 5), (6,), ()),
        ((20,), (20, 5), (), ()),
        ((6, 20), (20,), (), ()),
        ((3, 6, 20), (20, 5), (1,), (5,)),
        ((3, 6, 20), (3, 20, 5), (), (3, 1, 5)),
        ((20,), (20,), (), ()),
    ],
)
def test_product_with_a_zero_point_that_is_computed(
    a: tuple[int, ...], b: tuple[int, ...], a_zero: tuple[int, ...], b_zero: tuple[int, ...]
) -> None:
    """Weights stay bytes; what the zero point adds is subtracted behind."""
    rng = np.random.default_rng(1)
    given = {"a": integers(rng, np.uint8, *a), "az": np.asarray(integers(rng, np.uint8, *a_zero))}
    constants = {"b": integers(rng, np.int8, *b), "bz": np.asarray(integers(rng, np.int8, *b_zero))}
    graph = load(single("MatMulInteger", given, constants, names=["a", "b", "az", "bz"]), ImportOptions())
    (ours,) = run(graph, given).values()
    rows = given["az"].astype(int)
    rows = rows.reshape(-1, 1) if rows.size > 1 else rows.reshape(())
    expected = (given["a"].astype(int) - rows) @ (constants["b"].astype(int) - constants["bz"].astype(int))
    np.testing.assert_array_equal(ours, expected)
    products = [op for op in graph.ops if op.opname == "contract"]
    assert [v.type.element.bits for op in products for v in op.operands] in ([8, 8], [8, 16])


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16, np.int16])
def test_there_and_back(kind: type[np.integer[Any]]) -> None:
    """Ties, both ends, infinities; per axis."""
    x = np.asarray([[0.5, 1.5, -0.5, -2.5, 1e9, -1e9, np.inf, -np.inf], [0.1, 300.0, -7e4, 7e4, 0.0, -0.0, 3.2, -9.9]])
    given = {"x": x.astype(np.float32)}
    constants = {"s": np.asarray([1.0, 0.3], np.float32), "z": np.asarray([3, 100], kind)}
    (ours,), (theirs,) = results(single("QuantizeLinear", given, constants, opset=21, axis=0), given)
    np.testing.assert_array_equal(ours, theirs)
    (ours,), (theirs,) = results(single("DequantizeLinear", {"q": theirs}, constants, opset=21, axis=0), {"q": theirs})
    np.testing.assert_array_equal(ours, theirs)


def test_dynamic_quantization_of_zeros() -> None:
    given = {"x": np.zeros((2, 3), np.float32)}
    ours, theirs = results(single("DynamicQuantizeLinear", given, outputs=("y", "s", "z")), given)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(a, b)


def test_sums_beyond_i32_are_clamped() -> None:
    """Rescaled to the end of i32, a zero point on top must not wrap around."""
    x = {"a": np.asarray([[255, 255], [0, 0]], np.uint8)}
    constants = {
        "as": 3e4, "az": np.uint8(128), "b": np.asarray([[255], [255]], np.uint8), "bs": 3e4, "bz": np.uint8(0),
        "ys": 1.0, "yz": np.uint8(7),
    }  # fmt: skip
    stored = {n: np.asarray(a, np.float32 if isinstance(a, float) else None) for n, a in constants.items()}
    graph = load(single("QLinearMatMul", x, stored), ImportOptions())
    np.testing.assert_array_equal(run(graph, x)["y"], np.asarray([[255], [0]], np.uint8))


QLINEAR = {"xs": 0.1, "xz": np.uint8(3), "w": np.ones((2, 4, 3, 3), np.uint8), "ws": 0.1, "wz": np.uint8(0), "ys": 0.1, "yz": np.uint8(1)}  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ys": 0.0}, ["scales multiply to inf", "positive"]),
        ({"ws": -0.1}, ["scales multiply to -0.1"]),
        ({"ws": np.ones(3, np.float32)}, ["3 weight scales for 2 output channels"]),
        ({"wz": np.zeros(3, np.uint8)}, ["zero points u8[3]"]),
        ({"xz": np.zeros(2, np.uint8)}, ["one number"]),
        ({"ys": np.ones(2, np.float32)}, ["2 elements"]),
    ],
)
def test_parameters_that_do_not_fit(changes: dict[str, Any], words: list[str]) -> None:
    constants = {n: np.asarray(a, np.float32 if isinstance(a, float) else None) for n, a in (QLINEAR | changes).items()}
    x = {"x": np.zeros((1, 4, 5, 5), np.uint8)}
    with pytest.raises(EmbedcError) as caught:
        load(single("QLinearConv", x, constants), ImportOptions())
    for word in words:
        assert word in str(caught.value)
    assert "the_qlinearconv" in str(caught.value)


def exactly(total: Array, scale: float, zero: int) -> Array:
    """Sums requantized to u8, rounded once."""
    rounded = [min(max(round(int(t) * Fraction(scale)) + zero, 0), 255) for t in total.reshape(-1)]
    return np.asarray(rounded, np.uint8).reshape(total.shape)


def scalars(**numbers: Any) -> dict[str, Array]:
    return {n: np.asarray(v, np.float32 if isinstance(v, float) else None) for n, v in numbers.items()}


@pytest.mark.parametrize("open_zero", [False, True])
def test_products_beyond_32_bits(open_zero: bool) -> None:
    """Rows of the largest bytes, whose sums are about 2^32, and a row in which they cancel."""
    terms = 70_001
    rng = np.random.default_rng(0)
    a = np.stack([np.full(terms, 255), np.zeros(terms), integers(rng, np.uint8, terms)]).astype(np.uint8)
    b = np.stack([np.full(terms, 255), integers(rng, np.uint8, terms)], axis=-1).astype(np.uint8)
    constants = scalars(
        **{"as": 0.5, "az": np.uint8(3), "bs": 2.0**-20, "bz": np.uint8(1), "ys": 20.0, "yz": np.uint8(9)}
    )
    given = {"a": a} | ({"az": constants.pop("az")} if open_zero else {})
    names = ["a", "as", "az", "b", "bs", "bz", "ys", "yz"]
    source = single("QLinearMatMul", given, constants | {"b": b}, names=names)
    expected = exactly((a.astype(np.int64) - 3) @ (b.astype(np.int64) - 1), float(np.float32(2.0**-21 / 20)), 9)
    np.testing.assert_array_equal(run(load(source, ImportOptions()), given)["y"], expected)
    np.testing.assert_array_equal(embedc.compile(source, "c").run(given)["y"], expected)


def test_gemm_beyond_32_bits() -> None:
    """A negative alpha, and a bias on top of sums near -2^31, on the widest kernels of this machine."""
    rng, terms = np.random.default_rng(2), 66_000
    a = {"a": np.stack([np.full(terms, 255), integers(rng, np.uint8, terms)]).astype(np.uint8)}
    b, c = integers(rng, np.int8, 5, terms), np.asarray([2**31 - 1, -(2**31), 7, 0, -9], np.int32)
    b[:2] = [[127], [-128]]
    constants = scalars(s=0.5, az=np.uint8(0), b=b, bs=2.0**-20, bz=np.int8(0), c=c, ys=20.0, yz=np.uint8(99))
    names = ["a", "s", "az", "b", "bs", "bz", "c", "ys", "yz"]
    source = single("QGemm", a, constants, names=names, domain=MICROSOFT, transB=1, alpha=-0.5)
    total = -(a["a"].astype(np.int64) @ b.T.astype(np.int64) + c)
    expected = exactly(total, float(np.float32(2.0**-22 / 20)), 99)
    assert abs(total).max() >= 2**31
    np.testing.assert_array_equal(run(load(source, ImportOptions()), a)["y"], expected)
    np.testing.assert_array_equal(embedc.compile(source, "host").run(a)["y"], expected)


@pytest.mark.parametrize("groups", [1, 2])
def test_convolutions_beyond_32_bits(groups: int) -> None:
    """Split by input channels, those of each group; the bias is known at run time only and may be of any size."""
    channels, rng = 17_001, np.random.default_rng(1)
    x = np.full((1, groups * channels, 2, 3), 255, np.uint8)
    x[..., 2] = integers(rng, np.uint8, 1, groups * channels, 2)
    w = np.full((2, channels, 2, 2), 127, np.int8)
    w[1] = integers(rng, np.int8, channels, 2, 2)
    bias = np.asarray([2**31 - 1, -(2**31)], np.int32)
    constants = scalars(xs=0.5, xz=np.uint8(0), w=w, ws=2.0**-20, wz=np.int8(0), ys=9.0, yz=np.uint8(9))
    names = ["x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"]
    given = {"x": x, "b": bias}
    source = single("QLinearConv", given, constants, names=names, group=groups)
    taps = np.stack([x[..., i : i + 2].reshape(groups, channels, 2, 2) for i in range(2)], -1).astype(np.int64)
    total = np.stack([np.tensordot(w[o].astype(np.int64), taps[o % groups], 3) for o in range(2)]) + bias[:, None]
    assert total.max() >= 2**32
    expected = exactly(total, float(np.float32(2.0**-21 / 9)), 9).reshape(1, 2, 1, 2)
    np.testing.assert_array_equal(run(load(source, ImportOptions()), given)["y"], expected)
    np.testing.assert_array_equal(embedc.compile(source, "c").run(given)["y"], expected)


def test_sums_are_of_32_bits_where_they_can_be() -> None:
    """255 * 255 * 33,025 is the most below 2^31; 2^38 is too much."""
    names = ["a", "as", "az", "b", "bs", "bz", "ys", "yz"]
    numbers = scalars(**{"as": 0.1, "az": np.uint8(0), "bs": 0.1, "bz": np.uint8(0), "ys": 0.1, "yz": np.uint8(0)})

    def product(terms: int) -> Graph:
        constants = numbers | {"b": np.full((terms, 1), 255, np.uint8)}
        model = single("QLinearMatMul", {"a": np.zeros((1, terms), np.uint8)}, constants, names=names)
        return load(model, ImportOptions())

    counts = [[op.opname for op in product(terms).ops].count("contract") for terms in (33_025, 33_026)]
    assert counts == [1, 2]
    with pytest.raises(EmbedcError, match="sums 4300000 products of u8 and u8, which could be"):
        product(4_300_000)


def test_long_names_stay_apart() -> None:
    model = single("Relu", {"x": np.zeros(3, np.float32)}, outputs=["y" * 150 + "1"])
    model.graph.node.add().CopyFrom(model.graph.node[0])
    model.graph.node[1].output[0] = "y" * 150 + "2"
    model.graph.output.add().name = "y" * 150 + "2"
    model.graph.node[1].op_type = "Abs"
    graph = load(model, ImportOptions())
    assert len({v.name for op in graph.ops for v in op.results}) == 2
