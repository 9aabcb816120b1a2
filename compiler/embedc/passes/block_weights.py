"""Products of floats with stored weights whose scales hold for blocks of inputs: a sum for each block, times its scale.

    contract(x, dequantize(w))     becomes     conv(x, w of all blocks as groups) -> map: times the scales -> sum over blocks

The sums of blocks take scratch, so this is done where they are few beside the weights: for few pixels and blocks that are not short.
"""

from math import gcd

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.types import I8, Array
from embedc.ops.elementwise import Reduce, Reduction, constant
from embedc.ops.layout import Reshape
from embedc.ops.window import Contract, Conv
from embedc.passes.integer_leaves import Stored, Unfit, scaled
from embedc.quantized.scales import narrowest

LEAST_BLOCK = 16  # inputs: scales of shorter ones take as much as the weights
LEAST_SAVED = 4  # sums of blocks are at most such a part of the weights as floats


def by_blocks(op: Contract, weights: Stored) -> Value:
    """The product, of weights that stay bytes; Unfit if it is not computed so."""
    x_letters, y_letters, result = op.terms
    k, *others = [letter for letter in x_letters if letter in y_letters]
    if others or x_letters[-1] != k or len(y_letters) != 2 or result != x_letters[:-1] + y_letters.replace(k, ""):
        raise Unfit("its weights have several scales for one result, and it is no product of rows and a matrix")
    whole, scale = (a if y_letters[1] == k else a.T for a in (narrowest(weights.whole), weights.scale))
    columns, depth = whole.shape
    block, rows = _block(scale), op.x.type.size // depth
    if whole.dtype != I8.dtype:
        raise Unfit("its weights have more than 8 bits")
    if block < LEAST_BLOCK or rows * LEAST_SAVED > block:
        raise Unfit("its weights have several scales for one result, in short blocks or for many rows")
    blocks, origin = depth // block, op.origin.without_tensor()
    groups = whole.reshape(columns, blocks, block).swapaxes(0, 1).reshape(blocks * columns, block, 1)
    x = Reshape(op.x, (rows, depth, 1), origin=origin).result
    w = constant(np.ascontiguousarray(groups), op.y.origin.without_tensor())
    sums = Conv(x, w, (1,), ((0, 0),), (1,), blocks, (1,), origin=origin).result
    parts = scaled(sums, scale[:, ::block].T.reshape(-1, 1), origin)
    total = Reduce(Reshape(parts, (rows, blocks, columns), origin=origin).result, Reduction.ADD, (1,), origin=origin)
    return Reshape(total.result, op.result.type.dims, origin=op.origin).result


def _block(scale: Array) -> int:
    """The most inputs for which scales [column, input] change only behind each so many."""
    steps = np.flatnonzero((scale[:, 1:] != scale[:, :-1]).any(0)) + 1
    return gcd(scale.shape[1], *(int(step) for step in steps))
