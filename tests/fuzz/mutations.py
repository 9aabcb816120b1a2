"""Damage to a model file: in its bytes, as bad disks and downloads do, or in its fields, as bad exporters do."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from onnx import ModelProto

NUMBERS = (0, 1, -1, 2, 3, 7, 64, 127, 255, 65536, 2**31 - 1, -(2**31), 2**32, 2**40, 2**63 - 1, -(2**63))
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-8, 1e-45, 3e38, float("inf"), float("-inf"), float("nan"))
NAMES = (
    "",
    "x",
    "y",
    "ai.onnx",
    "com.microsoft",
    "Loop",
    "Conv",
    "Identity",
    "Constant",
    "é/ü",
    "a" * 3000,
    "\n\0%s{{",
)
EMPTY: dict[int, Any] = {
    FieldDescriptor.CPPTYPE_STRING: "",
    FieldDescriptor.CPPTYPE_FLOAT: 0.0,
    FieldDescriptor.CPPTYPE_DOUBLE: 0.0,
    FieldDescriptor.CPPTYPE_INT32: 0,
    FieldDescriptor.CPPTYPE_INT64: 0,
    FieldDescriptor.CPPTYPE_UINT64: 0,
    FieldDescriptor.CPPTYPE_UINT32: 0,
    FieldDescriptor.CPPTYPE_ENUM: 0,
}
CHANGES = (1, 1, 1, 1, 2, 4)  # how many fields are changed at once
FATAL = {"name", "input", "output", "op_type", "domain", "opset_import", "ir_version", "version", "graph", "type"}
LIKELY = {
    "ints",
    "i",
    "f",
    "floats",
    "dims",
    "dim_value",
    "attribute",
    "data_type",
    "elem_type",
    "initializer",
    "raw_data",
}
TEXT = {"doc_string", "producer_name", "producer_version", "model_version", "denotation", "metadata_props"}


def _weight(field: FieldDescriptor) -> float:
    """How often a field is changed: what is refused at once, or means nothing, teaches less than a size or an attribute."""
    return 5.0 if field.name in LIKELY else 0.5 if field.name in FATAL else 0.1 if field.name in TEXT else 1.0


def mutated(seed: bytes, other: bytes, rng: random.Random) -> bytes:
    """`seed` with damage; `other` is another model, from which parts are taken."""
    if rng.random() < 0.15:
        return _bytes_changed(seed, other, rng)
    model = ModelProto()
    try:
        model.ParseFromString(seed)
    except DecodeError:
        return _bytes_changed(seed, other, rng)
    for _ in range(rng.choice(CHANGES)):
        _change_field(model, rng)
    return model.SerializeToString()


def _bytes_changed(data: bytes, other: bytes, rng: random.Random) -> bytes:
    result = bytearray(data)
    for _ in range(rng.choice(CHANGES)):
        start = rng.randrange(len(result) + 1)
        end = min(len(result), start + rng.choice((1, 1, 2, 4, 16, 256, len(data))))
        edit: Callable[[], bytes] = rng.choice(
            (
                lambda start=start, end=end: bytes(rng.randrange(256) for _ in range(min(end - start, 64))),
                lambda start=start: bytes([result[start] ^ (1 << rng.randrange(8))]) if start < len(result) else b"",
                lambda: b"",
                lambda start=start, end=end: bytes(result[start:end]) * 2,
                lambda start=start, end=end: other[start:end],
            )
        )
        result[start:end] = edit()
    return bytes(result)


def _places(message: Message) -> Iterator[tuple[Message, Any]]:
    """Every field of a message and those inside it, whether it is set or not, as far as it can be reached."""
    for field in message.DESCRIPTOR.fields:
        yield message, field
    for field, value in message.ListFields():
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            for part in _items(field, value):
                yield from _places(part)


def _items(field: FieldDescriptor, value: Any) -> list[Any]:
    return list(value) if field.is_repeated else [value]


def _change_field(model: ModelProto, rng: random.Random) -> None:
    """One field, of the kinds of field that the model has set more often than of others."""
    places = list(_places(model))
    filled = [(m, f) for m, f in places if (len(getattr(m, f.name)) > 0 if f.is_repeated else m.HasField(f.name))]
    chosen = filled if filled and rng.random() < 0.9 else places
    ((message, field),) = rng.choices(chosen, [_weight(field) for _, field in chosen])
    if field.is_repeated:
        _change_list(message, field, model, rng)
    elif field.type == FieldDescriptor.TYPE_MESSAGE:
        if rng.random() < 0.5:
            message.ClearField(field.name)
        else:
            getattr(message, field.name).SetInParent()
    elif rng.random() < 0.15:
        message.ClearField(field.name)
    else:
        setattr(message, field.name, _scalar(field, getattr(message, field.name), model, rng))


def _change_list(message: Message, field: FieldDescriptor, model: ModelProto, rng: random.Random) -> None:
    values = list(getattr(message, field.name))
    at = rng.randrange(len(values) + 1)
    action = rng.choice(("remove", "repeat", "swap", "change", "change", "clear", "append"))
    if action == "clear":
        values = []
    elif action == "append" or not values:
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            getattr(message, field.name).add()
            return
        values.insert(at, _scalar(field, values[0] if values else EMPTY[field.cpp_type], model, rng))
    else:
        at %= len(values)
        if action == "remove":
            del values[at]
        elif action == "repeat":
            values.insert(rng.randrange(len(values) + 1), values[at])
        elif action == "swap":
            to = rng.randrange(len(values))
            values[at], values[to] = values[to], values[at]
        elif field.type != FieldDescriptor.TYPE_MESSAGE:
            values[at] = _scalar(field, values[at], model, rng)
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        values = [_copy(value) for value in values]
    message.ClearField(field.name)
    getattr(message, field.name).extend(values)


def _copy(message: Message) -> Message:
    result = type(message)()
    result.CopyFrom(message)
    return result


def _scalar(field: FieldDescriptor, old: Any, model: ModelProto, rng: random.Random) -> Any:
    """A value that the field can hold, often one that a model near this one could have."""
    kind = field.type
    if kind in (FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE):
        return rng.choice((*FLOATS, old * 2, -old))
    if kind == FieldDescriptor.TYPE_STRING:
        return rng.choice((rng.choice(_names(model)), rng.choice(NAMES), old + "_", old[:-1]))
    if kind == FieldDescriptor.TYPE_BYTES:
        old = old or b""
        return rng.choice((b"", old[:-1], old + b"\0", old * 2, bytes(reversed(old)), b"\xff" * len(old), b"NOTSET"))
    if kind == FieldDescriptor.TYPE_ENUM:
        assert field.enum_type is not None
        return rng.choice(field.enum_type.values).number
    number = rng.choice((rng.choice(NUMBERS), old + 1, old + 1, old - 1, old * 2, -old, 1, 2, 3))
    low, high = (-(2**31), 2**31 - 1) if kind == FieldDescriptor.TYPE_INT32 else (-(2**63), 2**63 - 1)
    if kind in (FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_UINT32):
        low, high = 0, 2**64 - 1 if kind == FieldDescriptor.TYPE_UINT64 else 2**32 - 1
    return max(low, min(high, number))


def _names(model: ModelProto) -> list[str]:
    """Names of the model's values, operators and attributes."""
    found = [""]
    for node in model.graph.node:
        found += [*node.input, *node.output, node.op_type, *(a.name for a in node.attribute)]
    return found + [v.name for v in [*model.graph.input, *model.graph.output]]
