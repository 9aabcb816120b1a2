"""A part of ONNX's backend suite, another one every day, and the harness itself: it must notice what goes wrong."""

import datetime
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from onnx import numpy_helper

from tests.conformance.batch import run_batch, run_prepared
from tests.conformance.expected import Expected, contradictions, read_expected, write_expected
from tests.conformance.outcome import Failed, Outcome, Verdict
from tests.conformance.preparing import Prepared, opened, prepared
from tests.conformance.suite import Case, cases

PARTS = 24


def named(*names: str) -> list[Case]:
    found = {case.name: case for case in cases()}
    return [found[name] for name in names]


def ready(*names: str) -> list[Prepared]:
    return [prepared(opened(case)[0], f"c{k}") for k, case in enumerate(named(*names))]


def reasons(work: Sequence[Prepared], folder: Path) -> list[Failed | None]:
    return [reason for _, reason in run_prepared(work, folder)]


def test_part_of_the_suite_ends_as_the_list_says() -> None:
    """All of it: python -m tests.conformance."""
    today = datetime.date.today().toordinal() % PARTS
    outcomes = run_batch(cases()[today::PARTS])
    assert not list(contradictions(read_expected(), outcomes, complete=False))


def test_list_names_cases_of_the_suite() -> None:
    assert len(cases()) == 1905
    assert read_expected().keys() <= {case.name for case in cases()}


def test_wrong_results_are_reported(tmp_path: Path) -> None:
    """Expected outputs that the code cannot give: another value, another shape, another type."""
    (relu,) = named("test_relu")
    planted: list[Case] = []
    for name in ("value", "shape", "type", "nothing"):
        folder = Path(shutil.copytree(relu.folder, tmp_path / name))
        (_, outputs), *_ = relu.data_sets(relu.model())
        wanted = np.asarray(outputs[0]).copy()
        if name == "value":
            wanted.flat[7] += 1
        changed = {"shape": wanted.reshape(-1), "type": wanted.astype(np.float64)}.get(name, wanted)
        tensor = numpy_helper.from_array(changed)
        (folder / "test_data_set_0" / "output_0.pb").write_bytes(tensor.SerializeToString())
        planted.append(replace(relu, name=name, folder=folder))
    outcomes = run_batch(planted)
    assert [o.verdict for o in outcomes] == [Verdict.WRONG] * 3 + [Verdict.PASSED]
    assert "1 of 60 elements of 'y' differ, first at [0, 1, 2]" in outcomes[0].reason
    assert "shape" in outcomes[1].reason and "float64" in outcomes[2].reason


def test_crash_is_told_of_the_case_that_crashed(tmp_path: Path) -> None:
    work = ready("test_relu", "test_add", "test_mul")
    source = work[1].files["c1.c"]
    for what, planted in (
        ("heap-buffer-overflow", b"((volatile unsigned char *)io->sum)[C1_SUM_BYTES] = 1;"),
        ("signal", b"__builtin_trap();"),
        ("status 3", b"return (c1_status)3;"),
    ):
        text = source.replace(b"  return C1_OK;", b"  " + planted + b"\n  return C1_OK;")
        work[1] = replace(work[1], files={**work[1].files, "c1.c": text})
        (tmp_path / what).mkdir()
        first, second, third = reasons(work, tmp_path / what)
        assert first is None and third is None
        assert second and second.verdict is Verdict.CRASHED and what in second.reason


def test_code_that_does_not_compile_is_told_of_its_case(tmp_path: Path) -> None:
    work = ready("test_relu", "test_add", "test_mul")
    work[1] = replace(work[1], files={**work[1].files, "c1.c": work[1].files["c1.c"] + b"\nplanted mistake;\n"})
    first, second, third = reasons(work, tmp_path)
    assert first is None and third is None
    assert second and second.verdict is Verdict.BROKEN and "planted" in second.reason


def test_inputs_are_stored_only_where_the_compiler_needs_them() -> None:
    (reshape,) = opened(named("test_reshape_reordered_all_dims")[0])
    assert list(reshape.feeds) == ["data"]
    (add,) = opened(named("test_add")[0])
    assert list(add.feeds) == ["x", "y"]


def test_unexpected_ends_are_errors(tmp_path: Path) -> None:
    outcomes = [
        Outcome("passes", Verdict.PASSED),
        Outcome("refused", Verdict.REFUSED, "no such operator"),
        Outcome("wrong", Verdict.WRONG, "1 of 2 elements differ"),
        Outcome("fine", Verdict.PASSED),
    ]
    expected = {
        "passes": Expected(Verdict.REFUSED, "once"),
        "refused": Expected(Verdict.REFUSED, "still"),
        "wrong": Expected(Verdict.REFUSED, "once"),
        "gone": Expected(Verdict.REFUSED, "renamed"),
    }
    assert list(contradictions(expected, outcomes, complete=True)) == [
        "passes: passed, expected: refused",
        "wrong: wrong (1 of 2 elements differ), expected: refused",
        "gone is no case of the suite",
    ]
    write_expected(expected, outcomes, tmp_path / "list")
    renewed = read_expected(tmp_path / "list")
    assert renewed == {
        "refused": Expected(Verdict.REFUSED, "still"),
        "wrong": Expected(Verdict.WRONG, "1 of 2 elements differ"),
        "gone": Expected(Verdict.REFUSED, "renamed"),
    }
