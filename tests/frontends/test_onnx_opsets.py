"""Operators as opsets before 7 meant them: broadcasting by attributes, shapes and repeats elsewhere, training by default."""

from typing import Any

import numpy as np
import pytest

from embedc.diagnostics import EmbedcError
from embedc.frontends.onnx import ImportOptions, load
from embedc.ir.interpreter import run
from tests.frontends.small import Array, floats, single

X = floats(2, 3, 4, 5)
PER_CHANNEL = floats(3, seed=1)
COLUMN = PER_CHANNEL[:, None, None]

PRODUCT = X[0, 0] @ X[0, 1].T
ROW = floats(4, seed=2)
PADS = [(0, 0), (0, 0), (1, 0), (0, 2)]


def computed(op: str, opset: int, inputs: tuple[Array, ...], constants: tuple[Array, ...] = (), **more: Any) -> Array:
    named = {f"x{i}": a for i, a in enumerate(inputs)}
    stored = {f"c{i}": a for i, a in enumerate(constants)}
    return run(load(single(op, named, stored, opset=opset, **more), ImportOptions()), named)["y"]


def numbers(*values: float) -> Array:
    return np.asarray(values, np.float32)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (lambda: computed("Add", 6, (X, PER_CHANNEL), broadcast=1, axis=1), X + COLUMN),
        (lambda: computed("Sub", 6, (X, X[0, 0]), broadcast=1), X - X[0, 0]),
        (lambda: computed("Mul", 1, (X, X[0, :, :, 0]), broadcast=1, axis=-3), X * X[0, :, :, :1]),
        (lambda: computed("Div", 6, (X, numbers(4)), broadcast=1), X / 4),
        (lambda: computed("Pow", 1, (np.abs(X), numbers(2)), broadcast=1), X * X),
        (lambda: computed("Greater", 1, (X, PER_CHANNEL), broadcast=1, axis=1), X > COLUMN),
        (lambda: computed("Add", 1, (X, X), consumed_inputs=[0, 0]), X + X),
        (lambda: computed("PRelu", 6, (X,), (PER_CHANNEL,)), np.where(X < 0, X * COLUMN, X)),
        (lambda: computed("Gemm", 6, (X[0, 0], X[0, 1].T, ROW), broadcast=1), PRODUCT + ROW),
        (lambda: computed("Concat", 3, (X, X)), np.concatenate([X, X], 1)),
        (lambda: computed("Reshape", 4, (X,), shape=[0, -1]), X.reshape(2, -1)),
        (lambda: computed("Tile", 5, (X,), (numbers(3), numbers(2))), np.tile(X, (1, 1, 3, 1))),
        (lambda: computed("Cast", 5, (X,), to="DOUBLE"), X.astype(np.float64)),
        (lambda: computed("Pad", 1, (X,), paddings=[0, 0, 1, 0, 0, 0, 0, 2]), np.pad(X, PADS)),
        (lambda: computed("Upsample", 6, (X,), height_scale=2.0, width_scale=3.0), X.repeat(2, 2).repeat(3, 3)),
        (lambda: computed("GlobalLpPool", 1, (X,), p=1.0), np.abs(X).sum((2, 3), keepdims=True)),
        (lambda: computed("Dropout", 6, (X,), is_test=1), X),
    ],
)
def test_old_opsets(got: Any, wanted: Array) -> None:
    result = got()
    assert result.dtype == wanted.dtype
    np.testing.assert_allclose(result, wanted, 1e-5, 1e-6)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: computed("Add", 6, (X, PER_CHANNEL), axis=1), "broadcast = 1"),
        (lambda: computed("Add", 6, (X, PER_CHANNEL), broadcast=1), "does not match"),
        (lambda: computed("Gemm", 6, (X[0, 0], X[0, 1].T, ROW)), "broadcast = 1"),
        (lambda: computed("BatchNormalization", 6, (X,), (PER_CHANNEL,) * 4), "is_test is 0"),
        (lambda: computed("Dropout", 6, (X,)), "is_test is 0"),
        (lambda: computed("Cast", 5, (X,), to="STRING"), "'STRING'"),
    ],
)
def test_refused_in_old_opsets(build: Any, words: str) -> None:
    with pytest.raises(EmbedcError, match=words):
        build()
