"""Operators on the bits of elements."""

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.ops.arithmetic import same_element
from embedc.frontends.onnx.ops.constants import wanted_element
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import Element, Encoding

_BINARY = {"BitwiseAnd": "bit_and", "BitwiseOr": "bit_or", "BitwiseXor": "bit_xor"}


def _integers(node: Node, count: int) -> list[Value]:
    values = [node.operand(i) for i in range(count)]
    same_element(node, *values)
    if not values[0].type.element.is_integer:
        raise node.fail(f"input 0 is {values[0].type}", f"{node.op_type} takes integers: insert a Cast")
    return values


@onnx_op(*_BINARY)
def bitwise(node: Node) -> Value:
    """Bit by bit."""
    return node.map(lambda a, b: a.call(_BINARY[node.op_type], b), *_integers(node, 2))


@onnx_op("BitwiseNot")
def bitwise_not(node: Node) -> Value:
    """Every bit turned."""
    return node.map(lambda x: x.call("bit_not"), *_integers(node, 1))


@onnx_op("BitShift")
def bit_shift(node: Node) -> Value:
    """Unsigned integers moved left or right; by their width or more, zero."""
    values = _integers(node, 2)
    direction = node.string("direction")
    if direction not in ("LEFT", "RIGHT"):
        raise node.fail(f"direction is '{direction[:60]}'", "it must be 'LEFT' or 'RIGHT'")
    if values[0].type.element.encoding is not Encoding.UNSIGNED:
        raise node.fail(f"shifts {values[0].type}", "ONNX shifts unsigned integers: insert a Cast")
    return node.map(lambda a, b: a.call("shl" if direction == "LEFT" else "shr", b), *values)


@onnx_op("BitCast")
def bit_cast(node: Node) -> Value:
    """The same bits read as another element type of the same width."""
    x = node.operand(0)
    source, target = x.type.element, wanted_element(node, "to", x.type.element)
    if source.bits != target.bits or source.bits < 8:
        raise node.fail(f"reads the bits of {source} as {target}", "both must have the same width, 8 bits or more")
    word = Element(Encoding.UNSIGNED, source.bits)

    def body(x: Expr) -> Expr:
        bits = x.call(f"bits_{word}") if source.is_float else x.cast(word)
        return bits.call(f"bits_{target}") if target.is_float else bits.cast(target)

    return x if source == target else node.map(body, x)
