"""Sampling at positions, as a routine of the runtime for each position."""

from dataclasses import replace

from embedc.ops.sampling import Method, Outside, Sample
from embedc.program.layout import row_major
from embedc.program.lowering import Lowering
from embedc.program.program import Routine, View

HEADER = "ec_sample.h"
AXES = 3  # that the routine knows; missing ones have extent 1


def lower_sample(lowering: Lowering, op: Sample) -> None:
    """Positions are the parallel axes; channels and what is around a position are the routine's."""
    order = lowering.wanted(op.result) or row_major(op.result.type.rank).order
    result = _channels_last(lowering.allocate(op.result, order))
    x, positions = lowering.view(op.x), lowering.view(op.positions)
    extents = positions.shape[:-1]
    missing = AXES - (op.x.type.rank - 2)
    own = (x.shape[1], *(1,) * missing, *x.shape[2:])
    strides = (x.strides[1], *(0,) * missing, *x.strides[2:])
    still = (0,) * (len(extents) - 1)
    source = replace(x, shape=(*extents, *own), strides=(x.strides[0], *still, *strides))
    methods, outsides = list(Method), list(Outside)
    parameters = (*own, missing, methods.index(op.method), outsides.index(op.outside))
    step = Routine(lowering.layer(op), "ec_sample", HEADER, extents, (source, positions), (result,), parameters)
    lowering.steps.append(step)


def _channels_last(view: View) -> View:
    """`view` with its second axis behind all others."""
    shape, strides = view.shape, view.strides
    return replace(view, shape=(shape[0], *shape[2:], shape[1]), strides=(strides[0], *strides[2:], strides[1]))
