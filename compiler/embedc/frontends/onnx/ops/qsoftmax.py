"""com.microsoft's softmax of bytes, in integers."""

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.normalization import softmax_axes
from embedc.frontends.onnx.quantity import quantities
from embedc.frontends.onnx.registry import MICROSOFT, onnx_op
from embedc.ir.graph import Value
from embedc.quantized.arithmetic import softmaxed


@onnx_op("QLinearSoftmax", domain=MICROSOFT)
def softmax(node: Node) -> Value:
    """exp(x - max) / sum along one axis, or over all axes from `axis` on where `opset` is below 13; halves round up."""
    x = node.operand(0)
    own, target = quantities(node, (x, 1, 2), (x, 3, 4))
    axes = softmax_axes(node, x, node.integer("axis", -1), node.integer("opset") >= 13)
    return softmaxed(node, x, own, axes, target)
