"""The model that a user hands in: a file or a ModelProto in memory."""

import hashlib
from pathlib import Path

from onnx import ModelProto

from embedc.manifest import ModelInfo

Source = Path | ModelProto


def info(source: Source) -> ModelInfo:
    """The model's identity."""
    if isinstance(source, ModelProto):
        return ModelInfo("", hashlib.sha256(source.SerializeToString(deterministic=True)).hexdigest())
    with source.open("rb") as file:
        return ModelInfo(source.name, hashlib.file_digest(file, "sha256").hexdigest())


def stem(source: Source) -> str:
    """What the model is called: its file without the ending, or its graph's name."""
    return source.graph.name if isinstance(source, ModelProto) else source.stem
