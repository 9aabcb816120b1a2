"""Operators on broadcast operands: arithmetic, comparisons, selection, casts."""

from collections.abc import Callable
from functools import reduce

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.pairing import paired
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.tensors import ELEMENTS, type_name
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import BOOL, F64, I64
from embedc.ops.elementwise import constant_of

_BINARY: dict[str, Callable[[Expr, Expr], Expr]] = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a / b,
    "Equal": lambda a, b: a.equals(b),
    "Less": lambda a, b: a < b,
    "Greater": lambda a, b: b < a,
    "LessOrEqual": lambda a, b: a <= b,
    "GreaterOrEqual": lambda a, b: b <= a,
    "And": lambda a, b: a.call("and", b),
    "Or": lambda a, b: a.call("or", b),
}


@onnx_op(*_BINARY)
def binary(node: Node) -> Value:
    """Two operands of one type."""
    a, b = paired(node)
    same_element(node, a, b)
    return node.map(_BINARY[node.op_type], a, b)


def same_element(node: Node, *values: Value) -> None:
    """Refuses operands of differing element types."""
    if len({v.type.element for v in values}) > 1:
        raise node.fail(f"operands {', '.join(str(v.type) for v in values)} differ in type", "insert a Cast")


_VARIADIC: dict[str, Callable[[Expr, Expr], Expr]] = {
    "Sum": lambda a, b: a + b,
    "Mean": lambda a, b: a + b,
    "Max": lambda a, b: a.max(b),
    "Min": lambda a, b: a.min(b),
}


@onnx_op(*_VARIADIC)
def variadic(node: Node) -> Value:
    """Any number of operands of one type."""
    values = node.operands()
    same_element(node, *values)
    if len(values) == 1:
        return values[0]

    def body(*terms: Expr) -> Expr:
        total = reduce(_VARIADIC[node.op_type], terms)
        return total / len(terms) if node.op_type == "Mean" else total

    return node.map(body, *values)


_EASY_POWERS: dict[float, Callable[[Expr], Expr]] = {
    -1.0: lambda x: 1.0 / x,
    -0.5: lambda x: 1.0 / x.sqrt(),
    0.5: lambda x: x.sqrt(),
    1.0: lambda x: x,
    2.0: lambda x: x * x,
    3.0: lambda x: x * x * x,
}


@onnx_op("Pow")
def power(node: Node) -> Value:
    """X to the power of y; common constant exponents without pow."""
    x, y = paired(node)
    exponent = constant_of(y)
    if exponent is not None and exponent.size == 1 and y.type.rank <= x.type.rank:
        easy = _EASY_POWERS.get(float(exponent.reshape(-1)[0]))
        if easy is not None and (x.type.element.is_float or float(exponent.reshape(-1)[0]) >= 1):
            return node.map(easy, x)
    element = x.type.element
    if element.is_float:
        return node.map(lambda x, y: x.call("pow", y.cast(element)), x, y)
    if y.type.element.is_float:
        return node.map(lambda x, y: x.cast(F64).call("pow", y.cast(F64)).cast(element), x, y)
    wide = element if element == y.type.element else I64
    return node.map(lambda x, y: x.cast(wide).call("pow", y.cast(wide)).cast(element), x, y)


@onnx_op("Mod")
def modulo(node: Node) -> Value:
    """The remainder with the sign of the dividend (fmod, all that there is for floats) or of the divisor."""
    a, b = node.operand(0), node.operand(1)
    same_element(node, a, b)
    with_dividend = node.flag("fmod")
    if a.type.element.is_float and not with_dividend:
        raise node.fail("takes the remainder of floats with fmod = 0", "ONNX asks for fmod = 1; re-export the model")
    with_dividend = with_dividend or a.type.element.encoding.value == "u"

    def body(a: Expr, b: Expr) -> Expr:
        rest = a.call("rem", b)
        if with_dividend:
            return rest
        other_sign = (rest < 0).equals(b < 0).negate().call("and", rest.equals(0).negate())
        return other_sign.where(rest + b, rest)

    return node.map(body, a, b)


@onnx_op("Where")
def where(node: Node) -> Value:
    """The first value where the condition holds, the second elsewhere."""
    condition, yes, no = (node.operand(i) for i in range(3))
    same_element(node, yes, no)
    if condition.type.element != BOOL:
        raise node.fail(f"condition is {condition.type}, not boolean", "re-export the model")
    return node.map(lambda c, yes, no: c.where(yes, no), condition, yes, no)


@onnx_op("Cast", "CastLike")
def cast(node: Node) -> Value:
    """Converted to another element type."""
    node.ignore("saturate", "round_mode")  # matter for float8 only, which is refused
    x = node.operand(0)
    if node.op_type == "CastLike":
        element = node.operand(1).type.element
    elif node.opset < 6:  # by name
        names = {type_name(number): element for number, element in ELEMENTS.items()}
        element = names[node.choice("to", *names)]
    elif (number := node.integer("to")) in ELEMENTS:
        element = ELEMENTS[number]
    else:
        raise node.fail(f"casts to {type_name(number)}, which is not supported", "convert the model to float32")
    return x if x.type.element == element else node.map(lambda x: x.cast(element), x)
