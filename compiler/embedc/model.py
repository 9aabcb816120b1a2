"""The model that a user hands in: a file or a ModelProto in memory."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import onnx

from embedc.diagnostics import fail

Source = str | Path | onnx.ModelProto


@dataclass(frozen=True)
class ModelInfo:
    """What a bundle tells of the model that it came from: file name without folders, hash of the content."""

    file: str
    sha256: str


def opened(source: Source) -> Path | onnx.ModelProto:
    """The source if it can be read, else an error."""
    if isinstance(source, onnx.ModelProto):
        return source
    path = Path(source)
    try:
        path.open("rb").close()
    except OSError as error:
        raise fail(f"cannot read '{path}': {error.strerror}") from None
    return path


def info(source: Path | onnx.ModelProto) -> ModelInfo:
    """The model's identity."""
    if isinstance(source, onnx.ModelProto):
        return ModelInfo("", hashlib.sha256(source.SerializeToString(deterministic=True)).hexdigest())
    with source.open("rb") as file:
        return ModelInfo(source.name, hashlib.file_digest(file, "sha256").hexdigest())


def stem(source: Path | onnx.ModelProto) -> str:
    """What the model is called: its file without the ending, or its graph's name."""
    return source.graph.name if isinstance(source, onnx.ModelProto) else source.stem
