"""embedc diff: figures, layers, API, limits."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Command, tiny_model

Manifest = dict[str, Any]


def _change(name: str, path: tuple[str | int, ...], value: object) -> str:
    """A copy of the manifest in old/ with one entry changed."""
    manifest: Any = json.loads(Path("old/manifest.json").read_text(encoding="utf-8"))
    entry = manifest
    for key in path[:-1]:
        entry = entry[key]
    entry[path[-1]] = value
    Path(name).write_text(json.dumps(manifest), encoding="utf-8")
    return name


@pytest.fixture
def old(embedc: Command, model: Path) -> Manifest:
    """Manifest of a bundle in old/ whose figures are round."""
    assert embedc(model, "--target", "c", "--dim", "batch=1", "-o", "old", "--quiet", "--no-measure").code == 0
    _change("old/manifest.json", ("scratch_bytes",), 1000)
    return json.loads(Path("old/manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("limit", "scratch", "code"),
    [
        ("scratch+0", 1000, 0),
        ("scratch+0", 1001, 1),
        ("scratch+1%", 1010, 0),
        ("scratch+1%", 1011, 1),
        ("scratch-10%", 900, 0),
        ("scratch-10%", 901, 1),
        ("scratch+1K", 2024, 0),
        ("scratch+1K", 2025, 1),
        ("scratch1K", 1024, 0),
        ("weights+0, scratch1000B", 1024, 1),
    ],
)
def test_limits(embedc: Command, old: Manifest, limit: str, scratch: int, code: int) -> None:
    result = embedc("diff", "old", _change("new.json", ("scratch_bytes",), scratch), "--fail-if", limit)
    assert result.code == code
    assert len(result.err.splitlines()) == code
    assert f"{scratch:,}" in result.out


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        ("speed+0", "no metric 'speed'"),
        ("scratch", "is not METRIC"),
        ("scratch+x", "is not METRIC"),
        ("scratch+0,", "is not METRIC"),
        ("scratch5%", "needs + or -"),
        ("stack+0", "no figure for stack"),
        ("flash+0", "no figure for flash"),
    ],
)
def test_limits_that_cannot_be_held(embedc: Command, old: Manifest, limit: str, message: str) -> None:
    result = embedc("diff", "old", "old/manifest.json", "--fail-if", limit)
    assert result.code == 2
    assert message in result.err


def test_an_unmeasured_figure_is_said(embedc: Command, old: Manifest) -> None:
    result = embedc("diff", "old", "old")
    assert result.code == 0
    assert result.out.count("not measured") == 6


def test_layers_and_api(embedc: Command, old: Manifest, tmp_path: Path) -> None:
    other = tiny_model("Tanh")
    other.graph.input[0].name = other.graph.node[0].input[0] = "picture"
    Path("other.onnx").write_bytes(other.SerializeToString())
    options = ("--target", "c", "--dim", "batch=1", "--quiet", "--no-measure", "--name", "tiny")
    assert embedc("other.onnx", *options, "-o", "new").code == 0
    found = json.loads(embedc("diff", "old", "new", "--json").out)
    assert {(p["kind"], p["name"], bool(p["old"]), bool(p["new"])) for p in found["api"]} == {
        ("input", "x", True, False),
        ("input", "picture", False, True),
    }
    assert found["layers"]
    same = json.loads(embedc("diff", "old", "old", "--json").out)
    assert same["layers"] == same["api"] == same["exceeded"] == []
    changed = _change("kernel.json", ("layers", 0, "kernel"), "another")
    assert [c["new"]["kernel"] for c in json.loads(embedc("diff", "old", changed, "--json").out)["layers"]] == [
        "another"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('{"format": NaN}', "NaN is no JSON number"),
        ("[]", "not a manifest of format 1: it must be an object, not 'list'"),
        ("{}", "format must be 1, not None"),
        ('{"format": 99, "name": "x"}', "format must be 1, not 99"),
        ('{"format": 1, "options": []}', "version is missing"),
    ],
)
def test_broken_manifests(embedc: Command, old: Manifest, text: str, message: str) -> None:
    Path("broken.json").write_text(text, encoding="utf-8")
    result = embedc("diff", "old", "broken.json")
    assert result.code == 2
    assert "broken.json" in result.err
    assert message in result.err
    assert embedc("diff", "old", "absent.json").code == 2


def test_a_manifest_with_a_wrong_entry_says_which(embedc: Command, old: Manifest) -> None:
    result = embedc("diff", "old", _change("wrong.json", ("inputs", 0, "shape", 1), "three"))
    assert result.code == 2
    assert "inputs[0].shape[1] must be a JSON integer, not 'three'" in result.err
