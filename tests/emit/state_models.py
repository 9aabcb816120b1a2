"""Small models that keep state: what streams are made of."""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from embedc.ir.types import Array
from tests.emit.small_models import model


@dataclass(frozen=True)
class Streaming:
    """A model with its pairs of state, and whether the next state is written over the present one without a copy."""

    model: onnx.ModelProto
    states: dict[str, str]
    initial: dict[str, Array]
    in_place: bool = True


def _random(seed: int, *shape: int) -> Array:
    generator = np.random.Generator(np.random.PCG64(seed))
    return (generator.standard_normal(shape) / max(1, np.prod(shape[:-1])) ** 0.5).astype(np.float32)


def accumulator() -> Streaming:
    """H' = h / 2 + x; y reads the new state."""
    nodes = [
        helper.make_node("Mul", ["h", "decay"], ["d"], name="decay"),
        helper.make_node("Add", ["d", "x"], ["h_out"], name="accumulate"),
        helper.make_node("Neg", ["h_out"], ["y"], name="negative"),
    ]
    ports = {"x": (1, 13), "h": (1, 13)}
    return Streaming(
        model(nodes, ports, {"y": (1, 13), "h_out": (1, 13)}, {"decay": np.full(1, 0.5, np.float32)}),
        {"h": "h_out"},
        {"h": np.zeros((1, 13), np.float32)},
    )


def read_twice() -> Streaming:
    """The present state is read again behind the step that computes the next one."""
    nodes = [
        helper.make_node("Add", ["h", "x"], ["h_out"], name="next"),
        helper.make_node("ReduceMax", ["h_out"], ["most"], axes=[1], name="most"),
        helper.make_node("Mul", ["h", "most"], ["y"], name="late"),
    ]
    built = model(nodes, {"x": (1, 9), "h": (1, 9)}, {"y": (1, 9), "h_out": (1, 9)})
    return Streaming(built, {"h": "h_out"}, {"h": np.zeros((1, 9), np.float32)}, in_place=False)


def streaming_conv() -> Streaming:
    """A causal convolution over time that keeps the last frames, and a second one on top with a cache of its own."""
    last = {"begin": np.array([2]), "end": np.array([6]), "axis": np.array([2])}
    nodes = [
        helper.make_node("Concat", ["cache", "x"], ["frames"], axis=2, name="frames"),
        helper.make_node("Conv", ["frames", "w0", "b0"], ["c0"], name="first"),
        helper.make_node("Relu", ["c0"], ["r0"], name="relu"),
        helper.make_node("Slice", ["frames", "begin", "end", "axis"], ["cache_out"], name="keep"),
        helper.make_node("Concat", ["cache2", "r0"], ["frames2"], axis=2, name="frames2"),
        helper.make_node("Conv", ["frames2", "w1"], ["y"], name="second"),
        helper.make_node("Slice", ["frames2", "begin", "end", "axis"], ["cache2_out"], name="keep2"),
    ]
    weights = {"w0": _random(1, 8, 6, 5), "b0": _random(2, 8), "w1": _random(3, 3, 8, 5)} | last
    inputs = {"x": (1, 6, 2), "cache": (1, 6, 4), "cache2": (1, 8, 4)}
    outputs = {"y": (1, 3, 2), "cache_out": (1, 6, 4), "cache2_out": (1, 8, 4)}
    pairs = {"cache": "cache_out", "cache2": "cache2_out"}
    initial: dict[str, Array] = {name: np.zeros(inputs[name], np.float32) for name in pairs}
    return Streaming(model(nodes, inputs, outputs, weights), pairs, initial, in_place=False)


def gru_cell() -> Streaming:
    """A gated recurrent unit of primitive operators, its state an initializer that is an input too."""
    nodes = [
        helper.make_node("Concat", ["x", "h"], ["xh"], axis=1, name="xh"),
        helper.make_node("Gemm", ["xh", "wz", "bz"], ["z0"], name="update product"),
        helper.make_node("Sigmoid", ["z0"], ["z"], name="update"),
        helper.make_node("Gemm", ["xh", "wr", "br"], ["r0"], name="reset product"),
        helper.make_node("Sigmoid", ["r0"], ["r"], name="reset"),
        helper.make_node("Mul", ["r", "h"], ["rh"], name="forget"),
        helper.make_node("Concat", ["x", "rh"], ["xrh"], axis=1, name="xrh"),
        helper.make_node("Gemm", ["xrh", "wh", "bh"], ["n0"], name="new product"),
        helper.make_node("Tanh", ["n0"], ["n"], name="new"),
        helper.make_node("Sub", ["h", "n"], ["hn"], name="difference"),
        helper.make_node("Mul", ["z", "hn"], ["zhn"], name="gate"),
        helper.make_node("Add", ["n", "zhn"], ["h_out"], name="state"),
        helper.make_node("Gemm", ["h_out", "wy"], ["y"], name="output"),
    ]
    weights = {f"w{g}": _random(k, 21, 16) for k, g in enumerate("zrh")}
    weights |= {f"b{g}": _random(k + 5, 16) for k, g in enumerate("zrh")}
    begins = _random(9, 1, 16)
    built = model(
        nodes, {"x": (1, 5), "h": (1, 16)}, {"y": (1, 3), "h_out": (1, 16)}, weights | {"wy": _random(8, 16, 3)}
    )
    built.graph.initializer.append(numpy_helper.from_array(begins, "h"))
    return Streaming(built, {"h": "h_out"}, {"h": begins})


def elman_cell() -> Streaming:
    """One product reads the whole state for every element of the next one."""
    nodes = [
        helper.make_node("MatMul", ["h", "w"], ["m"], name="product"),
        helper.make_node("Add", ["m", "x"], ["a"], name="sum"),
        helper.make_node("Tanh", ["a"], ["h_out"], name="state"),
        helper.make_node("Neg", ["h_out"], ["y"], name="output"),
    ]
    built = model(nodes, {"x": (1, 20), "h": (1, 20)}, {"y": (1, 20), "h_out": (1, 20)}, {"w": _random(4, 20, 20)})
    return Streaming(built, {"h": "h_out"}, {"h": np.zeros((1, 20), np.float32)}, in_place=False)


def exchange() -> Streaming:
    """Two states that take each other's value, a delay line, and an initializer that is no input."""
    nodes = [
        helper.make_node("Identity", ["b"], ["a_out"], name="a"),
        helper.make_node("Identity", ["a"], ["b_out"], name="b"),
        helper.make_node("Identity", ["x"], ["last"], name="delay"),
        helper.make_node("Sub", ["a", "b"], ["difference"], name="difference"),
        helper.make_node("Add", ["difference", "before"], ["y"], name="y"),
    ]
    begins = {"a": np.arange(7, dtype=np.float32)[None], "before": np.full((1, 7), 3, np.float32)}
    inputs, outputs = {"x": (1, 7), "b": (1, 7)}, {"y": (1, 7), "a_out": (1, 7), "b_out": (1, 7), "last": (1, 7)}
    pairs = {"a": "a_out", "b": "b_out", "before": "last"}
    built = model(nodes, inputs, outputs, begins)
    return Streaming(built, pairs, begins | {"b": np.zeros((1, 7), np.float32)}, in_place=False)


def counter() -> Streaming:
    """A count of calls in integers; nothing else is given."""
    one = numpy_helper.from_array(np.ones(1, np.int64), "one")
    nodes = [
        helper.make_node("Add", ["n", "one"], ["n_out"], name="count"),
        helper.make_node("Mul", ["n_out", "n_out"], ["y"], name="square"),
    ]
    kinds = {name: helper.make_tensor_value_info(name, TensorProto.INT64, [1]) for name in ("n", "n_out", "y")}
    graph = helper.make_graph(nodes, "counter", [kinds["n"]], [kinds["y"], kinds["n_out"]], [one])
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return Streaming(built, {"n": "n_out"}, {"n": np.zeros(1, np.int64)})


STREAMING = {f.__name__: f for f in (accumulator, read_twice, streaming_conv, gru_cell, elman_cell, exchange, counter)}
