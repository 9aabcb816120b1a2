"""embedc.compile, the compiler as a Python function."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from onnx import ModelProto

from embedc.bundle import Bundle
from embedc.driver import Request, compile_to
from embedc.forms import parse_form
from embedc.policy import WeightsForm
from embedc.quantized.io import IoForm
from embedc.quantized.requirement import Requirement
from embedc.targets.load import load_target


def compile(
    model: str | Path | ModelProto,
    target: str = "host",
    out_dir: str | Path | None = None,
    *,
    dims: Mapping[str, int] | None = None,
    name: str = "",
    outputs: Sequence[str] = (),
    state: Mapping[str, str] | None = None,
    inputs: Mapping[str, str] | None = None,
    input_layouts: Mapping[str, str] | None = None,
    output_layouts: Mapping[str, str] | None = None,
    io_in_scratch: bool | None = None,
    single_file: bool = False,
    weights: WeightsForm = "auto",
    optimize: Literal["speed", "size"] = "speed",
    io: IoForm = "model",
    require: Requirement = "",
    cpu: str = "",
    measure: bool = False,
    runner: str = "",
) -> Bundle:
    """Compiles a model file or ModelProto; without `out_dir` the bundle lives in a temporary folder as long as the object.

    `dims` fixes open dimensions by name, `outputs` cuts the model at these tensors, `state` maps inputs that are kept between
    calls to the outputs that they take from the call before, `inputs` says what the caller gives for f32
    inputs ("u8:nhwc,mean=127,std=128"), `input_layouts` and `output_layouts` say
    how tensors lie in memory ("nhwc"; Bundle.run takes and gives them in the model's order all the same), `io_in_scratch` puts inputs and outputs into scratch (None: as is
    usual for the target), `io` makes quantized inputs and outputs "float" or "quantized", `require` "integer" refuses floats
    in between, `single_file` puts all C into one file, with `weights` (words in "c", or
    "assembly") by their size if not said, `measure` compiles the code to state its size and stack. `runner` ("ssh board") is
    a command that starts a shell on the machine that is to run the code when `sh` follows it.
    """
    source = Path(model) if isinstance(model, str) else model
    request = Request(
        source,
        load_target(target, cpu),
        name,
        dict(dims or {}),
        tuple(outputs),
        dict(state or {}),
        {name: parse_form(name, form) for name, form in (inputs or {}).items()},
        dict(input_layouts or {}),
        dict(output_layouts or {}),
        single_file,
        io_in_scratch,
        weights,
        optimize,
        measure=measure,
        io=io,
        require=require,
    )
    if out_dir is not None:
        compile_to(request, Path(out_dir))
        return Bundle(out_dir, runner=runner)
    keep = tempfile.TemporaryDirectory(prefix="embedc-")
    folder = Path(keep.name) / "bundle"
    compile_to(request, folder)
    return Bundle(folder, keep=keep, runner=runner)
