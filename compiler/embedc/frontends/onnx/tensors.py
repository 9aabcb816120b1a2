"""TensorProto → numpy, without needless copies; external data is mapped from files beside the model."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from onnx import TensorProto

from embedc.frontends.onnx.folding import MAX_ELEMENTS
from embedc.ir.types import (
    BF16,
    BOOL,
    F16,
    F32,
    F64,
    I2,
    I4,
    I8,
    I16,
    I32,
    I64,
    U2,
    U4,
    U8,
    U16,
    U32,
    U64,
    Array,
    Element,
    TensorType,
)

ELEMENTS: dict[int, Element] = {
    TensorProto.FLOAT: F32,
    TensorProto.UINT8: U8,
    TensorProto.INT8: I8,
    TensorProto.UINT16: U16,
    TensorProto.INT16: I16,
    TensorProto.INT32: I32,
    TensorProto.INT64: I64,
    TensorProto.BOOL: BOOL,
    TensorProto.FLOAT16: F16,
    TensorProto.BFLOAT16: BF16,
    TensorProto.DOUBLE: F64,
    TensorProto.UINT32: U32,
    TensorProto.UINT64: U64,
    TensorProto.UINT2: U2,
    TensorProto.INT2: I2,
    TensorProto.UINT4: U4,
    TensorProto.INT4: I4,
}

_TYPED_FIELDS: dict[int, str] = {
    TensorProto.FLOAT: "float_data",
    TensorProto.DOUBLE: "double_data",
    TensorProto.INT64: "int64_data",
    TensorProto.UINT32: "uint64_data",
    TensorProto.UINT64: "uint64_data",
}


class BadTensor(ValueError):  # noqa: N818 - reads as what it says
    """A tensor of the model cannot be read; the text says why."""

    def __init__(self, message: str, hint: str = "export the model again") -> None:
        super().__init__(message)
        self.hint = hint


def type_name(data_type: int) -> str:
    """ONNX's name of an element type, `number 99` for numbers that have none."""
    try:
        return TensorProto.DataType.Name(data_type)
    except ValueError:
        return f"number {data_type}"


def tensor_type(tensor: TensorProto) -> TensorType:
    """Element and shape of a tensor of the model; BadTensor for those that cannot be compiled."""
    if tensor.data_type not in ELEMENTS:
        raise BadTensor(f"element type {type_name(tensor.data_type)} is not supported", "convert the tensor to float32")
    shape = tuple(tensor.dims)
    if any(d < 0 for d in shape):
        raise BadTensor(f"shape {list(shape)} is negative")
    if math.prod(shape) > MAX_ELEMENTS:
        raise BadTensor(f"shape {list(shape)} has more than the {MAX_ELEMENTS} elements that are supported")
    return TensorType(ELEMENTS[tensor.data_type], shape)


def decode(tensor: TensorProto, folder: Path | None) -> tuple[Array, TensorType]:
    """Data and type of a tensor; external data lies in `folder`."""
    type_ = tensor_type(tensor)
    if tensor.HasField("segment"):
        raise BadTensor("is stored in segments, which is not supported")
    if tensor.data_location == TensorProto.EXTERNAL:
        flat = _external(tensor, type_, folder)
    elif tensor.HasField("raw_data"):
        flat = _raw(tensor.raw_data, type_)
    else:
        flat = _typed(tensor, type_)
    if type_.element.bits < 8:
        flat = _unpack(flat, type_)
    elif type_.element.is_stored:
        flat = flat.astype(np.uint16, copy=False).view(type_.element.dtype)
    return flat.reshape(type_.dims), type_


def storage(type_: TensorType) -> tuple[np.dtype[Any], int]:
    """Type and number of the words in which ONNX stores a tensor."""
    if type_.element.bits < 8:
        return np.dtype("u1"), -(-type_.size * type_.element.bits // 8)
    if type_.element.is_stored:
        return np.dtype("<u2"), type_.size
    return type_.element.dtype.newbyteorder("<"), type_.size


def _expect_bytes(found: int, type_: TensorType) -> None:
    dtype, count = storage(type_)
    if found != count * dtype.itemsize:
        raise BadTensor(f"{type_} takes {count * dtype.itemsize} bytes, found {found}")


def _raw(data: bytes, type_: TensorType) -> Array:
    _expect_bytes(len(data), type_)
    return np.frombuffer(data, storage(type_)[0])


def _typed(tensor: TensorProto, type_: TensorType) -> Array:
    field = getattr(tensor, _TYPED_FIELDS.get(tensor.data_type, "int32_data"))
    dtype, count = storage(type_)
    if len(field) != count:
        raise BadTensor(f"{type_} takes {count} numbers, found {len(field)}")
    if type_.element.is_stored:
        return np.fromiter(field, np.int32, count).astype(np.uint16)
    wide = {"f": dtype, "u": np.dtype(np.uint64), "i": np.dtype(np.int64)}.get(dtype.kind, np.dtype(np.int64))
    numbers = np.fromiter(field, np.int64 if wide == np.uint64 and dtype.itemsize < 4 else wide, count)
    narrow = numbers.astype(dtype)
    if dtype.kind in "iu" and not np.array_equal(narrow, numbers):
        raise BadTensor(f"has numbers that {type_.element} does not hold")
    return narrow


def _unpack(words: Array, type_: TensorType) -> Array:
    """Elements of 2 and 4 bits, the first in the lowest bits of each byte, widened to bytes."""
    bits, sign = type_.element.bits, -type_.element.limits[0]
    parts = np.stack([words >> shift & (1 << bits) - 1 for shift in range(0, 8, bits)], axis=-1)
    return ((parts.reshape(-1)[: type_.size] ^ sign) - np.uint8(sign)).view(type_.element.dtype)


@dataclass(frozen=True)
class Location:
    """Where external data lies."""

    path: Path
    offset: int
    length: int | None


def _external(tensor: TensorProto, type_: TensorType, folder: Path | None) -> Array:
    if folder is None:
        raise BadTensor("has external data, and this model has no folder to look in", "load the model by its path")
    where = _locate({e.key: e.value for e in tensor.external_data}, folder)
    dtype, count = storage(type_)
    try:
        available = where.path.stat().st_size - where.offset
        if where.length is not None and where.length != count * dtype.itemsize:
            raise BadTensor(f"{type_} takes {count * dtype.itemsize} bytes, its external data has {where.length}")
        if available < count * dtype.itemsize:
            raise BadTensor(
                f"{type_} takes {count * dtype.itemsize} bytes, external data file '{where.path.name}' "
                f"has {max(available, 0)} from offset {where.offset}"
            )
        if count == 0:
            return np.zeros(0, dtype)
        return np.memmap(where.path, dtype, "r", where.offset, (count,))
    except OSError as error:
        raise BadTensor(f"external data file '{where.path.name}' cannot be read: {error.strerror}") from error


def _locate(entries: dict[str, str], folder: Path) -> Location:
    name = entries.get("location", "")
    if not name or "\0" in name:
        raise BadTensor("has external data without a location")
    root = folder.resolve()
    path = (root / name).resolve()
    if Path(name).is_absolute() or not path.is_relative_to(root):
        raise BadTensor(f"has external data in '{name}', outside the model's folder", "move the file beside the model")
    if not path.is_file():
        raise BadTensor(f"has external data in '{name}', a file that does not exist beside the model", "copy it there")
    return Location(path, _number(entries, "offset") or 0, _number(entries, "length"))


def _number(entries: dict[str, str], key: str) -> int | None:
    text = entries.get(key)
    if text is None:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise BadTensor(f"has external data with {key} '{text[:40]}', not a number of bytes")
    return int(text)
