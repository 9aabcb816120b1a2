"""Operators on whole matrices, as routines of the runtime."""

from embedc.ops.matrix import Det
from embedc.program.layout import row_major
from embedc.program.lower_nest import broadcast_view
from embedc.program.lowering import Lowering
from embedc.program.program import Routine
from embedc.program.views import dense_view

HEADER = "ec_matrix.h"


def lower_det(lowering: Lowering, op: Det) -> None:
    """One matrix after the other is eliminated in a copy."""
    x, element = lowering.view(op.x), op.x.type.element
    result = lowering.allocate(op.result, lowering.natural_order((), op.result))
    matrix = x.shape[-2:]
    copy = lowering.arena(f"{op.result.name} elimination", lowering.bytes(matrix, element))
    work = broadcast_view(dense_view(copy, element, matrix, row_major(2)), x.shape)
    layer = lowering.layer(op)
    lowering.steps.append(Routine(layer, "ec_det", HEADER, result.shape, (x,), (result, work), (matrix[0],)))
