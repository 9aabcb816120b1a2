"""det: what is computed of whole matrices."""

import numpy as np

from embedc.ir.graph import Value
from embedc.ir.types import Array, TensorType
from embedc.ops.base import Op, expect


class Det(Op, name="det"):
    """The determinant of the matrices in the last two axes."""

    x: Value

    def infer(self) -> tuple[TensorType, ...]:
        x = self.x.type
        expect(x.rank >= 2 and x.dims[-1] == x.dims[-2], f"det of {x}, which holds no square matrices")
        expect(x.element.is_float, f"det of {x}, which is not of floats")
        return (TensorType(x.element, x.shape[:-2]),)

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        return (np.asarray(np.linalg.det(arrays[0].astype(np.float64)), arrays[0].dtype),)
