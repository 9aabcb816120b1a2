"""Names from a model may hold anything; none of it becomes C."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from embedc.emit.names import RESERVED, c_string, comment, identifier, unique_identifiers
from embedc.ir.types import Array
from embedc.targets.toolchain import WARNINGS
from tests.emit.compiling import STRICT, bundle_of, compile_c
from tests.emit.small_models import model

HOSTILE = [
    "a*/ int injected; /*",
    '"; #error "quoted',
    "line\nbreak #error\r\n#error",
    "trigraph ??/",
    "??/\n#error",
    "backslash\\\n#error",
    "for",
    "class",
    "errno",
    "NULL",
    "INT8_MIN",
    "int8_t",
    "größe",
    "日本語",
    "\u202eright to left",
    "9lives",
    "___",
    "a b",
    "a_b",
    "A",
    "a",
    "Scratch",
    "SELFTEST",
    "stack",
    "net",
    "net_io",
    "net_status",
    "io",
    "s",
    "w",
    "%s%n",
    "{{ name }}",
    "$(touch injected)",
    "x" * 300,
]

names = st.text(st.sampled_from("*/?\\\n\"a'_9é<>&%#{}; \t\x00"), max_size=20) | st.text(max_size=12)


@given(names)
def test_comments_hold_no_c(name: str) -> None:
    text = comment(name)
    assert not re.search(r"\*/|/\*|//|\?\?|\\|[^ -~]", text), text
    assert len(text) <= 80


@given(st.lists(names, max_size=8))
def test_identifiers_are_valid_and_differ(given_names: list[str]) -> None:
    found = unique_identifiers(given_names, "t", ("io", "Scratch"))
    assert all(re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]*", text) and "__" not in text for text in found)
    assert not {*found} & RESERVED
    assert len({text.lower() for text in found} | {"io", "scratch"}) == len(found) + 2


def test_identifiers_resemble_their_names() -> None:
    assert identifier("serving_default/input:0") == "serving_default_input_0"
    assert identifier("INPUT") == "input"
    assert identifier("9lives", "t") == "t_9lives"
    assert unique_identifiers(["x", "x", "X"], "t") == ["x", "x_2", "x_3"]


def hostile_model() -> onnx.ModelProto:
    """Every name is an input; nodes and outputs bear them too; the result is the sum of all inputs."""
    nodes: list[onnx.NodeProto] = []
    total = HOSTILE[0]
    for number, name in enumerate(HOSTILE[1:]):
        last = number == len(HOSTILE) - 2
        result = "y */ #error" if last else f"{name} {number}"
        nodes += [
            helper.make_node("Mul", [name, name], [f"{result} squared"], name=f"{name} squared"),
            helper.make_node("Add", [total, f"{result} squared"], [result], name=name),
            helper.make_node("ReduceMax", [result], [f"{result}??/"], name=name, keepdims=1, axes=[0]),
        ]
        total = result
    return model(nodes, {name: [3] for name in HOSTILE}, {total: [3], f"{total}??/": [1]})


@pytest.mark.parametrize("compiler", [["gcc", "-trigraphs"], ["clang-19"]], ids=lambda c: c[0])
def test_hostile_names_compile_and_run(tmp_path: Path, compiler: list[str]) -> None:
    bundle = bundle_of(hostile_model(), tmp_path / "net", "net")
    compile_c(compiler, ["net.c", "net_selftest.c"], bundle.path, "-std=c99", *STRICT, "-fsyntax-only")
    if compiler[0] == "gcc":
        compile_c(["g++", "-std=c++11", "-xc++"], ["net.h"], bundle.path, *WARNINGS, "-fsyntax-only")
        generator = np.random.default_rng(1)
        inputs: dict[str, Array] = {n: generator.integers(-9, 9, 3).astype(np.float32) for n in HOSTILE}
        first, *others = inputs.values()
        expected = first + sum(x * x for x in others)
        outputs = bundle.run(inputs)
        np.testing.assert_array_equal(outputs["y */ #error"], expected)
        assert bundle.selftest() == (0, -1)


def test_a_model_named_by_hostile_text_writes_plain_file_names(tmp_path: Path) -> None:
    bundle = bundle_of(hostile_model(), tmp_path / "net", "net")
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+", path.name) for path in bundle.path.iterdir())


def test_c_strings_hold_any_text() -> None:
    assert c_string('a"b\\c\n??/*/é') == '"a\\042b\\134c\\012\\077\\077/\\052/\\303\\251"'
    assert c_string("input:0") == '"input:0"'
