"""docs/manifest.schema.json: follows from the declarations, and takes just what embedc reads."""

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from onnx import ModelProto
from tests.cli.conftest import Command
from tests.emit.compiling import files_of
from tests.emit.small_models import convolutional, elementwise, indexing, long_lived
from tests.emit.state_models import gru_cell
from tests.golden import compare_with_file

from embedc.driver import Request, compile_model
from embedc.manifest import manifest_bytes, manifest_from, schema_text
from embedc.records import RecordError
from embedc.resources import manifest_schema_file
from embedc.targets.load import load_target

CHANGES = 250
VALUES: tuple[Any, ...] = (
    None,
    True,
    -2,
    0,
    1,
    1.5,
    2.0,
    "",
    "f32",
    "a b",
    [],
    [1, -1],
    ["x"],
    {},
    {"x": 1},
    {"x": "y"},
)


def schema() -> Draft202012Validator:
    parsed = json.loads(manifest_schema_file().read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(parsed)
    return Draft202012Validator(parsed)


def test_schema_is_up_to_date(request: pytest.FixtureRequest) -> None:
    compare_with_file(schema_text(), manifest_schema_file(), bool(request.config.getoption("--bless")))


def test_every_field_is_told() -> None:
    """What is a record of its own says it there."""
    parsed = json.loads(schema_text())
    for record in (parsed, *parsed["$defs"].values()):
        for name, field in record["properties"].items():
            assert field.get("description") or "$ref" in field, name
        assert record["description"]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(container, key) of everything inside."""
    if isinstance(value, dict):
        inner = cast(dict[str, Any], value)
    elif isinstance(value, list):
        inner = dict(enumerate(cast(list[Any], value)))
    else:
        return
    for key, entry in inner.items():
        yield value, key
        yield from places(entry)


def accepted(raw: Any) -> bool:
    try:
        manifest = manifest_from(json.dumps(raw).encode())
    except RecordError:
        return False
    assert json.loads(manifest_bytes(manifest)) == raw
    return True


def test_embedc_reads_what_the_schema_takes_and_nothing_else(embedc: Command, model: Path) -> None:
    """A manifest with every kind of entry, and it with one thing wrong, missing or too much."""
    done = embedc(
        model, "--dim", "batch=1", "--input", "x=u8:nhwc,mean=3,std=2", "--target", "cortex-m4", "-o", "out", "--quiet"
    )
    assert done.code == 0, done.err
    raw = json.loads(Path("out/manifest.json").read_text(encoding="utf-8"))
    raw["states"] = [
        {"input": "h", "output": "g", "element": "f32", "shape": [1], "offset": 0, "bytes": 4, "initial": "zeros"}
    ]
    validator = schema()
    assert accepted(raw)
    validator.validate(raw)  # pyright: ignore[reportUnknownMemberType]
    choose = random.Random(0)
    verdicts: set[bool] = set()
    for _ in range(CHANGES):
        changed = deepcopy(raw)
        container, key = choose.choice(list(places(changed)))
        kind = choose.choice(("replace", "remove", "add"))
        if kind == "replace":
            container[key] = choose.choice(VALUES)
        elif kind == "remove":
            del container[key]
        elif isinstance(container, dict):
            container["new"] = choose.choice(VALUES)
        valid = validator.is_valid(changed)  # pyright: ignore[reportUnknownMemberType]
        assert accepted(changed) == valid, (kind, key, container)
        verdicts.add(valid)
    assert verdicts == {True, False}


@pytest.mark.parametrize("make", [convolutional, elementwise, indexing, long_lived])
def test_manifests_of_bundles_are_valid(make: Callable[[], ModelProto]) -> None:
    for target in ("c", "cortex-m55", "riscv-rvv"):
        files = files_of(make(), "net", target)
        schema().validate(json.loads(files["manifest.json"]))  # pyright: ignore[reportUnknownMemberType]


def test_manifests_of_states_are_valid() -> None:
    case = gru_cell()
    request = Request(case.model, load_target("c"), "net", states=case.states)
    raw = json.loads(compile_model(request).files["manifest.json"])
    assert raw["states"]
    schema().validate(raw)  # pyright: ignore[reportUnknownMemberType]
