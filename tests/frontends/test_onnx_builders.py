"""Each builder against ONNX's reference evaluator and ONNX Runtime: old opsets, defaults, broadcasts, borders."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper
from onnx.reference import ReferenceEvaluator

from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.interpreter import run
from tests.frontends.small import Array, floats, model, single, tensor

X = floats(2, 4, 5, 6)
ROW = floats(1, 3, 9, seed=1)
INTS = np.arange(-6, 6, dtype=np.int32).reshape(3, 4)
POSITIVE = np.abs(X) + np.float32(0.1)


def ints(*values: int) -> Array:
    return np.asarray(values, np.int64)


def rows(low: int, high: int, *shape: int) -> Array:
    """Indices from `low` up to `high`, without it."""
    return np.random.default_rng(6).integers(low, high, shape)


def scalar(value: float) -> Array:
    return np.asarray(value, np.float32)


def reference(source: ModelProto, inputs: Mapping[str, Array]) -> list[Array]:
    evaluator: Any = ReferenceEvaluator(source)
    return evaluator.run(None, dict(inputs))


def onnxruntime(source: ModelProto, inputs: Mapping[str, Array]) -> list[Array]:
    ort = pytest.importorskip("onnxruntime")
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(source.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return session.run(None, dict(inputs))


ORACLES = {"reference": reference, "onnxruntime": onnxruntime}
BOTH = tuple(ORACLES)


class Case:
    """One node, what is fed to it, and who knows the answer."""

    def __init__(
        self,
        op: str,
        *inputs: Array,
        constants: tuple[Array, ...] = (),
        opset: int = 17,
        outputs: int = 1,
        oracles: tuple[str, ...] = BOTH,
        names: Sequence[str] | None = None,
        **attributes: Any,
    ) -> None:
        self.op, self.opset, self.outputs, self.oracles, self.attributes = op, opset, outputs, oracles, attributes
        self.inputs = {f"x{i}": a for i, a in enumerate(inputs)}
        self.constants = {f"c{i}": a for i, a in enumerate(constants)}
        self.names = names

    def __str__(self) -> str:
        shapes = "x".join(str(list(a.shape)) for a in (*self.inputs.values(), *self.constants.values()))
        words = ",".join(f"{k}={v}" for k, v in self.attributes.items())
        return f"{self.op}-{self.opset} {shapes} {words}"

    def check(self) -> None:
        names = [f"y{i}" for i in range(self.outputs)]
        source = single(self.op, self.inputs, self.constants, names, self.opset, self.names, **self.attributes)
        got = run(load(source, ImportOptions()), self.inputs)
        for oracle in self.oracles:
            for name, wanted in zip(names, ORACLES[oracle](source, self.inputs), strict=True):
                assert got[name].dtype == wanted.dtype, oracle
                np.testing.assert_allclose(got[name], wanted, 1e-4, 1e-5, err_msg=f"{name} against {oracle}")


RUNTIME = ("onnxruntime",)
REFERENCE = ("reference",)
W = floats(6, 4, 3, 3, seed=2)
T = floats(4, 3, 3, 2, seed=3)

GRID = floats(2, 3, 4, 2, seed=6) * np.float32(1.5)  # mostly inside, some far outside
ROIS = np.asarray([[0.3, 0.2, 4.1, 3.7], [-3, 1, 2.5, 9], [2, 2, 2.1, 2.1], [1, 1, 7, 4]], np.float32)
ROI_OPTIONS: list[dict[str, Any]] = [
    {},
    {"mode": "max"},
    {"coordinate_transformation_mode": "output_half_pixel"},
    {"spatial_scale": 0.5},
]
OFFSETS = floats(2, 2 * 9 * 2, 5, 6, seed=7)

COLUMNS: list[tuple[Sequence[int], Sequence[int], int, int, dict[str, Any]]] = [
    ([4, 5], [2, 3], 6, 9, {}),
    ([4, 5], [2, 2], 4, 12, {"pads": [0, 1, 0, 0], "dilations": [1, 2]}),
    ([5, 6], [3, 2], 6, 9, {"strides": [2, 2], "pads": [1, 1, 2, 0]}),
    ([7], [3], 3, 3, {"strides": [2]}),
]
SIGNAL = floats(2, 20, 1, seed=8)
PAIRS = floats(2, 6, 3, 2, seed=9)
HALVES = np.floor(X * 2)  # with equal maxima
CASES = [
    # windows taken apart
    Case("MaxPool", X, kernel_shape=[3, 2], strides=[2, 1], pads=[1, 1, 1, 0], outputs=2, oracles=RUNTIME),
    Case("MaxPool", HALVES, kernel_shape=[3, 3], dilations=[1, 2], pads=[1, 1, 1, 1], outputs=2, oracles=RUNTIME),
    Case("MaxPool", HALVES, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1, storage_order=1, outputs=2, oracles=RUNTIME),
    Case("MaxPool", floats(1, 2, 4, 5, 6), kernel_shape=[2, 3, 2], storage_order=1, outputs=2, oracles=RUNTIME),
    Case("MaxPool", floats(1, 2, 9), kernel_shape=[3], strides=[2], outputs=2, oracles=RUNTIME),
    Case("MaxPool", INTS.astype(np.int8).reshape(1, 1, 3, 4), kernel_shape=[2, 2], outputs=2, oracles=RUNTIME),
    Case("MaxUnpool", X[:1, :2, :2, :2], ints(0, 2, 13, 11, 23, 17, 28, 31).reshape(1, 2, 2, 2), kernel_shape=[2, 2],
         strides=[2, 2]),
    *(
        Case("Col2Im", floats(2, 3 * taps, places), constants=(ints(*image), ints(*block)), opset=18, **more)
        for image, block, taps, places, more in COLUMNS
    ),
    # training
    Case("BatchNormalization", X, *(floats(4, seed=i) for i in range(3)), np.abs(floats(4)), training_mode=1,
         momentum=0.7, epsilon=0.01, outputs=3, oracles=REFERENCE),
    Case("Dropout", X, constants=(scalar(0), np.asarray(True)), outputs=2, opset=13, names=("x0", "c0", "c1")),
    # spectra
    *(Case("DFT", PAIRS, opset=20, inverse=i, oracles=REFERENCE) for i in (0, 1)),
    Case("DFT", SIGNAL, constants=(ints(13)[0],), opset=17, onesided=1),
    Case("DFT", SIGNAL, constants=(ints(32)[0],), opset=17, axis=1, oracles=REFERENCE),
    Case("DFT", PAIRS, constants=(ints(9)[0], ints(1)[0]), opset=20, inverse=1, onesided=1, oracles=REFERENCE),
    Case("DFT", PAIRS, constants=(ints(10)[0], ints(-3)[0]), opset=20, inverse=1, onesided=1, oracles=REFERENCE),
    Case("STFT", SIGNAL, constants=(ints(3)[0], floats(8)), opset=17),
    Case("STFT", SIGNAL, floats(7), constants=(ints(4)[0],), opset=17, onesided=0, names=["x0", "c0", "x1"]),
    *(
        Case(name, X, constants=(ints(7)[0],), opset=17, periodic=p, names=["c0"], oracles=RUNTIME)
        for name in ("HannWindow", "HammingWindow", "BlackmanWindow")
        for p in (0, 1)
    ),
    Case("MelWeightMatrix", X, constants=(ints(8)[0], ints(64)[0], ints(8000)[0], scalar(20), scalar(3500)),
         names=[f"c{i}" for i in range(5)], oracles=RUNTIME),
    # reading between pixels
    *(
        Case("GridSample", X, GRID, mode=mode, padding_mode=padding, align_corners=corners, opset=16, oracles=RUNTIME)
        for mode in ("nearest", "bilinear", "bicubic")
        for padding in ("zeros", "border", "reflection")
        for corners in (0, 1)
    ),
    Case("GridSample", X, GRID * np.float32(30), mode="linear", padding_mode="reflection", opset=20, oracles=RUNTIME),
    Case("GridSample", X[:, :, :1], GRID, mode="cubic", padding_mode="reflection", opset=20, oracles=RUNTIME),
    Case("GridSample", floats(1, 2, 3, 4, 5), floats(1, 2, 3, 2, 3), padding_mode="border", opset=20, oracles=RUNTIME),
    Case("GridSample", X.astype(np.float64), GRID, opset=20, oracles=REFERENCE),
    *(
        Case("RoiAlign", X, ROIS, ints(0, 1, 1, 0), output_height=3, output_width=2, sampling_ratio=2, opset=16, **more)
        for more in ROI_OPTIONS
    ),
    Case("RoiAlign", X[:1], ROIS, ints(0, 0, 0, 0), output_height=2, output_width=2, sampling_ratio=3, opset=10, oracles=RUNTIME),
    Case("DeformConv", X, floats(6, 4, 3, 3), OFFSETS, floats(6), pads=[1, 1, 1, 1], offset_group=2, opset=22, oracles=REFERENCE),
    Case("DeformConv", X, floats(4, 2, 2, 3), floats(2, 12, 2, 4), floats(4), floats(2, 6, 2, 4), strides=[2, 1],
         group=2, dilations=[2, 1], opset=22, oracles=REFERENCE),
    # convolutions
    Case("Conv", X, constants=(W, floats(6)), pads=[1, 2, 0, 1], strides=[2, 1], opset=11),
    Case("Conv", X, constants=(W,), auto_pad="SAME_UPPER", strides=[2, 2], oracles=RUNTIME),
    Case("Conv", X, constants=(W,), auto_pad="SAME_LOWER", dilations=[1, 2], oracles=REFERENCE),
    Case("Conv", X, constants=(W,), auto_pad="VALID", kernel_shape=[3, 3], opset=7, oracles=RUNTIME),
    Case("Conv", X, constants=(floats(4, 1, 3, 3), floats(4)), group=4, pads=[1, 1, 1, 1]),
    Case("Conv", X, floats(6, 2, 2, 2), group=2),  # weights known at run time only
    Case("Conv", ROW, constants=(floats(2, 3, 4),), dilations=[2], strides=[2]),
    Case("Conv", floats(1, 2, 4, 5, 3), constants=(floats(3, 2, 2, 3, 1),), pads=[1, 0, 0, 1, 1, 0]),
    Case("ConvTranspose", X, constants=(T, floats(3)), strides=[2, 3], oracles=RUNTIME),
    Case("ConvTranspose", X, constants=(T,), strides=[2, 2], output_padding=[1, 0], pads=[1, 0, 0, 1]),
    Case("ConvTranspose", X, constants=(T,), strides=[2, 3], auto_pad="SAME_UPPER", oracles=RUNTIME),
    Case("ConvTranspose", X, constants=(T,), strides=[2, 2], auto_pad="SAME_LOWER", oracles=RUNTIME),
    Case("ConvTranspose", X, constants=(T,), strides=[2, 2], output_shape=[11, 13], oracles=RUNTIME),
    Case("ConvTranspose", X, constants=(floats(4, 3, 3, 2),), group=2, dilations=[2, 1], oracles=RUNTIME),
    Case("ConvTranspose", X, floats(4, 2, 2, 2), strides=[2, 1], opset=7, oracles=RUNTIME),
    Case("ConvTranspose", ROW, constants=(floats(3, 1, 3),), group=3, pads=[3, 2], oracles=RUNTIME),
    # poolings
    Case("MaxPool", X, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 1, 0, 0], opset=8),
    Case("MaxPool", X, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1),
    Case("MaxPool", X, kernel_shape=[2, 2], strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1),  # last window outside
    Case("MaxPool", X, kernel_shape=[2, 3], dilations=[2, 1], oracles=RUNTIME),
    Case("MaxPool", X, kernel_shape=[3, 3], auto_pad="SAME_UPPER", strides=[2, 2], storage_order=0),
    Case("AveragePool", X, kernel_shape=[3, 2], pads=[1, 1, 1, 0], opset=7),
    Case("AveragePool", X, kernel_shape=[3, 2], pads=[1, 1, 1, 0], count_include_pad=1),
    Case("AveragePool", X, kernel_shape=[2, 4], strides=[2, 4], pads=[1, 1, 1, 1], ceil_mode=1, opset=19),
    Case("AveragePool", X, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1, count_include_pad=1,
         opset=19),
    Case("AveragePool", X, kernel_shape=[2, 2], dilations=[2, 2], opset=19),
    Case("AveragePool", X, kernel_shape=[3, 3], auto_pad="SAME_LOWER", strides=[2, 1]),
    Case("LpPool", X, kernel_shape=[2, 2], p=3, oracles=RUNTIME),
    Case("LpPool", X, kernel_shape=[2, 2], strides=[2, 2], pads=[1, 0, 1, 0], oracles=RUNTIME),
    *(Case(op, X, opset=7) for op in ("GlobalAveragePool", "GlobalMaxPool")),
    Case("GlobalLpPool", X, p=1, oracles=RUNTIME),
    # products
    Case("Gemm", floats(3, 4), constants=(floats(4, 5), floats(5)), opset=9),
    Case("Gemm", floats(4, 3), constants=(floats(5, 4), floats(3, 1)), transA=1, transB=1, alpha=0.5, beta=-2.0),
    Case("Gemm", floats(3, 4), floats(4, 5), beta=3.0),
    Case("Gemm", floats(3, 4), constants=(floats(4, 5), floats(1)), beta=0.0),
    *(
        Case("MatMul", floats(*a), floats(*b))
        for a, b in (
            ((3, 4), (4, 5)), ((4,), (4,)), ((4,), (4, 5)), ((3, 4), (4,)), ((4,), (2, 4, 5)), ((2, 3, 4), (4,)),
            ((2, 3, 4), (4, 5)), ((3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 6)), ((1, 3, 4), (1, 4, 5)),
            ((2, 5, 3, 4), (2, 1, 4, 6)), ((1, 5, 3, 4), (2, 1, 4, 6)),
        )
    ),
    *(
        Case("Einsum", *(floats(*s) for s in shapes), equation=equation)
        for equation, shapes in (
            ("ij,jk", ((2, 3), (3, 4))), ("bij, bjk -> bki", ((2, 3, 4), (2, 4, 5))), ("ij->ji", ((2, 3),)),
            ("ij->", ((2, 3),)), ("i,j,k->kji", ((2,), (3,), (4,))), ("...ij,...jk->...ik", ((1, 2, 3, 4), (5, 2, 4, 6))),
            ("ii->i", ((3, 3),)), ("iji->j", ((3, 2, 3),)), ("ab,bc,cd->ad", ((2, 3), (3, 4), (4, 5))),
            ("bhid,bhjd->bhij", ((1, 2, 3, 4), (1, 2, 5, 4))), ("ij,ij->", ((2, 3), (2, 3))),
        )
    ),
    # normalizations
    Case("BatchNormalization", X, constants=(*(floats(4, seed=s) for s in (1, 2, 3)), POSITIVE[0, :, 0, 0]), opset=9,
         epsilon=0.01, momentum=0.5, oracles=RUNTIME),
    Case("BatchNormalization", floats(3, 4), floats(4), floats(4), floats(4), POSITIVE[0, :, 0, 0], opset=7,
         oracles=RUNTIME),
    Case("InstanceNormalization", X, constants=(floats(4), floats(4, seed=9)), epsilon=0.1, opset=7),
    Case("LayerNormalization", X, constants=(floats(5, 6), floats(5, 6)), axis=2, epsilon=0.1),
    Case("LayerNormalization", X, constants=(floats(6),), outputs=3, stash_type=1),
    Case("GroupNormalization", X, constants=(floats(2), floats(2)), num_groups=2, opset=18, oracles=RUNTIME),
    Case("GroupNormalization", X, constants=(floats(4), floats(4)), num_groups=2, opset=21),
    Case("MeanVarianceNormalization", X, axes=[1, 3], opset=13, oracles=RUNTIME),
    *(Case("LRN", X, size=s, alpha=0.2, beta=b, bias=1.5, oracles=RUNTIME) for s, b in ((3, 0.75), (3, 0.5), (5, 1.0), (1, 0.3))),
    Case("LpNormalization", X, axis=1, p=1, oracles=RUNTIME),
    Case("LpNormalization", X),
    *(Case(op, X, opset=o) for op in ("Softmax", "LogSoftmax") for o in (13, 17)),
    *(Case(op, X, opset=11, axis=a, oracles=RUNTIME) for op in ("Softmax", "LogSoftmax") for a in (0, 1, 2, -1)),
    Case("Hardmax", X, opset=11, axis=2, oracles=RUNTIME),
    # activations
    *(
        Case(op, X, opset=o)
        for op, o in (
            ("Relu", 7), ("Sigmoid", 7), ("Tanh", 7), ("Exp", 7), ("Abs", 7), ("Neg", 7), ("Floor", 7), ("Ceil", 7),
            ("Round", 11), ("Sign", 9), ("Erf", 9), ("Softplus", 7), ("Softsign", 7), ("Elu", 7), ("Selu", 7),
            ("LeakyRelu", 7), ("HardSigmoid", 7), ("ThresholdedRelu", 10), ("Celu", 12), ("HardSwish", 14),
            ("Identity", 7), ("Dropout", 12), ("Reciprocal", 7), ("Sin", 7), ("Cos", 7), ("Shrink", 9),
        )
    ),
    *(Case(op, POSITIVE) for op in ("Sqrt", "Log")),
    Case("Mish", X, opset=18),
    Case("Gelu", X, opset=20),
    Case("Gelu", X, opset=20, approximate="tanh"),
    Case("Elu", X * 100, alpha=-0.5),
    Case("Celu", X, alpha=2.0),
    Case("Selu", X, alpha=1.5, gamma=0.5),
    Case("HardSigmoid", X, alpha=0.5, beta=0.1),
    Case("LeakyRelu", X, alpha=-0.3),
    Case("PRelu", X, constants=(floats(4, 1, 1),), opset=9),
    Case("PRelu", X, floats(1)),
    Case("Clip", X, min=-0.5, max=0.25, opset=7),
    Case("Clip", X, max=0.25, opset=10),
    Case("Clip", X, constants=(scalar(-0.5), scalar(0.5))),
    Case("Clip", X, scalar(-0.5), scalar(0.5), opset=11),
    Case("Clip", INTS, constants=(np.asarray(-2, np.int32),), opset=12),
    Case("IsInf", np.asarray([1.0, np.inf, -np.inf, np.nan], np.float32), detect_negative=0, opset=10),
    Case("IsNaN", np.asarray([1.0, np.inf, np.nan], np.float32), opset=9),
    # arithmetic
    *(Case(op, X, floats(4, 1, 6, seed=5), opset=7) for op in ("Add", "Sub", "Mul", "Div")),
    *(Case(op, INTS, np.full((4,), 5, np.int32)) for op in ("Add", "Sub", "Mul", "Div", "Mod")),
    Case("Mod", INTS, constants=(np.asarray([-5], np.int32),), fmod=1),
    *(Case("Pow", POSITIVE, constants=(scalar(e),)) for e in (-1.0, -0.5, 0.5, 1.0, 2.0, 3.0, 2.5)),
    Case("Pow", POSITIVE, floats(5, 6)),
    Case("Pow", INTS, constants=(np.asarray([2], np.int32),)),
    Case("Pow", X, constants=(np.asarray([2], np.int64),), opset=12),
    *(Case(op, X, floats(5, 6), floats(4, 1, 1), opset=8) for op in ("Sum", "Mean", "Max", "Min")),
    Case("Sum", X),
    *(Case(op, np.round(X), np.round(floats(5, 6)), opset=o) for op, o in (("Less", 9), ("Greater", 9), ("Equal", 11))),
    *(Case(op, INTS, np.zeros(4, np.int32), opset=16) for op in ("LessOrEqual", "GreaterOrEqual")),
    *(Case(op, X > 0, floats(5, 6) > 0) for op in ("And", "Or", "Xor")),
    Case("Not", X > 0),
    Case("Where", X > 0, X, floats(6)),
    *(Case("Cast", a, to=to) for a in (X * 3, INTS, X > 0) for to in (1, 6, 7, 9, 11)),
    Case("CastLike", X * 9, constants=(np.asarray(1, np.int32),), oracles=RUNTIME),
    # shapes
    *(Case("Reshape", X, constants=(ints(*s),)) for s in ((0, -1), (-1,), (4, 2, 0, 3, 2), (8, 30))),
    *(Case("Flatten", X, axis=a, opset=11) for a in (0, 1, 4, -1)),
    Case("Squeeze", floats(1, 3, 1, 2), axes=[0, -2], opset=11),
    Case("Squeeze", floats(1, 3, 1, 2), constants=(ints(2),)),
    Case("Squeeze", floats(1, 3, 1, 2)),
    Case("Unsqueeze", X, axes=[0, 5], opset=11),
    Case("Unsqueeze", X, constants=(ints(-1, 1),)),
    Case("Transpose", X),
    Case("Transpose", X, perm=[0, 2, 3, 1]),
    Case("Slice", X, starts=[1, -3], ends=[4, 99], axes=[1, 3], opset=7, oracles=RUNTIME),
    Case("Slice", X, constants=(ints(1, -1), ints(2, -99), ints(0, 3), ints(1, -2))),
    Case("Slice", X, constants=(ints(0, 1), ints(1, 3))),
    Case("Split", X, axis=1, split=[1, 3], outputs=2, opset=11),
    Case("Split", X, constants=(ints(2, 2, 1),), axis=2, outputs=3),
    Case("Split", X, axis=2, num_outputs=3, outputs=3, opset=18),
    Case("Concat", X, floats(2, 1, 5, 6), axis=-3),
    Case("Expand", floats(4, 1, 1), constants=(ints(2, 1, 3, 5),)),
    Case("Tile", floats(2, 1, 3), constants=(ints(2, 3, 2),)),
    *(Case("DepthToSpace", floats(1, 8, 2, 3), blocksize=2, mode=m) for m in ("DCR", "CRD")),
    Case("SpaceToDepth", floats(1, 2, 4, 6), blocksize=2),
    *(Case("Gather", X, constants=(i,), axis=1) for i in (ints(-1), ints(0, 2), ints(3, 0, 1), np.asarray(2))),
    Case("Det", floats(3, 2, 5, 5), oracles=REFERENCE),
    Case("Det", np.asarray([[0, 2], [3, 0]], np.float64), oracles=REFERENCE),
    Case("Compress", X, constants=(np.asarray([False, True, True]),), axis=-2),
    Case("Compress", X, constants=(np.arange(100) % 7 == 0,)),
    Case("Trilu", X, ints(1), upper=0),
    Case("Trilu", X, np.asarray(-2)),
    Case("Pad", X, scalar(2.5), names=("x0", "c0", "x1"), constants=(ints(0, 1, -1, 0, 0, 2, 0, -2),), oracles=RUNTIME),
    Case("Pad", rows(0, 9, 2, 3), constants=(ints(1, 0, 0, 1), np.asarray(2**60 + 1))),  # beyond what a double holds
    Case("GatherElements", X, rows(-3, 5, 2, 3, 2, 6), axis=2, opset=13, oracles=RUNTIME),
    Case("GatherND", X, rows(-2, 1, 4, 3, 2), oracles=RUNTIME),
    Case("GatherND", X, rows(-3, 3, 2, 5, 1), batch_dims=1),
    Case("ScatterElements", X, rows(-5, 5, 2, 4, 5, 6), floats(2, 4, 5, 6, seed=5), axis=2, reduction="add", opset=18),
    Case("ScatterElements", X, rows(-5, 5, 2, 3, 2, 6), floats(2, 3, 2, 6, seed=5), axis=2, reduction="max", opset=18),
    Case("ScatterElements", X, rows(-5, 5, 1, 3, 2, 6), floats(1, 3, 2, 6, seed=5), axis=-2, reduction="mul"),
    Case("ScatterElements", X, constants=(np.argsort(floats(2, 4, 5, 6), 3), floats(2, 4, 5, 6, seed=5)), axis=3),
    Case("Scatter", floats(5), constants=(ints(1, -1), floats(2)), opset=9, oracles=RUNTIME),
    Case("ScatterND", X, rows(-2, 2, 3, 2), floats(3, 5, 6, seed=4), reduction="add", opset=18, oracles=RUNTIME),
    Case("ScatterND", X, rows(-2, 2, 3, 3), floats(3, 6, seed=4), reduction="min", opset=18, oracles=RUNTIME),
    Case("ScatterND", X, constants=(ints(1, 0).reshape(2, 1), floats(2, 4, 5, 6, seed=4))),
    Case("ReverseSequence", floats(5, 3, 2), ints(5, 1, 3), oracles=RUNTIME),
    Case("ReverseSequence", X, ints(4, 2), batch_axis=0, time_axis=1),
    Case("TopK", X, constants=(ints(3),), axis=1, outputs=2),
    Case("TopK", np.round(X), constants=(ints(4),), outputs=2, opset=11, largest=0, sorted=1),
    Case("TopK", X, axis=2, outputs=2, opset=1, k=2, oracles=REFERENCE),
    Case("ArgMin", np.round(X), axis=-1, keepdims=0, select_last_index=1),
    Case("CumSum", X, constants=(np.asarray(-2, np.int32),), exclusive=1, reverse=1),
    Case("Gather", X, ints(1, -2).reshape(2, 1), axis=2),
    Case("GatherElements", X, np.random.default_rng(0).integers(-4, 4, (2, 3, 5, 2)), axis=1, oracles=RUNTIME),
    Case("GatherND", X, np.asarray([[[1, 2]], [[-4, 0]]]), batch_dims=1),
    Case("Pad", X, pads=[0, 1, 2, 0, 0, 0, 1, 3], value=1.5, opset=7, oracles=RUNTIME),
    Case("Pad", X, constants=(ints(0, 0, -1, 2, 0, 1, 0, -2), scalar(-1.0)), oracles=RUNTIME),
    *(Case("Pad", X, constants=(ints(0, 1, 2, 3, 0, 0, 3, 4),), mode=m) for m in ("reflect", "edge")),
    Case("Pad", X, constants=(ints(0, 0, 2, 3, 0, 0, 3, 4),), mode="wrap", opset=19),
    Case("Pad", X, constants=(ints(2, 1), scalar(0.0), ints(-1)), opset=18),
    Case("Trilu", floats(3, 4, 5), constants=(np.asarray(-1),), upper=0),
    Case("OneHot", ints(0, 2, -1), constants=(np.asarray(4), np.asarray([5.0, 7.0], np.float32)), axis=0),
    # reductions
    *(
        Case(op, POSITIVE, axes=[1, -1], keepdims=0, opset=11)
        for op in ("ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2", "ReduceSumSquare",
                   "ReduceLogSum", "ReduceLogSumExp", "ReduceSum")
    ),
    Case("ReduceSum", X, constants=(ints(2),)),
    Case("ReduceSum", X, noop_with_empty_axes=1),
    Case("ReduceMean", X, opset=18),
    Case("ReduceMax", X, constants=(ints(0, 1),), opset=18, keepdims=0),
    Case("ReduceMax", INTS, axes=[1]),
    Case("ReduceLogSumExp", X * 500, axes=[1]),
    *(Case(op, np.round(X), axis=2, keepdims=k, select_last_index=k) for op in ("ArgMax", "ArgMin") for k in (0, 1)),
    Case("CumSum", X, constants=(np.asarray(2),), exclusive=1),
    Case("CumSum", X, constants=(np.asarray(-1),), reverse=1),
    # resizing
    Case("Upsample", X, mode="nearest", scales=[1.0, 1.0, 2.0, 3.0], opset=7, oracles=RUNTIME),
    Case("Upsample", X, constants=(np.asarray([1, 1, 2, 2], np.float32),), mode="linear", opset=9, oracles=RUNTIME),
    Case("Resize", X, constants=(np.asarray([1, 1, 2, 0.5], np.float32),), opset=10, oracles=RUNTIME),
    # constants in, constants out
    Case("DequantizeLinear", constants=(np.asarray([[1, -2], [3, 4]], np.int8), scalar(0.5)), opset=10, oracles=RUNTIME),
    Case("DequantizeLinear", constants=(np.arange(12, dtype=np.uint8).reshape(2, 3, 2), np.asarray([0.5, 1, 2],
         np.float32), np.asarray([1, 2, 3], np.uint8)), axis=1, oracles=RUNTIME),
    Case("ConstantOfShape", constants=(ints(2, 3),)),
    Case("Range", constants=(np.asarray(3.0, np.float32), np.asarray(-1.0, np.float32), np.asarray(-0.5, np.float32))),
    Case("EyeLike", X[0, 0], k=1, dtype=11),
    Case("Shape", X, start=1, end=-1),
    Case("Size", X),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_builder(case: Case) -> None:
    case.check()


MODES = ("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric")
NEAREST = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


def _resize(sizes: Sequence[int] | None, scales: Sequence[float] | None, **attributes: Any) -> ModelProto:
    constants = {"sizes": ints(*sizes)} if sizes else {"scales": np.asarray(scales, np.float32)}
    names = ["x", "", "", "sizes"] if sizes else ["x", "", "scales"]
    return single("Resize", {"x": X}, constants, opset=19, names=names, **attributes)


@pytest.mark.parametrize("coordinates", MODES)
@pytest.mark.parametrize("mode", ["linear", "cubic", *NEAREST])
def test_resize(mode: str, coordinates: str) -> None:
    extra = {"mode": "nearest", "nearest_mode": mode} if mode in NEAREST else {"mode": mode}
    for sizes, scales in (([2, 4, 7, 4], None), (None, [1, 1, 2, 3]), ([2, 4, 3, 11], None)):
        source = _resize(sizes, scales, coordinate_transformation_mode=coordinates, **extra)
        got = run(load(source, ImportOptions()), {"x": X})["y"]
        np.testing.assert_allclose(got, reference(source, {"x": X})[0], 1e-4, 1e-5)


@pytest.mark.parametrize("mode", ["linear", "cubic"])
@pytest.mark.parametrize(
    "extra", [{"antialias": 1}, {"exclude_outside": 1}, {"keep_aspect_ratio_policy": "not_larger"}]
)
def test_resize_options(mode: str, extra: dict[str, Any]) -> None:
    source = _resize([2, 4, 3, 4], None, mode=mode, **extra)
    if "keep_aspect_ratio_policy" in extra:
        source = single("Resize", {"x": X}, {"s": ints(7, 7)}, opset=19, names=["x", "", "", "s"], axes=[2, 3], **extra)
    got = run(load(source, ImportOptions()), {"x": X})["y"]
    np.testing.assert_allclose(got, reference(source, {"x": X})[0], 1e-4, 1e-5)


def test_whole_multiples_are_views() -> None:
    source = _resize(None, [1, 1, 2, 3], coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    graph = load(source, ImportOptions())
    assert [op.opname for op in graph.ops] == ["index", "reshape"]


def test_literals_lie_in_the_program() -> None:
    clipped = single("Clip", {"x": X}, {"low": scalar(0.0), "high": scalar(6.0)})
    (only,) = load(clipped, ImportOptions()).ops
    assert only.opname == "map"
    assert len(only.operands) == 1


def test_opsets_mean_other_axes() -> None:
    """Softmax flattened before opset 13."""
    results = [
        run(load(single("Softmax", {"x": X}, opset=o, axis=2), ImportOptions()), {"x": X})["y"] for o in (11, 13)
    ]
    np.testing.assert_allclose(results[0].sum(axis=(2, 3)), 1, 1e-5)
    np.testing.assert_allclose(results[1].sum(axis=2), 1, 1e-5)


def test_everything_about_a_mask_of_dropout() -> None:
    source = single("Dropout", {"x": X}, {"ratio": scalar(0.5)}, outputs=("y", "mask"), opset=13)
    got = run(load(source, ImportOptions()), {"x": X})
    assert got["mask"].all()
    np.testing.assert_array_equal(got["y"], X)


def test_ambiguous_transposed_convolution_is_refused() -> None:
    source = single("ConvTranspose", {"x": X}, {"w": T}, auto_pad="SAME_UPPER", strides=[2, 2], output_padding=[1, 1])
    with pytest.raises(EmbedcError, match="ambiguous"):
        load(source, ImportOptions())


def test_attention_by_its_definition() -> None:
    nodes = [helper.make_node("Attention", ["q", "k", "v"], ["y"])]
    q, k, v = (floats(1, 2, 3, 4, seed=s) for s in range(3))
    source = model(nodes, [tensor(n, (1, 2, 3, 4)) for n in "qkv"], ["y"], opset=23)
    source.ir_version = 11
    got = run(load(source, ImportOptions()), {"q": q, "k": k, "v": v})["y"]
    np.testing.assert_allclose(got, reference(source, {"q": q, "k": k, "v": v})[0], 1e-4, 1e-5)


def test_windows_that_move_at_run_time() -> None:
    """A slice whose end the model computes from its start; it stays inside of the input."""
    nodes = [
        helper.make_node("Unsqueeze", ["i", "zero"], ["start"]),
        helper.make_node("Add", ["i", "three"], ["j"]),
        helper.make_node("Unsqueeze", ["j", "zero"], ["end"]),
        helper.make_node("Slice", ["x", "start", "end", "axis"], ["y"]),
    ]
    constants = {"zero": ints(0), "three": np.asarray(3), "axis": ints(2)}
    inputs = [tensor("x", X.shape), tensor("i", (), TensorProto.INT64)]
    graph = load(model(nodes, inputs, ["y"], constants), ImportOptions())
    for start in (0, 1, 2):
        got = run(graph, {"x": X, "i": np.asarray(start)})["y"]
        np.testing.assert_array_equal(got, X[:, :, start : start + 3])
    np.testing.assert_array_equal(run(graph, {"x": X, "i": np.asarray(99)})["y"], X[:, :, 2:5])


@pytest.mark.parametrize("op", ["NonZero", "Unique", "Compress"])
def test_shapes_that_depend_on_data_are_refused(op: str) -> None:
    inputs = {"x": X, "c": np.ones(2, np.bool_)} if op == "Compress" else {"x": X}
    with pytest.raises(EmbedcError, match=r"the shape of its result depends on .* computed while the model runs"):
        load(single(op, inputs), ImportOptions())
