"""Builders of ONNX operators by theme; importing this package fills the registry."""

from embedc.frontends.onnx.ops import (
    activations,
    arithmetic,
    constants,
    einsum,
    gathering,
    linear,
    movement,
    normalization,
    padding,
    pool,
    positions,
    quantization,
    reduction,
    resize,
    sampling,
    shape,
)

__all__ = [
    "activations",
    "arithmetic",
    "constants",
    "einsum",
    "gathering",
    "linear",
    "movement",
    "normalization",
    "padding",
    "pool",
    "positions",
    "quantization",
    "reduction",
    "resize",
    "sampling",
    "shape",
]
