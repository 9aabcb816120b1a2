"""Graph to Program: walks the operators, each lowered to kernel calls, loop nests or views."""

from collections.abc import Callable, Mapping
from typing import Any

from embedc.diagnostics import EmbedcError, fail
from embedc.ir.graph import Graph
from embedc.ir.types import Quantization
from embedc.ops.base import Op
from embedc.ops.control import If, Loop
from embedc.ops.elementwise import Const, Map, Reduce
from embedc.ops.layout import Concat, Gather, Index, Pad, Reshape, Scatter
from embedc.ops.lines import Arg, Cumulate, TopK
from embedc.ops.matrix import Det
from embedc.ops.quantized import Dequantize, Quantize
from embedc.ops.sampling import Sample
from embedc.ops.window import Contract, Conv, Window
from embedc.policy import Policy
from embedc.program.fuse import is_anchor
from embedc.program.keep import keep_in_place
from embedc.program.lower_control import carry, lower_if, lower_loop
from embedc.program.lower_conv import lower_conv
from embedc.program.lower_lines import lower_arg, lower_cumulate, lower_topk
from embedc.program.lower_matrix import lower_det
from embedc.program.lower_nest import (
    lower_concat,
    lower_contract,
    lower_conv_nest,
    lower_gather,
    lower_index,
    lower_map,
    lower_pad,
    lower_reduce,
    lower_reshape,
    lower_scatter,
    lower_window,
)
from embedc.program.lower_pooling import lower_pooling
from embedc.program.lower_product import lower_product
from embedc.program.lower_sample import lower_sample
from embedc.program.lowering import Lowering
from embedc.program.placement import anchor_order, demands
from embedc.program.ports import make_ports
from embedc.program.program import Layer, Program, Trace, View
from embedc.program.share import share_buffers
from embedc.program.views import same_place

LOWER: dict[type[Op], Callable[[Lowering, Any], None]] = {
    Map: lower_map,
    Quantize: lower_map,
    Dequantize: lower_map,
    Reduce: lower_reduce,
    Reshape: lower_reshape,
    Index: lower_index,
    Concat: lower_concat,
    Pad: lower_pad,
    Gather: lower_gather,
    Scatter: lower_scatter,
    Contract: lower_contract,
    Conv: lower_conv_nest,
    Window: lower_window,
    Arg: lower_arg,
    Cumulate: lower_cumulate,
    TopK: lower_topk,
    Det: lower_det,
    Loop: lower_loop,
    If: lower_if,
    Sample: lower_sample,
}

ANCHORS: dict[type[Op], Callable[[Lowering, Any, Map | None, View], None]] = {
    Conv: lower_conv,
    Contract: lower_product,
    Window: lower_pooling,
}


def build(graph: Graph, policy: Policy, quantizations: Mapping[str, Quantization] | None = None) -> Program:
    """Chooses kernels and layouts and writes down what runs; EmbedcError for what has no lowering."""
    ports = make_ports(graph, policy, demands(graph, policy.target), quantizations or {})
    lowering = Lowering(graph, policy, ports.wanted, _operators)
    for value in graph.inputs:
        lowering.set_view(value, ports.given[value.name])
    _operators(lowering)
    for port in ports.outputs:
        value = graph.outputs[port.name]
        view = lowering.view(value)
        if not same_place(view, port.view):
            lowering.copy(view, port.view, Layer(f"output {port.name}", "output", value.origin))
    carry(lowering, [(graph.outputs[s.output], s.port.view, ports.next[s.output]) for s in ports.states], "state")
    program = Program(
        graph.name,
        ports.inputs,
        ports.outputs,
        tuple(lowering.steps),
        lowering.parameters,
        lowering.explain,
        tuple(lowering.traces),
        ports.states,
    )
    return share_buffers(keep_in_place(program))


def _operators(lowering: Lowering) -> None:
    """Lowers every operator of a graph."""
    absorbed: dict[Op, Op] = {map_: anchor for anchor, map_ in lowering.epilogues.items()}
    for op in lowering.graph.ops:
        if isinstance(op, Const) or op in lowering.epilogues:
            continue
        before = len(lowering.steps)
        _lower(lowering, absorbed.get(op, op))
        if len(lowering.steps) > before:
            last = len(lowering.steps) - 1
            lowering.traces += [Trace(last, v, lowering.view(v), part) for part, v in enumerate(op.results)]


def _lower(lowering: Lowering, op: Op) -> None:
    if is_anchor(op, lowering.policy.target):
        absorbed = lowering.epilogues.get(op)
        output = lowering.allocate((absorbed or op).results[0], anchor_order(op))
        ANCHORS[type(op)](lowering, op, absorbed, output)
        return
    lower = LOWER.get(type(op))
    try:
        if lower is None:
            raise NotImplementedError(op.opname)
        lower(lowering, op)
    except EmbedcError:
        raise
    except NotImplementedError as problem:
        raise fail(f"not supported by the code generator yet: {problem}", op.origin) from problem
