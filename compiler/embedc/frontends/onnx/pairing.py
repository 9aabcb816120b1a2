"""The two operands of a binary operator: broadcast by numpy's rule since opset 7, by attributes before."""

from itertools import zip_longest

from embedc.frontends.onnx.node import Node
from embedc.ir.graph import Value

NUMPY_RULE = 7  # the first opset with it


def paired(node: Node) -> tuple[Value, Value]:
    """Both operands, shaped so that numpy's rule broadcasts them as the operator means it."""
    a, b = node.operand(0), node.operand(1)
    if node.opset >= NUMPY_RULE:
        return a, b
    axis = node.integer("axis", a.type.rank - b.type.rank)  # by default the last axes are matched
    if not node.flag("broadcast"):
        if a.type.dims != b.type.dims:
            raise node.fail(f"operands {a.type} and {b.type} differ in shape", "broadcasting needs broadcast = 1")
        return a, b
    if b.type.size == 1:
        return a, node.reshape(b, ())
    axis = node.axis(axis, a.type.rank)
    if any(n not in (1, m) for m, n in zip_longest(a.type.dims[axis : axis + b.type.rank], b.type.dims)):
        raise node.fail(f"{b.type} does not match {a.type} from axis {axis} on", "re-export the model")
    return a, node.reshape(b, (*b.type.dims, *(1 for _ in a.type.dims[axis + b.type.rank :])))
