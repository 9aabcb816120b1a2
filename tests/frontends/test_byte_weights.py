"""Weights that models store as integers, for floats: bytes in the bundle, and results of ONNX Runtime and ONNX's evaluator."""

from dataclasses import dataclass
from typing import Any

import ml_dtypes
import numpy as np
import onnxruntime
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx.reference import ReferenceEvaluator

import embedc
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.graph import Graph
from embedc.ir.interpreter import run
from embedc.ir.types import F32, I8, Array
from embedc.ops.elementwise import Const
from embedc.ops.window import Contract, Conv
from embedc.passes.byte_weights import float_weights
from embedc.passes.pipeline import default_pipeline, run_pipeline
from tests.frontends.small import floats, model, tensor

OPSET = 21


@dataclass(frozen=True)
class Layer:
    """A layer of floats with stored weights: its input, weights, scales and zero points along an axis, and nodes behind them."""

    x: tuple[int, ...]
    w: Array
    scale: Array
    node: str
    zero: Array | None = None
    axis: int = 0
    bias: int = 0
    transposed: bool = False
    first: bool = False
    attributes: tuple[tuple[str, Any], ...] = ()
    parameters: tuple[tuple[str, Any], ...] = ()

    def model(self) -> ModelProto:
        stored = {"w": self.w, "s": self.scale}
        if self.zero is not None:
            stored["z"] = self.zero
        nodes = [helper.make_node("DequantizeLinear", list(stored), ["d"], axis=self.axis, **dict(self.parameters))]
        if self.transposed:
            nodes.append(helper.make_node("Transpose", ["d"], ["t"]))
        weights = "t" if self.transposed else "d"
        operands = [weights, "x"] if self.first else ["x", weights]
        if self.bias:
            stored["b"] = floats(self.bias, seed=3)
            operands.append("b")
        nodes += [
            helper.make_node(self.node, operands, ["p"], **dict(self.attributes)),
            helper.make_node("Relu", ["p"], ["y"]),
        ]
        infos = [TensorProto.FLOAT, helper.np_dtype_to_tensor_dtype(self.w.dtype)]
        result = model(nodes, [tensor("x", self.x, infos[0])], ["y"], stored, OPSET)
        result.ir_version = 10
        return result


def whole(*shape: int, kind: Any = np.int8, seed: int = 1) -> Array:
    """Numbers of a type, to both of its ends."""
    limits = ml_dtypes.iinfo(kind)
    drawn = np.random.default_rng(seed).integers(int(limits.min), int(limits.max), shape, endpoint=True)
    drawn.flat[:2] = limits.min, limits.max
    return drawn.astype(kind)


def scales(*shape: int) -> Array:
    return np.random.default_rng(2).uniform(0.001, 0.02, shape).astype(np.float32)


ONE = scales()
IMAGE = (1, 8, 9, 7)
PADS = (("pads", [1, 0, 1, 2]), ("strides", [1, 2]))
LAYERS: dict[str, Layer] = {
    "product": Layer((5, 40), whole(40, 19), ONE, "MatMul"),
    "product, one pixel": Layer((1, 130), whole(130, 77), scales(77), "MatMul", axis=1),
    "product, scale of columns": Layer((2, 3, 40), whole(40, 19), scales(19), "MatMul", np.zeros(19, np.int8), axis=1),
    "product, transposed weights": Layer((5, 40), whole(19, 40), scales(19), "MatMul", axis=0, transposed=True),
    "product, weights first": Layer((40, 5), whole(19, 40), scales(19), "MatMul", axis=0, first=True),
    "product, bytes around 128": Layer((5, 40), whole(40, 19, kind=np.uint8), ONE, "MatMul", np.asarray(128, np.uint8)),
    "gemm": Layer((5, 40), whole(40, 19), scales(19), "Gemm", axis=1, bias=19),
    "gemm, transposed": Layer(
        (5, 40), whole(19, 40), scales(19), "Gemm", axis=0, bias=19, attributes=(("transB", 1), ("alpha", 0.5))
    ),
    "4 bits": Layer((5, 40), whole(40, 18, kind=ml_dtypes.int4), scales(18), "MatMul", axis=1),
    "4 bits without sign": Layer(
        (5, 40), whole(40, 18, kind=ml_dtypes.uint4), ONE, "MatMul", np.asarray(9, ml_dtypes.uint4)
    ),
    "4 bits, one pixel": Layer((1, 130), whole(130, 77, kind=ml_dtypes.int4), scales(77), "MatMul", axis=1),
    "4 bits, many pixels": Layer((40, 33), whole(33, 50, kind=ml_dtypes.int4), scales(50), "MatMul", axis=1),
    "4 bits, convolution": Layer(IMAGE, whole(20, 8, 3, 2, kind=ml_dtypes.int4), scales(20), "Conv", attributes=PADS),
    "4 bits, groups": Layer(
        IMAGE, whole(40, 2, 3, 3, kind=ml_dtypes.int4), scales(40), "Conv", attributes=(("group", 4), *PADS)
    ),
    "4 bits, depthwise": Layer(
        (1, 41, 6, 7), whole(41, 1, 3, 3, kind=ml_dtypes.int4), scales(41), "Conv", attributes=(("group", 41), *PADS)
    ),
    "blocks": Layer((1, 96), whole(96, 40), scales(3, 40), "MatMul", parameters=(("block_size", 32),)),
    "blocks, rows": Layer(
        (2, 3, 128), whole(128, 40, kind=ml_dtypes.int4), scales(4, 40), "MatMul", parameters=(("block_size", 32),)
    ),
    "blocks, zero points": Layer(
        (1, 64),
        whole(64, 21, kind=ml_dtypes.uint4),
        scales(4, 21),
        "MatMul",
        whole(4, 21, kind=ml_dtypes.uint4, seed=5),
        parameters=(("block_size", 16),),
    ),
    "blocks, transposed weights": Layer(
        (3, 64),
        whole(19, 64, kind=ml_dtypes.int4),
        scales(19, 2),
        "Gemm",
        axis=1,
        bias=19,
        attributes=(("transB", 1),),
        parameters=(("block_size", 32),),
    ),
    "blocks that are all alike": Layer(
        (5, 64), whole(64, 19), np.repeat(scales(1, 19), 2, 0), "MatMul", parameters=(("block_size", 32),)
    ),
    "convolution": Layer(IMAGE, whole(20, 8, 3, 2), scales(20), "Conv", bias=20, attributes=PADS),
    "pointwise": Layer(IMAGE, whole(33, 8, 1, 1), ONE, "Conv"),
    "groups": Layer(IMAGE, whole(12, 2, 3, 3), scales(12), "Conv", attributes=(("group", 4), *PADS)),
    "depthwise": Layer(IMAGE, whole(8, 1, 3, 3), scales(8), "Conv", np.zeros(8, np.int8), attributes=(("group", 8),)),
    "depthwise, zero points": Layer(
        IMAGE, whole(8, 1, 3, 3) // 2, scales(8), "Conv", whole(8) // 4, bias=8, attributes=(("group", 8), *PADS)
    ),
    "transposed convolution": Layer(IMAGE, whole(8, 11, 3, 3), ONE, "ConvTranspose", attributes=(("strides", [2, 2]),)),
    "line": Layer((2, 6, 31), whole(9, 6, 5), scales(9), "Conv", attributes=(("dilations", [2]),)),
}  # fmt: skip
SEVERAL = "several scales for one result"
FLOATS: dict[str, tuple[Layer, str]] = {
    "scale of rows": (Layer((5, 40), whole(40, 19), scales(40), "MatMul", axis=0), SEVERAL),
    "blocks": (Layer((5, 40), whole(40, 19), scales(5, 19), "MatMul", parameters=(("block_size", 8),)), SEVERAL),
    "blocks, many rows": (
        Layer((9, 64), whole(64, 19), scales(2, 19), "MatMul", parameters=(("block_size", 32),)),
        SEVERAL,
    ),
    "9 bits": (Layer((5, 40), whole(40, 19, kind=np.uint8), ONE, "MatMul", np.asarray(100, np.uint8)), "8 bits"),
}


def check(layer: Layer, target: str = "host") -> tuple[embedc.Bundle, list[Const]]:
    """The bundle, and the constants that it multiplies with, after a comparison of all results."""
    source = layer.model()
    x = {"x": floats(*layer.x, seed=7)}
    options: Any = onnxruntime.SessionOptions()  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL  # pyright: ignore[reportUnknownMemberType]
    session = onnxruntime.InferenceSession(source.SerializeToString(), options, providers=["CPUExecutionProvider"])
    theirs: Any = session.run(None, dict(x))  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    wanted: Any = ReferenceEvaluator(source).run(None, dict(x))  # pyright: ignore[reportUnknownMemberType]
    simple = run_pipeline(load(source, ImportOptions()), default_pipeline())
    bundle = embedc.compile(source, target)
    bound = 2e-6 * np.abs(wanted[0]).max() * np.sqrt(layer.w.size)
    for found in (theirs[0], run(simple, x)["y"], bundle.run(x)["y"]):
        np.testing.assert_allclose(found, wanted[0], rtol=2e-6, atol=bound)
    products = [op for op in simple.ops if isinstance(op, Conv | Contract)]
    assert products
    return bundle, [op.operands[1].producer for op in products if isinstance(op.operands[1].producer, Const)]


@pytest.mark.parametrize("target", ["host", "c"])
@pytest.mark.parametrize("name", LAYERS)
def test_weights_stay_bytes(name: str, target: str) -> None:
    layer = LAYERS[name]
    bundle, weights = check(layer, target)
    assert [w.result.type.element for w in weights] == [I8]
    filled = layer.w.size * 2 + 64 * 40  # panels are filled up with zeros
    assert bundle.manifest["weights_bytes"] < filled


@pytest.mark.parametrize("target", ["c", "arm-neon", "cortex-m4"])
@pytest.mark.parametrize("pixels", [1, 500])
def test_weights_of_4_bits_take_half_a_byte(pixels: int, target: str) -> None:
    layer = Layer((pixels, 128), whole(128, 128, kind=ml_dtypes.int4), scales(128), "MatMul", axis=1)
    flash = embedc.compile(layer.model(), target).manifest["weights_bytes"]
    assert flash < 128 * 128 / 2 + 128 * 4 + 64


@pytest.mark.parametrize("name", FLOATS)
def test_what_becomes_floats_is_told(name: str) -> None:
    layer, reason = FLOATS[name]
    _, weights = check(layer)
    assert [w.result.type.element for w in weights] == [F32]
    told: list[str] = []

    def observe(step: str, graph: Graph) -> None:
        if step == "integers":
            told.extend(text for _, text in float_weights(graph))

    run_pipeline(load(layer.model(), ImportOptions()), default_pipeline(), observe)
    assert len(told) == 1 and reason in told[0]
