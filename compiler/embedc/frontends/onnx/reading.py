"""A file on disk → ModelProto, with errors that say what the file really is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError, Message
from onnx import ModelProto, TensorProto

from embedc.diagnostics import EmbedcError, fail

MAX_BYTES = 2**31 - 1
"""A protobuf message cannot be larger."""

_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"version https://git-lfs", "a Git LFS pointer, not the model itself", "run 'git lfs pull'"),
    (0, b"PK\x03\x04", "a zip archive (PyTorch, Keras?)", "export the model to ONNX"),
    (4, b"TFL3", "a TensorFlow Lite model", "convert it with tf2onnx --tflite"),
    (0, b"\x89HDF", "an HDF5 file (Keras?)", "convert it with tf2onnx"),
    (0, b"\x1f\x8b", "gzip-compressed", "unpack it first"),
    (0, b"<", "text (HTML or XML)", "give an .onnx file; downloads are sometimes an error page"),
    (0, b"{", "JSON", "give an .onnx file"),
    (0, b"version ", "text", "give an .onnx file"),
)


def read(source: Path | ModelProto) -> tuple[ModelProto, Path | None]:
    """The model and the folder of its external data."""
    if isinstance(source, ModelProto):
        return source, None
    return parse(_bytes(source), str(source)), source.parent


def parse(data: bytes, name: str) -> ModelProto:
    """The model in `data`; `name` stands for it in errors."""
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except (DecodeError, ValueError) as error:
        raise _not_onnx(data, name) from error
    if not model.HasField("graph"):
        raise _not_onnx(data, name)
    return model


def external_files(path: Path) -> list[Path]:
    """The files beside a model that hold data of its tensors."""
    folder = path.parent.absolute()
    names = {
        entry.value
        for tensor in _tensors(parse(_bytes(path), str(path)))
        if tensor.data_location == TensorProto.EXTERNAL
        for entry in tensor.external_data
        if entry.key == "location"
    }
    return [folder / name for name in sorted(names) if (folder / name).is_file()]


def _tensors(message: Message) -> Iterator[TensorProto]:
    """Every tensor anywhere in a message: initializers, attributes, those of subgraphs and functions."""
    if isinstance(message, TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            held: Any = value
            for part in [held] if isinstance(held, Message) else held:
                yield from _tensors(part)


def _not_onnx(data: bytes, name: str) -> EmbedcError:
    for offset, signature, what, hint in _SIGNATURES:
        if data[offset : offset + len(signature)] == signature:
            return fail(f"'{name}' is {what}", hint=hint)
    return fail(
        f"'{name}' is not an ONNX model, or it is damaged or cut off ({len(data)} bytes)",
        hint="compare its size with the original, or export it again",
    )


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise fail(f"'{path}' is a folder", hint="give the .onnx file inside")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise fail(f"'{path}' has {size} bytes; a protobuf file cannot", hint="save its weights as external data")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise fail(f"'{path}' does not exist", hint="check the path") from error
    except (OSError, ValueError) as error:
        raise fail(f"'{path}' cannot be read: {error}", hint="check the path and its permissions") from error
    if not data:
        raise fail(f"'{path}' is empty", hint="download or export the model again")
    return data
