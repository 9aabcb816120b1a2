"""quantize, dequantize: between floats and bytes. They say what a map would say, but passes can see scales and zero points."""

from functools import cached_property

from embedc.ir.expression import program
from embedc.ir.graph import Value
from embedc.ir.scalar import ScalarProgram
from embedc.ir.types import F32, I8, I32, U8, Array, TensorType
from embedc.ops.base import Op, expect
from embedc.ops.elementwise import broadcast
from embedc.quantized.quantity import dequantized, quantized


class Quantize(Op, name="quantize"):
    """round-half-even(x / scale) + zero, clamped to the type of `zero`; computed in f32."""

    x: Value
    scale: Value
    zero: Value

    def infer(self) -> tuple[TensorType, ...]:
        x, scale, zero = self.x.type, self.scale.type, self.zero.type
        expect(x.element == scale.element == F32, f"quantize of {x} with scale {scale}, not f32")
        expect(zero.element in (U8, I8), f"quantize to {zero.element}, not u8 or i8")
        expect(broadcast([x.shape, scale.shape, zero.shape]) == x.shape, f"quantize of {x} with {scale} and {zero}")
        return (TensorType(zero.element, x.shape),)

    @cached_property
    def body(self) -> ScalarProgram:
        """What becomes of each element."""
        element = self.zero.type.element
        return program([F32, F32, element], lambda x, s, z: quantized((x / s).round(), z.cast(I32), element))

    @property
    def inputs(self) -> tuple[Value, ...]:
        """What `body` takes."""
        return self.operands

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        return (self.body.evaluate(arrays),)


class Dequantize(Op, name="dequantize"):
    """(x - zero) scale in f32."""

    x: Value
    scale: Value
    zero: Value

    def infer(self) -> tuple[TensorType, ...]:
        x, scale, zero = self.x.type, self.scale.type, self.zero.type
        expect(x.element in (U8, I8, I32), f"dequantize of {x}, not u8, i8 or i32")
        expect(x.element == zero.element, f"dequantize of {x} with zero point {zero}")
        expect(scale.element == F32, f"dequantize with scale {scale}, not f32")
        expect(broadcast([x.shape, scale.shape, zero.shape]) == x.shape, f"dequantize of {x} with {scale} and {zero}")
        return (TensorType(F32, x.shape),)

    @cached_property
    def body(self) -> ScalarProgram:
        """What becomes of each element."""
        element = self.x.type.element
        return program([element, F32, element], dequantized)

    @property
    def inputs(self) -> tuple[Value, ...]:
        """What `body` takes."""
        return self.operands

    def reference(self, *arrays: Array) -> tuple[Array, ...]:
        return (self.body.evaluate(arrays),)
