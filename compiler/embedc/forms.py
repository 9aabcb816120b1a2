"""Inputs as the product has them: `u8:nhwc,mean=127,std=128` for bytes of an image that the model wants as scaled floats."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from embedc.diagnostics import EmbedcError, fail
from embedc.ir.types import ELEMENTS, Array, Element

FORM = re.compile(r"(u8|i8|u16|i16|f32)(?::([\w-]+))?((?:,(?:mean|std)=[^,=]+)*)")
EXAMPLE = "for example --input image=u8:nhwc,mean=127,std=128 or mean=123.7/116.3/103.5, one for each channel"


@dataclass(frozen=True)
class InputForm:
    """The caller gives `element`s; the model's input is (x - mean) / std, each one number or one for each channel.

    `layout` is empty where the tensor lies in the model's own order.
    """

    element: Element
    layout: str = ""
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)

    @property
    def scales(self) -> bool:
        """True if the numbers change, not only their type."""
        return any(self.mean) or any(s != 1 for s in self.std)

    def channel_axis(self, shape: tuple[int, ...]) -> int | None:
        """The axis that the numbers run along: ONNX's channels, else the last one; None if neither has so many."""
        count = max(len(self.mean), len(self.std))
        axes = [axis for axis in (1, len(shape) - 1) if 0 <= axis < len(shape)]
        return next((axis for axis in axes if shape[axis] == count), None) if count > 1 else 0

    def spread(self, numbers: tuple[float, ...], shape: tuple[int, ...]) -> Array:
        """`mean` or `std` in the shape in which it broadcasts over a tensor."""
        axis = self.channel_axis(shape)
        extents = [len(numbers) if a == axis else 1 for a in range(len(shape))]
        return np.asarray(numbers, np.float32).reshape(extents)

    def model_input(self, given: Array) -> Array:
        """What the model's own input is for a tensor of the caller's."""
        mean, std = (self.spread(numbers, given.shape) for numbers in (self.mean, self.std))
        return (given.astype(np.float32) - mean) / std


def model_inputs(given: Mapping[str, Array], forms: Mapping[str, InputForm]) -> dict[str, Array]:
    """The model's own inputs for those of the caller."""
    return {name: forms[name].model_input(array) if name in forms else array for name, array in given.items()}


def parse_form(name: str, text: str) -> InputForm:
    """The form that a user writes behind `name=`."""
    match = FORM.fullmatch(text)
    if match is None:
        raise _wrong(name, text)
    numbers: dict[str, tuple[float, ...]] = {}
    for part in match[3].split(",")[1:]:
        key, _, value = part.partition("=")
        try:
            found = tuple(float(number) for number in value.split("/"))
        except ValueError:
            raise _wrong(name, text) from None
        if key in numbers or not all(math.isfinite(f) for f in found) or (key == "std" and 0.0 in found):
            raise _wrong(name, text)
        numbers[key] = found
    form = InputForm(ELEMENTS[match[1]], match[2] or "", numbers.get("mean", (0.0,)), numbers.get("std", (1.0,)))
    if len({len(form.mean), len(form.std)} - {1}) > 1:
        raise _wrong(name, text)
    return form


def _wrong(name: str, text: str) -> EmbedcError:
    return fail(f"--input {name}={text} is not ELEMENT:LAYOUT,mean=M,std=S (u8, i8, u16, i16 or f32)", hint=EXAMPLE)
