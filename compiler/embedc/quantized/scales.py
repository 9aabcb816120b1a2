"""Numbers of quantized arithmetic, worked out when the model is compiled."""

import numpy as np

from embedc.ir.types import Array


def narrowest(weights: Array) -> Array:
    """Whole numbers of up to 9 bits and a sign as i8 if that holds them, else as i16."""
    fits = not weights.size or (weights.min() >= -128 and weights.max() <= 127)
    return weights.astype(np.int8 if fits else np.int16)
