"""Operators that move elements and compute nothing."""

from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.frontends.onnx.taking import tile
from embedc.ir.graph import Value
from embedc.ops.elementwise import broadcast
from embedc.ops.layout import Concat


@onnx_op("Transpose")
def transpose(node: Node) -> Value:
    """Axes in another order, reversed by default."""
    x = node.operand(0)
    order = node.integers("perm", tuple(reversed(range(x.type.rank))))
    if sorted(order) != list(range(x.type.rank)):
        raise node.fail(f"perm {list(order)} does not order the axes of {x.type}", "re-export the model")
    return node.transpose(x, order)


@onnx_op("Concat")
def concat(node: Node) -> Value:
    """Operands one behind the other; those without elements are left out."""
    values = [v for v in node.operands() if v.type.size > 0] or [node.operand(0)]
    axis = node.axis(node.integer("axis", 1 if node.opset < 4 else None), values[0].type.rank)
    return values[0] if len(values) == 1 else node.emit(Concat(tuple(values), axis, origin=node.origin))


@onnx_op("Split")
def split(node: Node) -> list[Value]:
    """Equal parts, or parts of the stated extents."""
    x = node.operand(0)
    axis = node.axis(node.integer("axis", 0), x.type.rank)
    extent = x.type.dims[axis]
    stated = node.optional_integers("split") if node.opset < 13 else node.optional_ints(1, "split")
    if node.opset < 2 and stated is None:
        stated = node.optional_ints(1, "split")
    count = node.integer("num_outputs", len(node.outputs))
    if stated is None:
        if count != len(node.outputs):
            raise node.fail(f"num_outputs is {count} for {len(node.outputs)} outputs", "re-export the model")
        step = -(-extent // count)
        stated = tuple(min(step, extent - i * step) for i in range(count))
    if sum(stated) != extent or min(stated, default=0) < 0 or len(stated) != len(node.outputs):
        raise node.fail(
            f"splits axis {axis} of {x.type} into {list(stated)[:16]} for {len(node.outputs)} outputs",
            "one extent for each output, all together the extent of the axis",
        )
    begins = [sum(stated[:i]) for i in range(len(stated))]
    return [node.output(i).part(x, axis, begin, n) for i, (begin, n) in enumerate(zip(begins, stated, strict=True))]


@onnx_op("Expand")
def expand(node: Node) -> Value:
    """Repeated to the common shape of the input and `shape`."""
    x = node.operand(0)
    wanted = node.constant_ints(1, "shape")
    if min(wanted, default=0) < 0:
        raise node.fail(f"shape {list(wanted)} is negative", "re-export the model")
    return node.expand(x, [d for d in broadcast([x.type.shape, wanted]) if isinstance(d, int)])


@onnx_op("Tile")
def tile_(node: Node) -> Value:
    """Each axis several times behind itself."""
    x = node.operand(0)
    repeats = _repeats(node, x)
    if len(repeats) != x.type.rank or min(repeats, default=1) < 0:
        raise node.fail(f"repeats {list(repeats)} for {x.type}", f"give {x.type.rank} numbers")
    return tile(node, x, repeats)


def _repeats(node: Node, x: Value) -> tuple[int, ...]:
    """One number for each axis; before opset 6 a number and an axis."""
    if node.opset >= 6:
        return node.constant_ints(1, "repeats")
    times, axis = node.whole(1, "tiles"), node.axis(node.whole(2, "axis"), x.type.rank)
    return tuple(times if a == axis else 1 for a in range(x.type.rank))


@onnx_op("DepthToSpace")
def depth_to_space(node: Node) -> Value:
    """Channels moved into blocks of pixels, depth-column-row or column-row-depth."""
    x = node.operand(0)
    block = _block(node, x)
    n, c, h, w = x.type.dims
    if c % (block * block):
        raise node.fail(f"{c} channels do not divide into blocks of {block}x{block}", "re-export the model")
    rest = c // (block * block)
    if node.choice("mode", "DCR", "CRD") == "DCR":
        view = node.transpose(node.reshape(x, (n, block, block, rest, h, w)), (0, 3, 4, 1, 5, 2))
    else:
        view = node.transpose(node.reshape(x, (n, rest, block, block, h, w)), (0, 1, 4, 2, 5, 3))
    return node.reshape(view, (n, rest, h * block, w * block))


@onnx_op("SpaceToDepth")
def space_to_depth(node: Node) -> Value:
    """Blocks of pixels moved into channels."""
    x = node.operand(0)
    block = _block(node, x)
    n, c, h, w = x.type.dims
    if h % block or w % block:
        raise node.fail(f"{h}x{w} pixels do not divide into blocks of {block}x{block}", "pad the image first")
    order = (0, 3, 5, 1, 2, 4) if node.choice("mode", "DCR", "CRD") == "DCR" else (0, 1, 3, 5, 2, 4)
    view = node.transpose(node.reshape(x, (n, c, h // block, block, w // block, block)), order)
    return node.reshape(view, (n, c * block * block, h // block, w // block))


def _block(node: Node, x: Value) -> int:
    block = node.integer("blocksize")
    if x.type.rank != 4 or block < 1:
        raise node.fail(f"blocksize {block} for {x.type}", "the input must be [N, C, H, W]")
    return block
