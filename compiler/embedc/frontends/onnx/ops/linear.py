"""Convolutions and matrix products."""

from collections.abc import Sequence

from embedc.frontends.onnx.geometry import sliding, transposed_pads
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.pairing import NUMPY_RULE
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.graph import Value
from embedc.ops.matrix import Det
from embedc.ops.window import Contract, Conv

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@onnx_op("Conv")
def conv(node: Node) -> Value:
    """Convolution, plus a bias for each output channel."""
    return biased(node, convolution(node, node.operand(0), node.operand(1)), node.optional(2))


def convolution(node: Node, x: Value, w: Value, x_zero: int = 0) -> Value:
    """The sliding product that the node's attributes describe."""
    kernel = _kernel(node, x, w)
    window = sliding(node, x.type.dims[2:], kernel)
    ones = (1,) * len(kernel)
    groups = node.integer("group", 1)
    return node.emit(
        Conv(x, w, window.strides, window.pads, window.dilations, groups, ones, x_zero, origin=node.origin)
    )


@onnx_op("ConvTranspose")
def conv_transpose(node: Node) -> Value:
    """A convolution of the input spread by its strides, with the kernel reversed."""
    x, w = node.operand(0), node.operand(1)
    kernel = _kernel(node, x, w)
    groups = node.integer("group", 1)
    if groups < 1 or w.type.dims[0] % groups or x.type.dims[1] != w.type.dims[0]:
        raise node.fail(
            f"{x.type.dims[1]} input channels, weights {w.type} and {groups} groups do not fit together",
            "weights are [input channels, output channels / groups, kernel…]",
        )
    strides, dilations, pads = transposed_pads(node, x.type.dims[2:], kernel)
    spread = tuple(
        (d * (k - 1) - low, d * (k - 1) - high) for k, d, (low, high) in zip(kernel, dilations, pads, strict=True)
    )
    ones = (1,) * len(kernel)
    op = Conv(x, _reversed(node, w, groups), ones, spread, dilations, groups, strides, origin=node.origin)
    return biased(node, node.emit(op), node.optional(2))


def _reversed(node: Node, w: Value, groups: int) -> Value:
    """Weights [C, O/g, *K] as [O, C/g, *K] with the kernel back to front."""
    channels, out, *kernel = w.type.dims
    inner = channels // groups
    grouped = node.reshape(w, (groups, inner, out, *kernel)) if groups > 1 else node.reshape(w, (1, *w.type.dims))
    lead = (0, 2, 1)
    spatial = range(3, 3 + len(kernel))
    view = node.index(
        grouped,
        (groups, out, inner, *kernel),
        (*lead, *spatial),
        (0, 0, 0, *(k - 1 for k in kernel)),
        (1, 1, 1, *(-1 for _ in kernel)),
    )
    return node.reshape(view, (groups * out, inner, *kernel))


def _kernel(node: Node, x: Value, w: Value) -> tuple[int, ...]:
    if x.type.rank != w.type.rank or not 3 <= x.type.rank <= 5:
        raise node.fail(f"input {x.type} with weights {w.type}", "embedc takes 1 to 3 spatial axes: ranks 3, 4 or 5")
    kernel = w.type.dims[2:]
    stated = node.integers("kernel_shape", kernel)
    if stated != kernel:
        raise node.fail(f"kernel_shape {list(stated)} is not that of the weights {w.type}", "re-export the model")
    return kernel


def biased(node: Node, y: Value, bias: Value | None) -> Value:
    """Plus one number for each channel."""
    if bias is None:
        return y
    channels = y.type.dims[1]
    if bias.type.dims != (channels,):
        raise node.fail(f"bias is {bias.type}, expected {channels} numbers", "re-export the model")
    column = node.reshape(bias, (channels, *(1 for _ in y.type.dims[2:])))
    return node.map(lambda a, b: a + b, y, column)


@onnx_op("Gemm")
def gemm(node: Node) -> Value:
    """Alpha A B + beta C, with A and B optionally transposed."""
    a, b, c = node.operand(0), node.operand(1), node.optional(2)
    alpha, beta = node.real("alpha", 1.0), node.real("beta", 1.0)
    if a.type.rank != 2 or b.type.rank != 2:
        raise node.fail(f"operands {a.type} and {b.type} are not matrices", "Flatten them first")
    x, y = "kn" if node.flag("transA") else "nk", "mk" if node.flag("transB") else "km"
    _check_inner(node, a, a.type.dims[x.index("k")], b, b.type.dims[y.index("k")])
    product = node.emit(Contract(a, b, f"{x},{y}->nm", origin=node.origin))
    if alpha != 1.0:
        product = node.map(lambda x: x * alpha, product)
    if node.opset < NUMPY_RULE and not node.flag("broadcast") and c and c.type.dims != product.type.dims:
        raise node.fail(f"C is {c.type} for a product {product.type}", "broadcasting needs broadcast = 1")
    if c is None or beta == 0.0:
        return product
    total = node.map(lambda x, c: x + (c if beta == 1.0 else c * beta), product, c)
    if total.type.dims != product.type.dims:
        raise node.fail(f"C is {c.type}, which does not broadcast to {product.type}", "re-export the model")
    return total


@onnx_op("MatMul")
def matmul(node: Node) -> Value:
    """Numpy's matmul: vectors get an axis that is dropped again, leading axes broadcast."""
    x, y = node.operand(0), node.operand(1)
    return product(node, x, y)


def _check_inner(node: Node, x: Value, m: int, y: Value, n: int) -> None:
    if m != n:
        raise node.fail(
            f"multiplies {x.type} by {y.type}: inner extents {m} and {n} differ",
            "check the shapes; a model made for one input size has it in its weights",
        )


def product(node: Node, x: Value, y: Value, x_zero: int = 0) -> Value:
    """X @ y for every case of ranks."""
    if x.type.rank == 0 or y.type.rank == 0:
        raise node.fail(f"operands {x.type} and {y.type}", "MatMul takes no scalars; use Mul")
    _check_inner(node, x, x.type.dims[-1], y, y.type.dims[-2:][0])
    batch_x, batch_y = x.type.dims[:-2], y.type.dims[:-2]
    rank = max(len(batch_x), len(batch_y))
    letters = LETTERS[:rank]
    x_terms = _batch_terms(letters, batch_x, batch_y)
    y_terms = _batch_terms(letters, batch_y, batch_x)
    x_rows, y_columns = "n" * (x.type.rank > 1), "m" * (y.type.rank > 1)
    x = node.reshape(x, (*(d for d, t in zip(batch_x, x_terms, strict=True) if t), *x.type.dims[-2:]))
    y = node.reshape(y, (*(d for d, t in zip(batch_y, y_terms, strict=True) if t), *y.type.dims[-2:]))
    y_inner = "k" if y.type.rank > 0 else ""
    equation = f"{''.join(x_terms)}{x_rows}k,{''.join(y_terms)}{y_inner}{y_columns}->{letters}{x_rows}{y_columns}"
    return node.emit(Contract(x, y, equation, x_zero, origin=node.origin))


def _batch_terms(letters: str, mine: Sequence[int], other: Sequence[int]) -> list[str]:
    """The letter of each of my leading axes, or nothing where the other operand's axis stretches mine of extent 1."""
    own = letters[len(letters) - len(mine) :]
    lead = len(mine) - len(other)
    return [
        "" if d == 1 and axis >= lead and other[axis - lead] != 1 else letter
        for axis, (d, letter) in enumerate(zip(mine, own, strict=True))
    ]


@onnx_op("Det")
def determinant(node: Node) -> Value:
    """Of the matrices in the last two axes."""
    x = node.real_operand(0)
    if x.type.rank < 2 or x.type.dims[-1] != x.type.dims[-2]:
        raise node.fail(f"input {x.type} holds no square matrices", "its last two extents must be equal")
    return node.emit(Det(x, origin=node.origin))
