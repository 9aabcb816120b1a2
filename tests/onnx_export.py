"""A Graph as an ONNX model, where ONNX has the same operators, to compare with evaluators that are not ours."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from embedc.ir.graph import Graph, Value
from embedc.ir.scalar import ScalarProgram
from embedc.ir.types import F32, I8, I32, I64, Array, Element, TensorType
from embedc.ops.base import Op
from embedc.ops.control import FLAG, NUMBER, If, Loop
from embedc.ops.elementwise import Const, Map, Reduce, Reduction, constant_of
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape, Scatter, Update
from embedc.ops.lines import Arg, Cumulate, Extreme, TopK
from embedc.ops.matrix import Det
from embedc.ops.quantized import Dequantize, Quantize
from embedc.ops.sampling import Method, Outside, Sample
from embedc.ops.window import Contract, Conv, Window, WindowKind, sums_narrow, weighs_in_bytes

OPSET = 20
SCALARS = {
    "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "min": "Min", "max": "Max", "neg": "Neg", "abs": "Abs",
    "sqrt": "Sqrt", "floor": "Floor", "ceil": "Ceil", "round": "Round", "exp": "Exp", "log": "Log", "tanh": "Tanh",
    "sigmoid": "Sigmoid", "erf": "Erf", "pow": "Pow", "sin": "Sin", "cos": "Cos", "lt": "Less", "le": "LessOrEqual",
    "eq": "Equal", "and": "And", "or": "Or", "not": "Not", "select": "Where", "bit_and": "BitwiseAnd", "bit_or": "BitwiseOr", "bit_xor": "BitwiseXor",
    "bit_not": "BitwiseNot", "tan": "Tan", "asin": "Asin", "acos": "Acos", "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh",
    "asinh": "Asinh", "acosh": "Acosh", "atanh": "Atanh",
}  # fmt: skip


class NoEquivalent(Exception):  # noqa: N818 - reads as what it says
    """ONNX cannot say this in a plain operator."""


class Exporter:
    """Collects ONNX nodes and initializers."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.names: dict[Value, str] = {}
        self.count = 0

    def fresh(self) -> str:
        self.count += 1
        return f"v{self.count}"

    def data(self, array: Array) -> str:
        name = self.fresh()
        self.initializers.append(numpy_helper.from_array(np.array(array), name))
        return name

    def integers(self, items: Sequence[int]) -> str:
        return self.data(np.asarray(items, np.int64))

    def node(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        name = self.fresh()
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def nodes_of(self, kind: str, inputs: Sequence[str], results: int, **attributes: Any) -> Sequence[str]:
        """The results of a node with several."""
        names = [self.fresh() for _ in range(results)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def convert(self, op: Op) -> Sequence[str]:
        made = CONVERTERS[type(op)](self, op, *(self.names[v] for v in op.operands))
        return [made] if isinstance(made, str) else made


def to_onnx(graph: Graph) -> onnx.ModelProto:
    """The model; NoEquivalent where an operator has no plain counterpart."""
    out = Exporter()
    inputs: list[onnx.ValueInfoProto] = []
    for value in graph.inputs:
        out.names[value] = value.name
        inputs.append(_info(value.name, value.type))
    for op in graph.ops:
        out.names.update(zip(op.results, out.convert(op), strict=True))
    outputs: list[onnx.ValueInfoProto] = []
    for name, value in graph.outputs.items():
        out.nodes.append(helper.make_node("Identity", [out.names[value]], [f"out_{name}"]))
        outputs.append(_info(f"out_{name}", value.type))
    made = helper.make_graph(out.nodes, graph.name, inputs, outputs, out.initializers)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)


def _info(name: str, kind: TensorType) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, _type(kind.element), kind.dims)


def _type(element: Element) -> int:
    return helper.np_dtype_to_tensor_dtype(element.dtype)


def _const(out: Exporter, op: Const) -> str:
    return out.data(op.data)


def _map(out: Exporter, op: Map, *inputs: str) -> str:
    result = _program(out, op.body, inputs)
    return out.node("Expand", [result, out.integers(op.result.type.dims)])


def _program(out: Exporter, body: ScalarProgram, inputs: Sequence[str]) -> str:
    names = list(inputs)
    for node in body.nodes:
        args = [names[a] for a in node.args]
        if node.op == "const":
            names.append(out.data(np.asarray(node.value, node.element.dtype)))
        elif node.op == "cast":
            names.append(out.node("Cast", args, to=_type(node.element)))
        elif node.op in ("div", "pow") and node.element.is_integer:
            raise NoEquivalent("a division by zero, a negative power")
        elif node.op in SCALARS:
            names.append(out.node(SCALARS[node.op], args))
        else:
            raise NoEquivalent(node.op)
    return names[body.result]


def _reduce(out: Exporter, op: Reduce, x: str) -> str:
    kind = {"add": "Sum", "mul": "Prod", "max": "Max", "min": "Min"}[op.kind]
    return out.node(f"Reduce{kind}", [x, out.integers(op.axes)], keepdims=1, noop_with_empty_axes=1)


def _reshape(out: Exporter, op: Reshape, x: str) -> str:
    return out.node("Reshape", [x, out.integers(op.shape)])


def _index(out: Exporter, op: Index, x: str) -> str:
    """Slice, Transpose, Reshape, Expand."""
    rank = op.x.type.rank
    read = [o for o in op.source if o >= 0]
    if len(set(read)) != len(read):
        raise NoEquivalent("an axis read twice")
    begins, ends, steps = list(op.start), [b + 1 for b in op.start], [1] * rank
    for n, o, s in zip(op.shape, op.source, op.step, strict=True):
        if o >= 0 and s != 0:
            last = op.start[o] + (n - 1) * s
            ends[o] = last + 1 if s > 0 else (last - 1 if last > 0 else -(1 << 31))
            steps[o] = s
    cut = out.node("Slice", [x, *(out.integers(i) for i in (begins, ends, range(rank), steps))]) if rank else x
    order = [*read, *(a for a in range(rank) if a not in read)]
    moved = out.node("Transpose", [cut], perm=order) if rank else cut
    ones = [n if o >= 0 and s != 0 else 1 for n, o, s in zip(op.shape, op.source, op.step, strict=True)]
    return out.node("Expand", [out.node("Reshape", [moved, out.integers(ones)]), out.integers(op.shape)])


def _pad(out: Exporter, op: Pad, x: str) -> str:
    if min(op.before + op.after, default=0) < 0:
        begin = [max(-b, 0) for b in op.before]
        end = [n - max(-a, 0) for n, a in zip(op.x.type.dims, op.after, strict=True)]
        x = out.node("Slice", [x, out.integers(begin), out.integers(end)])
    amounts = [max(n, 0) for n in op.before + op.after]
    return out.node("Pad", [x, out.integers(amounts), out.data(np.asarray(op.value).astype(op.x.type.element.dtype))])


def _concat(out: Exporter, op: Concat, *inputs: str) -> str:
    return out.node("Concat", inputs, axis=op.axis)


def _in_range(op: Gather | Scatter) -> None:
    indices, extent = constant_of(op.indices), op.x.type.dims[op.axis]
    if indices is None or np.any((indices < -extent) | (indices >= extent)):
        raise NoEquivalent("indices that may be out of range")


def _scatter(out: Exporter, op: Scatter, x: str, indices: str, updates: str) -> str:
    """ScatterElements along a flattened index axis: an index for each element."""
    _in_range(op)
    lead, behind = op.x.type.dims[: op.axis], op.x.type.dims[op.axis + 1 :]
    count = op.indices.type.size
    flat = out.node("Reshape", [indices, out.integers([*(1 for _ in lead), count, *(1 for _ in behind)])])
    spread = out.node("Expand", [flat, out.integers([*lead, count, *behind])])
    rows = out.node("Reshape", [updates, out.integers([*lead, count, *behind])])
    reduction = "none" if op.kind is Update.REPLACE else op.kind.value
    return out.node("ScatterElements", [x, spread, rows], axis=op.axis, reduction=reduction)


def _gather(out: Exporter, op: Gather, x: str, indices: str) -> str:
    _in_range(op)
    indices = out.node("Cast", [indices], to=_type(I64)) if op.indices.type.element.bits < I32.bits else indices
    return out.node("Gather", [x, indices], axis=op.axis)


def _conv(out: Exporter, op: Conv, x: str, w: str) -> str:
    quantized = sums_narrow(op.x, op.w) and op.w.type.element == I8
    if set(op.input_dilation) != {1} or not (op.x.type.element.is_float or quantized):
        raise NoEquivalent("a convolution with input dilation or of wide integers")
    reach = [d * (k - 1) for k, d in zip(op.w.type.dims[2:], op.dilations, strict=True)]
    if any(max(pads) > most for pads, most in zip(op.pads, reach, strict=True)):
        raise NoEquivalent("a convolution with windows in the padding alone, where ONNX's evaluator is wrong")
    pads = [low for low, _ in op.pads] + [high for _, high in op.pads]
    shape = {"strides": op.strides, "pads": pads, "dilations": op.dilations, "group": op.groups}
    if quantized:
        return out.node("ConvInteger", [x, w, out.data(np.asarray(op.x_zero, op.x.type.element.dtype))], **shape)
    return out.node("Conv", [x, _widened(out, op.x, op.w, w)], **shape)


def _widened(out: Exporter, x: Value, w: Value, name: str) -> str:
    """Weights in the type of what they multiply."""
    return out.node("Cast", [name], to=_type(F32)) if weighs_in_bytes(x, w) else name


def _window(out: Exporter, op: Window, x: str) -> str:
    spatial = op.x.type.rank >= 3 and op.kernel[:2] == op.strides[:2] == (1, 1) and not any(op.pads[0] + op.pads[1])
    if not spatial or op.kind is WindowKind.SUM or not op.x.type.element.is_float:
        raise NoEquivalent("a window that is no pooling")
    pads = [low for low, _ in op.pads[2:]] + [high for _, high in op.pads[2:]]
    kind, extra = (
        ("MaxPool", {}) if op.kind is WindowKind.MAX else ("AveragePool", {"count_include_pad": int(op.count_pad)})
    )
    shape = {"kernel_shape": op.kernel[2:], "strides": op.strides[2:], "dilations": op.dilations[2:]}
    return out.node(kind, [x], pads=pads, **shape, **extra)


def _contract(out: Exporter, op: Contract, x: str, y: str) -> str:
    if sums_narrow(op.x, op.y):
        wide, y = (out.node("Cast", [v], to=_type(I32)) for v in (x, y))
        x = out.node("Sub", [wide, out.data(np.asarray(op.x_zero, np.int32))])
    return out.node("Einsum", [x, _widened(out, op.x, op.y, y)], equation=op.equation)


def _arg(out: Exporter, op: Arg, x: str) -> str:
    kind = "ArgMax" if op.kind is Extreme.MAX else "ArgMin"
    return out.node(kind, [x], axis=op.axis, keepdims=1, select_last_index=int(op.last))


def _cumulate(out: Exporter, op: Cumulate, x: str) -> str:
    if op.kind is not Reduction.ADD:
        raise NoEquivalent("a running product")
    axis = out.data(np.asarray(op.axis, np.int64))
    return out.node("CumSum", [x, axis], exclusive=int(op.exclusive), reverse=int(op.reverse))


def _topk(out: Exporter, op: TopK, x: str) -> Sequence[str]:
    values = out.node("TopK", [x, out.integers([op.count])], axis=op.axis, largest=int(op.kind is Extreme.MAX))
    out.nodes[-1].output.append(f"{values}_at")
    return [values, f"{values}_at"]


def _sample(out: Exporter, op: Sample, x: str, positions: str) -> str:
    """Positions as ONNX counts them: from -1 to 1 between the centres of the end pixels, or their outer borders."""
    extents = np.asarray(op.x.type.dims[2:], op.x.type.element.dtype)
    borders = op.outside is Outside.SYMMETRIC
    clamps_first = op.method is Method.CUBIC and op.outside is Outside.EDGE  # as ONNX's evaluator alone does
    if op.method is Method.PEAK or clamps_first or (not borders and extents.min() == 1):
        raise NoEquivalent(op.opname)
    scale, shift = (2 / extents, 1 / extents - 1) if borders else (2 / (extents - 1), np.full_like(extents, -1))
    moved = out.node("Add", [out.node("Mul", [positions, out.data(scale)]), out.data(shift)])
    backwards = out.node("Gather", [moved, out.integers(range(len(extents))[::-1])], axis=-1)
    rank = op.positions.type.rank - 2
    grid = backwards
    if rank != len(extents):  # ONNX wants as many axes of positions as the image has
        shape = (op.positions.type.dims[0], *(1 for _ in extents[1:]), -1, len(extents))
        grid = out.node("Reshape", [backwards, out.integers(shape)])
    padding = {Outside.ZERO: "zeros", Outside.EDGE: "border"}.get(op.outside, "reflection")
    read = out.node("GridSample", [x, grid], mode=op.method.value, padding_mode=padding, align_corners=int(not borders))
    return out.node("Reshape", [read, out.integers(op.result.type.dims)])


def _det(out: Exporter, op: Det, x: str) -> str:
    del op
    return out.node("Det", [x])


def _quantize(out: Exporter, op: Quantize | Dequantize, x: str, scale: str, zero: str) -> str:
    kind = "QuantizeLinear" if isinstance(op, Quantize) else "DequantizeLinear"
    spread = out.node("Expand", [zero, out.integers(op.scale.type.dims)])
    return out.node(kind, [x, scale, spread], axis=op.x.type.rank - 1)


def _loop(out: Exporter, op: Loop, *names: str) -> Sequence[str]:
    if op.trips == 0 and len(op.results) > len(op.carried):
        raise NoEquivalent("onnx's evaluator cannot stack nothing")
    held = len(op.carried), len(op.scanned), len(op.captures), len(op.condition), len(op.count)
    given = iter(names)
    carried, scanned, captures, condition, count = ([next(given) for _ in range(n)] for n in held)
    inner = Exporter()
    inner.count = out.count
    number, going = inner.fresh(), inner.fresh()
    states = [inner.fresh() for _ in carried]
    slices = [inner.node("Gather", [name, number]) for name in scanned]
    inner.names.update(zip(op.body.inputs, [number, *states, *slices, *captures], strict=True))
    kinds = [_info(number, NUMBER), _info(going, FLAG)]
    kinds += [_info(name, v.type) for name, v in zip(states, op.carried, strict=True)]
    body = _body(out, inner, op.body, kinds, [] if condition else [going])
    limit = out.node("Min", [out.data(np.asarray(op.trips, np.int64)), *count])
    results = out.nodes_of(
        "Loop", [limit, *(condition or [out.data(np.asarray(True))]), *carried], len(op.results), body=body
    )
    rows = [  # onnx's evaluator puts rows one behind the other instead of on a new axis
        out.node("Reshape", [name, out.integers(value.type.dims)])
        for name, value in zip(results[len(op.carried) :], op.results[len(op.carried) :], strict=True)
    ]
    return [*results[: len(op.carried)], *rows]


def _if(out: Exporter, op: If, condition: str, *captures: str) -> Sequence[str]:
    branches: list[onnx.GraphProto] = []
    for region in (op.then, op.otherwise):
        inner = Exporter()
        inner.count = out.count
        inner.names.update(zip(region.inputs, captures, strict=True))
        branches.append(_body(out, inner, region, [], []))
    return out.nodes_of("If", [condition], len(op.results), then_branch=branches[0], else_branch=branches[1])


def _body(
    out: Exporter, inner: Exporter, region: Graph, inputs: list[onnx.ValueInfoProto], first: list[str]
) -> onnx.GraphProto:
    """A region as a subgraph, whose outputs begin with the tensors `first`."""
    outputs = [_info(inner.node("Identity", [name]), FLAG) for name in first]
    for op in region.ops:
        inner.names.update(zip(op.results, inner.convert(op), strict=True))
    outputs += [_info(inner.node("Identity", [inner.names[v]]), v.type) for v in region.outputs.values()]
    out.count = inner.count
    return helper.make_graph(inner.nodes, region.name, inputs, outputs, inner.initializers)


CONVERTERS: dict[type[Op], Callable[..., str | Sequence[str]]] = {
    Const: _const,
    Map: _map,
    Reduce: _reduce,
    Reshape: _reshape,
    Index: _index,
    Pad: _pad,
    Concat: _concat,
    Gather: _gather,
    Scatter: _scatter,
    Conv: _conv,
    Window: _window,
    Contract: _contract,
    Arg: _arg,
    Cumulate: _cumulate,
    TopK: _topk,
    Det: _det,
    Sample: _sample,
    Quantize: _quantize,
    Dequantize: _quantize,
    Loop: _loop,
    If: _if,
}
