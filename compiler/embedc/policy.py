"""What one compilation is to do: the frozen input of every stage beside the model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from embedc.forms import InputForm
from embedc.quantized.io import IoForm
from embedc.targets.target import Target

WeightsForm = Literal["auto", "c", "assembly"]


@dataclass(frozen=True)
class Policy:
    """Options of a compilation. `name` prefixes every C symbol and file; `outputs` cuts the model at these tensors.

    `single_file` puts all C into one file; `weights` says whether constants are C words or assembly (auto: by their size).
    With `io_in_scratch` inputs and outputs share the scratch with what is computed in between.
    `input_layouts` and `output_layouts` say by name how the caller's tensors lie, where that is not the model's order.
    `forms` holds inputs that the caller gives as other elements than the model has.
    `io` gives quantized inputs and outputs another form than the model's. `states` maps inputs that are kept between calls to the outputs that they take from the call before.
    """

    target: Target
    name: str
    optimize: Literal["speed", "size"] = "speed"
    dims: Mapping[str, int] = field(default_factory=dict[str, int])
    outputs: tuple[str, ...] = ()
    forms: Mapping[str, InputForm] = field(default_factory=dict[str, InputForm])
    input_layouts: Mapping[str, str] = field(default_factory=dict[str, str])
    output_layouts: Mapping[str, str] = field(default_factory=dict[str, str])
    single_file: bool = False
    io_in_scratch: bool = False
    weights: WeightsForm = "auto"
    states: Mapping[str, str] = field(default_factory=dict[str, str])
    io: IoForm = "model"
