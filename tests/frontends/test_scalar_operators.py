"""Elementwise operators in every element type, as generated code under the sanitizers' rules, against numpy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from onnx import helper

import embedc
from embedc.diagnostics import EmbedcError
from tests.frontends.small import Array, floats, model, single, tensor

Rule = tuple[str, int, dict[str, Any], Callable[..., Array]]
COUNT = 200


def computed(rules: list[Rule], arrays: list[Array], target: str = "c") -> dict[str, Array]:
    """What one model with a node for each rule computes of the first operands."""
    names = [f"x{k}" for k in range(len(arrays))]
    nodes = [
        helper.make_node(op, names[:arity], [f"{op}{number}"], **attributes)
        for number, (op, arity, attributes, _) in enumerate(rules)
    ]
    infos = [tensor(n, a.shape, helper.np_dtype_to_tensor_dtype(a.dtype)) for n, a in zip(names, arrays, strict=True)]
    source = model(nodes, infos, [node.output[0] for node in nodes], opset=23)
    return embedc.compile(source, target, name="m").run(dict(zip(names, arrays, strict=True)))


def quotient(a: Array, b: Array) -> Array:
    """Towards zero, of Python's integers; over zero, zero."""
    pairs = zip(a.tolist(), b.tolist(), strict=True)
    exact = [0 if y == 0 else abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1) for x, y in pairs]
    return np.asarray([n % 2 ** (8 * a.itemsize) for n in exact], f"u{a.itemsize}").view(a.dtype)


def floored(a: Array, b: Array) -> Array:
    return np.asarray([x % y if y else 0 for x, y in zip(a.tolist(), b.tolist(), strict=True)], a.dtype)


def positive(x: Array) -> Array:
    return np.maximum(x, 0)


INTEGERS: list[Rule] = [
    ("Add", 2, {}, np.add),
    ("Sub", 2, {}, np.subtract),
    ("Mul", 2, {}, np.multiply),
    ("Div", 2, {}, quotient),
    ("Mod", 2, {}, floored),
    ("Mod", 2, {"fmod": 1}, np.fmod),
    ("Max", 2, {}, np.maximum),
    ("Min", 2, {}, np.minimum),
    ("Abs", 1, {}, np.abs),
    ("Sign", 1, {}, np.sign),
    ("BitwiseAnd", 2, {}, np.bitwise_and),
    ("BitwiseOr", 2, {}, np.bitwise_or),
    ("BitwiseXor", 2, {}, np.bitwise_xor),
    ("BitwiseNot", 1, {}, np.bitwise_not),
    ("Less", 2, {}, np.less),
    ("GreaterOrEqual", 2, {}, np.greater_equal),
    ("Equal", 2, {}, np.equal),
]
SIGNED: list[Rule] = [("Neg", 1, {}, np.negative), ("Relu", 1, {}, positive)]
UNSIGNED: list[Rule] = [
    ("BitShift", 2, {"direction": "LEFT"}, np.left_shift),
    ("BitShift", 2, {"direction": "RIGHT"}, np.right_shift),
]


@pytest.mark.parametrize("name", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"])
def test_integers(name: str) -> None:
    dtype = np.dtype(name)
    limits = np.iinfo(dtype)
    random = np.random.default_rng(5)
    a, b = (random.integers(limits.min, limits.max, COUNT, dtype=dtype, endpoint=True) for _ in range(2))
    b[::3] = random.integers(-5 if limits.min else 0, 70, b[::3].size).astype(dtype)
    a[:4], b[:4] = limits.min, np.asarray([0, -1, 1, 2]).astype(dtype)
    rules = INTEGERS + (SIGNED if limits.min else UNSIGNED)
    got = computed(rules, [a, b])
    with np.errstate(all="ignore"):
        for result, (op, arity, attributes, expected) in zip(got.values(), rules, strict=True):
            np.testing.assert_array_equal(result, expected(a, b) if arity == 2 else expected(a), f"{op} {attributes}")


@pytest.mark.parametrize("base", ["int32", "int64"])
def test_powers_of_integers(base: str) -> None:
    x = np.asarray([2, -3, 1, -1, 0, 7, 10, -2, 5, 3]).astype(base)
    for exponent in ([10, 3, -4, -3, 0, 40, 5, 1, -1, 2], [2.5, 2, 0, 3, 1, 0.5, 5, 2, 1, 0.9]):
        y = np.asarray(exponent, np.int64 if isinstance(exponent[0], int) else np.float32)
        got = embedc.compile(single("Pow", {"x": x, "y": y}, outputs=("z",)), "c").run({"x": x, "y": y})["z"]
        wide = [int(a**b) if b >= 0 or abs(a) == 1 else 0 for a, b in zip(x.tolist(), exponent, strict=True)]
        expected = np.asarray([n % 2 ** (8 * x.itemsize) for n in wide], f"u{x.itemsize}").view(base)
        np.testing.assert_array_equal(got, expected)


WIDE = np.linspace(-30, 30, COUNT)
UNIT = np.concatenate([np.linspace(-1, 1, COUNT - 6), [1.5, -1.5, 0.0, -0.0, 1e-30, -1e-30]])
FUNCTIONS: dict[str, tuple[Callable[..., Array], Array]] = {
    "Sin": (np.sin, WIDE),
    "Cos": (np.cos, WIDE),
    "Tan": (np.tan, WIDE),
    "Asin": (np.arcsin, UNIT),
    "Acos": (np.arccos, UNIT),
    "Atan": (np.arctan, WIDE),
    "Sinh": (np.sinh, WIDE),
    "Cosh": (np.cosh, WIDE),
    "Asinh": (np.arcsinh, WIDE),
    "Acosh": (np.arccosh, np.linspace(0.5, 30, COUNT)),
    "Atanh": (np.arctanh, UNIT),
}


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_functions_of_floats(name: str) -> None:
    """Within four units in the last place of numpy's f64."""
    dtype = np.dtype(name)
    arrays = [x.astype(dtype) for _, x in FUNCTIONS.values()]
    nodes = [helper.make_node(op, [f"x{k}"], [f"y{k}"]) for k, op in enumerate(FUNCTIONS)]
    infos = [tensor(f"x{k}", a.shape, helper.np_dtype_to_tensor_dtype(dtype)) for k, a in enumerate(arrays)]
    source = model(nodes, infos, [f"y{k}" for k in range(len(nodes))], opset=22)
    got = embedc.compile(source, "c", name="m").run({f"x{k}": a for k, a in enumerate(arrays)})
    with np.errstate(all="ignore"):
        for (op, (function, _)), x, y in zip(FUNCTIONS.items(), arrays, got.values(), strict=True):
            true = function(x.astype(np.float64))
            assert np.array_equal(np.isnan(y), np.isnan(true)), op
            finite = np.isfinite(true)
            assert np.array_equal(y[~finite], true[~finite].astype(dtype), equal_nan=True), op
            unit = np.spacing(np.abs(true[finite]).astype(dtype)).astype(np.float64)
            assert (np.abs(y[finite] - true[finite]) <= 4 * unit).all(), op


def test_remainders_of_floats() -> None:
    x = np.asarray([5.5, -5.5, 5.5, -5.5, 0.1, np.inf, 1, np.nan, -0.0], np.float32)
    y = np.asarray([2, 2, -2, -2, 0.3, 1, 0, 1, 1], np.float32)
    got = embedc.compile(single("Mod", {"x": x, "y": y}, outputs=("z",), fmod=1), "c").run({"x": x, "y": y})["z"]
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(got, np.fmod(x, y))
    assert np.signbit(got[-1])
    with pytest.raises(EmbedcError, match="fmod = 0"):
        embedc.compile(single("Mod", {"x": x, "y": y}, outputs=("z",)), "c")


def test_bits_of_one_type_read_as_another() -> None:
    x = floats(9)
    for source, to in ((x, np.int32), (x.astype(np.float64), np.int64), (x.astype(np.float16), np.uint16)):
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(to))
        words = embedc.compile(single("BitCast", {"x": source}, opset=26, to=kind), "c").run({"x": source})["y"]
        np.testing.assert_array_equal(words, source.view(to))
        back = helper.np_dtype_to_tensor_dtype(source.dtype)
        again = embedc.compile(single("BitCast", {"x": words}, opset=26, to=back), "c").run({"x": words})["y"]
        np.testing.assert_array_equal(again, source)
    with pytest.raises(EmbedcError, match="same width"):
        embedc.compile(single("BitCast", {"x": x}, opset=26, to=helper.np_dtype_to_tensor_dtype(np.dtype("i8"))), "c")
