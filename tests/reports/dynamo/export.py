"""Writes the .onnx files beside this one: small PyTorch networks by torch.onnx.export(dynamo=True), as exporters write them.

Needs torch and onnxscript, which embedc does not: pip install torch==2.13.0 onnxscript, then python tests/reports/dynamo/export.py
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import onnx

torch: Any = import_module("torch")
nn, functional = torch.nn, torch.nn.functional
while_loop: Any = import_module("torch._higher_order_ops.while_loop").while_loop
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Export:
    """A network, its inputs, and what the exporter is told beyond."""

    network: Any
    inputs: tuple[Any, ...]
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    functions: tuple[onnx.FunctionProto, ...] = ()


def network(forward: Callable[..., Any], **parts: Any) -> Any:
    """A module whose `forward` reads its parts as attributes of its first argument."""
    made = type("Network", (nn.Module,), {"forward": forward})()
    for name, part in parts.items():
        setattr(made, name, part)
    return made.eval()


def images(*shape: int) -> Any:
    """Random numbers."""
    return torch.randn(*shape)


def trained_norm(channels: int) -> Any:
    """A batch normalization with statistics other than 0 and 1."""
    norm = nn.BatchNorm2d(channels)
    norm.running_mean.uniform_(-1, 1)
    norm.running_var.uniform_(0.5, 2)
    return norm


def convolutional() -> Export:
    """Convolutions with batch normalization, unoptimized, a residual, pooling, a classifier."""

    def forward(self: Any, x: Any) -> Any:
        x = functional.relu(self.norm(self.first(x)))
        x = functional.hardswish(x + self.depthwise(x))
        return functional.softmax(self.dense(torch.flatten(self.pool(x), 1)), dim=-1)

    parts = {
        "first": nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False),
        "norm": trained_norm(8),
        "depthwise": nn.Conv2d(8, 8, 3, padding=1, groups=8),
        "pool": nn.AdaptiveAvgPool2d(1),
        "dense": nn.Linear(8, 5),
    }
    return Export(network(forward, **parts), (images(1, 3, 12, 12),), {"optimize": False})


def gru() -> Export:
    """A bidirectional GRU that gives its state too."""
    return Export(nn.GRU(6, 8, bidirectional=True, batch_first=True).eval(), (images(1, 9, 6),))


def lstm() -> Export:
    """Two layers of LSTM with states as inputs."""
    state = (images(2, 1, 8), images(2, 1, 8))
    return Export(nn.LSTM(6, 8, num_layers=2).eval(), (images(5, 1, 6), state))


def attention() -> Export:
    """Self-attention with a mask."""

    def forward(self: Any, x: Any, mask: Any) -> Any:
        return self.heads(x, x, x, attn_mask=mask, need_weights=False)[0]

    made = network(forward, heads=nn.MultiheadAttention(16, 4, batch_first=True))
    return Export(made, (images(1, 7, 16), images(7, 7)), {"opset_version": 23})


def transformer() -> Export:
    """An encoder layer: attention, layer normalization, GELU; batch and sequence are open."""
    layer = nn.TransformerEncoderLayer(16, 4, 32, activation="gelu", batch_first=True, norm_first=True).eval()
    open_dims = ({0: torch.export.Dim("batch"), 1: torch.export.Dim("time", min=2, max=64)},)
    return Export(layer, (images(2, 7, 16),), {"dynamic_shapes": open_dims})


def mixer() -> Export:
    """Layer and group normalization, both forms of GELU, einsum."""

    def forward(self: Any, x: Any) -> Any:
        x = functional.gelu(self.up(self.norm(x)))
        x = functional.gelu(torch.einsum("btc,ts->bsc", x, self.mix), approximate="tanh")
        return self.groups(x.transpose(1, 2))

    parts = {
        "norm": nn.LayerNorm(12, eps=1e-6),
        "up": nn.Linear(12, 24),
        "groups": nn.GroupNorm(4, 24),
        "mix": nn.Parameter(images(9, 9)),
    }
    return Export(network(forward, **parts), (images(1, 9, 12),))


def resized() -> Export:
    """Interpolation in several modes, pixel shuffle, padding."""

    def forward(self: Any, x: Any) -> Any:
        smooth = functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        sharp = functional.interpolate(x, size=(10, 14), mode="nearest")
        aligned = functional.interpolate(x, size=(10, 14), mode="bilinear", align_corners=True)
        cubic = functional.interpolate(x, size=(10, 14), mode="bicubic", align_corners=False)
        shuffled = functional.pixel_shuffle(functional.pad(self.conv(x), (1, 0, 0, 1), mode="reflect"), 2)
        return smooth[..., :10, :14] + sharp + aligned + cubic, shuffled

    return Export(network(forward, conv=nn.Conv2d(4, 16, 1)), (images(1, 4, 5, 7),))


def branches() -> Export:
    """A condition known at run time only, by torch.cond."""

    def forward(self: Any, x: Any) -> Any:
        def bounded(v: Any) -> Any:
            return torch.tanh(self.no(v)) - 1

        return torch.cond(x.sum() > 0, self.yes, bounded, (x,))

    return Export(network(forward, yes=nn.Linear(6, 4), no=nn.Linear(6, 4)), (images(1, 6),))


def loop() -> Export:
    """Steps as long as a norm is small, by torch.while_loop."""

    def forward(self: Any, x: Any) -> Any:
        def more(step: Any, v: Any) -> Any:
            return torch.logical_and(step < 20, v.abs().sum() < 50)

        def body(step: Any, v: Any) -> Any:
            return step + 1, self.grow(v) + v

        return while_loop(more, body, (torch.tensor(0), x))[1]

    return Export(network(forward, grow=nn.Linear(6, 6)), (images(1, 6),))


def functions() -> Export:
    """Operators of a domain of one's own, which the model defines: functions that call functions, with attributes."""
    domain = "embedc.tests"
    opsets = [onnx.helper.make_opsetid("", 18), onnx.helper.make_opsetid(domain, 1)]

    def node(op: str, inputs: list[str], output: str, **attributes: str) -> onnx.NodeProto:
        made = onnx.helper.make_node(op, inputs, [output], domain=domain if op == "Scaled" else "")
        for name, source in attributes.items():
            kind = onnx.AttributeProto.FLOAT
            made.attribute.append(onnx.AttributeProto(name=name, ref_attr_name=source, type=kind))
        return made

    scaled = [node("Constant", [], "factor", value_float="alpha"), node("Mul", ["x", "factor"], "y")]
    gated = [
        node("Scaled", ["x"], "wide", alpha="beta"),
        node("Scaled", ["x"], "narrow", alpha="gamma"),
        node("Sigmoid", ["wide"], "gate"),
        node("Tanh", ["narrow"], "signal"),
        node("Mul", ["gate", "signal"], "y"),
    ]

    def made(name: str, nodes: list[onnx.NodeProto], *attributes: str) -> onnx.FunctionProto:
        return onnx.helper.make_function(domain, name, ["x"], ["y"], nodes, opsets, attributes)

    def call(x: Any, beta: float, gamma: float) -> Any:
        attributes = {"beta": beta, "gamma": gamma}
        return torch.onnx.ops.symbolic(f"{domain}::Gated", (x,), attributes, dtype=x.dtype, shape=x.shape, version=1)

    def forward(self: Any, x: Any) -> Any:
        return call(self.second(call(self.first(x), 2.0, 0.5)), 0.25, 1.5)

    defined = (made("Scaled", scaled, "alpha"), made("Gated", gated, "beta", "gamma"))
    return Export(network(forward, first=nn.Linear(6, 8), second=nn.Linear(8, 4)), (images(1, 6),), functions=defined)


NETWORKS = (convolutional, gru, lstm, attention, transformer, mixer, resized, branches, loop, functions)


def exported(export: Export) -> onnx.ModelProto:
    """The model without what only debugging needs."""
    options = {"verbose": False, **export.options}
    program = torch.onnx.export(export.network, export.inputs, dynamo=True, **options)
    model: onnx.ModelProto = program.model_proto
    model.functions.extend(export.functions)
    graphs: list[Any] = [model.graph, *model.functions]
    while graphs:
        graph = graphs.pop()
        for field_name in ("doc_string", "metadata_props", "value_info"):
            graph.ClearField(field_name)
        for node in graph.node:
            node.ClearField("doc_string")
            node.ClearField("metadata_props")
            graphs += [a.g for a in node.attribute if a.HasField("g")]
    for value in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        value.ClearField("metadata_props")
    return model


def main() -> None:
    """Exports every network; seeds are fixed, so that the files change with the exporter alone."""
    for make in NETWORKS:
        torch.manual_seed(0)
        with torch.no_grad():
            data = exported(make()).SerializeToString()
        (FOLDER / f"{make.__name__}.onnx").write_bytes(data)
        print(f"{make.__name__:15} {len(data):6} bytes")


if __name__ == "__main__":
    main()
