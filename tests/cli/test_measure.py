"""Code and stack of a compiled bundle."""

from pathlib import Path

import pytest
from tests.cli.mini_bundle import write_mini_bundle

from embedc.bundle import Bundle
from embedc.execution.measure import CallGraph, Measured, measure

GRAPH = """
node: { title: "a.c:leaf" label: "leaf\\na.c:1:1\\n100 bytes (static)" }
node: { title: "a.c:other" label: "other\\na.c:2:1\\n300 bytes (%s)" }
node: { title: "a.c:drive" label: "drive\\na.c:3:1\\n20 bytes (dynamic,bounded)" }
node: { title: "m_run" label: "m_run\\na.c:4:1\\n8 bytes (static)" }
node: { title: "memcpy" label: "memcpy\\n<built-in>" shape : ellipse }
edge: { sourcename: "a.c:drive" targetname: "__indirect_call" label: "a.c:3:9" }
edge: { sourcename: "m_run" targetname: "a.c:drive" label: "a.c:4:9" }
edge: { sourcename: "m_run" targetname: "memcpy" label: "a.c:4:9" }
"""


def worst(text: str, root: str = "m_run") -> int | None:
    graph = CallGraph()
    graph.read(text)
    return graph.worst(root)


def test_pointers_reach_whatever_nobody_calls_by_name() -> None:
    assert worst(GRAPH % "static") == 8 + 20 + 300


def test_no_bound_no_figure() -> None:
    assert worst(GRAPH % "dynamic") is None
    assert worst(GRAPH % "static" + 'edge: { sourcename: "a.c:leaf" targetname: "m_run" }') is None
    assert worst(GRAPH % "static", "absent") is None


def measured(tmp_path: Path, after: str = "", target: str = "c") -> Measured:
    bundle = Bundle(write_mini_bundle(tmp_path / "mini", target, after=after))
    return measure(bundle.path, bundle.described.sources, bundle.described.name, bundle.target)


def test_frames_and_code_are_counted(tmp_path: Path) -> None:
    small = measured(tmp_path)
    big = measured(tmp_path, "{ volatile float big[1000]; big[0] = io->y[0]; io->y[0] = big[0]; }")
    assert 0 < small.code_bytes < big.code_bytes < 4000
    if small.compiler != "gcc":
        pytest.skip("no gcc")
    assert small.stack_bytes is not None
    assert big.stack_bytes is not None
    assert small.stack_bytes < 1000
    assert 4000 <= big.stack_bytes < 5000
