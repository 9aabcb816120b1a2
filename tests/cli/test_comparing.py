"""The statistics of verification, and where they point."""

from math import inf, nan
from pathlib import Path

import numpy as np
import pytest
from tests.cli.mini_bundle import write_mini_bundle

from embedc.bundle import Bundle
from embedc.diagnostics import EmbedcError
from embedc.manifest import Port
from embedc.report.verification import verdict
from embedc.targets.target import NATIVE
from embedc.verify.compare import Bounds, deviation
from embedc.verify.samples import Sample, load_samples, random_samples
from embedc.verify.verify import Reference, compare, excused

X = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
MID, Y = "mid\x1b[31m", "[bold]y"


def test_figures_of_a_known_error() -> None:
    found = deviation(np.array([3.0, 4.1], np.float32), np.array([3.0, 4.0], np.float32))
    assert found.worst == pytest.approx(0.1, rel=1e-5)
    assert found.relative == pytest.approx(0.025, rel=1e-5)
    assert found.sqnr == pytest.approx(10 * np.log10(25 / 0.01), rel=1e-4)
    assert 0.999 < found.cosine < 1
    assert found.within(Bounds(0.026))
    assert not found.within(Bounds(0.024))


def test_equal_tensors_are_perfect_even_if_empty_or_zero() -> None:
    for array in (X, np.zeros(3, np.float32), np.zeros((0, 2), np.float32), np.array([inf, -inf, nan], np.float32)):
        found = deviation(array, array)
        assert (found.worst, found.sqnr, found.cosine, found.stray) == (0, inf, pytest.approx(1), 0)
        assert found.within(Bounds(0))


@pytest.mark.parametrize(("got", "reference"), [(nan, 1.0), (1.0, nan), (inf, 1.0), (inf, -inf), (nan, inf)])
def test_nan_and_infinity_must_be_the_same(got: float, reference: float) -> None:
    found = deviation(np.array([1.0, got]), np.array([1.0, reference]))
    assert found.stray == 1
    assert not found.within(Bounds(1e9))


def test_integers_must_be_equal_but_for_units_of_bytes() -> None:
    found = deviation(np.array([100, 101, 3], np.int8), np.array([100, 100, 5], np.int8))
    assert (found.elements, found.by_one, found.by_more, found.bits) == (3, 1, 1, 8)
    assert not found.within(Bounds(1, units=1))
    assert found.within(Bounds(units=2))
    assert not deviation(np.array([1], np.int32), np.array([2], np.int32)).within(Bounds(1, units=2))


def test_floats_of_quantized_bytes_may_be_a_unit_away(tmp_path: Path) -> None:
    bundle = Bundle(write_mini_bundle(tmp_path / "mini", factor="2.01f"))
    truth = Reference("truth", [{MID: X * 2, Y: X * 2 + 1}])
    bounds = Bounds(units=1)
    assert not compare(bundle, NATIVE, [Sample({"[bold]x": X})], [truth], bounds)[0].passed
    assert compare(bundle, NATIVE, [Sample({"[bold]x": X})], [truth], bounds, {MID, Y})[0].passed


def test_the_worse_sample_counts() -> None:
    small = deviation(np.array([2e-6]), np.array([1e-6]))
    large = deviation(np.array([1e3]), np.array([1e3]))
    assert small.worse(large).relative == pytest.approx(1)


def compared(tmp_path: Path, factor: str = "2.0f"):
    bundle = Bundle(write_mini_bundle(tmp_path / "mini", factor=factor))
    samples = [Sample({"[bold]x": X}), Sample({"[bold]x": -X})]
    truth = [{MID: s * 2, Y: s * 2 + 1} for s in (X, -X)]
    outputs = [{Y: t[Y]} for t in truth]
    references = [Reference("truth", truth), Reference("outputs", outputs, binding=False)]
    return compare(bundle, NATIVE, samples, references, Bounds())


def test_a_right_bundle_passes(tmp_path: Path) -> None:
    layers, outputs = compared(tmp_path)
    assert layers.passed
    assert [(row.layer, row.tensor) for row in layers.rows] == [("scale", MID), ("shift", Y)]
    assert [row.tensor for row in outputs.rows] == [Y]
    assert "agrees" in verdict(layers, Bounds()).plain


def test_the_first_wrong_layer_is_named(tmp_path: Path) -> None:
    layers, outputs = compared(tmp_path, "2.1f")
    assert not layers.passed
    assert layers.first_departure is layers.rows[0]
    text = verdict(layers, Bounds()).plain
    assert "departs first at layer 'scale' (map), tensor 'mid\\x1b[31m'" in text
    assert outputs.passed  # shown, not judged
    assert not outputs.rows[0].passed


PORTS = (
    Port("x", "x", "f32", (2, 3), 24, "row-major", (0, 1), None, None),
    Port("n", "n", "i8", (4,), 4, "row-major", (0,), None, None),
)
OUTPUTS = (Port("y", "y", "f32", (1,), 4, "row-major", (0,), None, None),)


def test_random_samples_repeat_and_differ() -> None:
    first, second = random_samples(PORTS, 2), random_samples(PORTS, 2)
    for a, b in zip(first, second, strict=True):
        for name in ("x", "n"):
            np.testing.assert_array_equal(a.inputs[name], b.inputs[name])
    assert not np.array_equal(first[0].inputs["x"], first[1].inputs["x"])
    assert not np.array_equal(first[0].inputs["x"], random_samples(PORTS, 1, seed=1)[0].inputs["x"])
    assert first[0].inputs["n"].dtype == np.int8


def test_samples_from_files(tmp_path: Path) -> None:
    x, n, y = np.ones((2, 3), np.float32), np.ones(4, np.int8), np.ones(1, np.float32)
    np.savez(tmp_path / "k.npz", s0_in0=x, s0_in1=n, s0_out0=y, s2_in0=x * 2, s2_in1=n)
    numbered = load_samples(tmp_path / "k.npz", PORTS, OUTPUTS)
    assert [s.inputs["x"][0, 0] for s in numbered] == [1, 2]
    assert [list(s.expected) for s in numbered] == [["y"], []]
    assert len(load_samples(tmp_path / "k.npz", PORTS, OUTPUTS, limit=1)) == 1
    np.savez(tmp_path / "n.npz", x=x, n=n, y=y)
    assert list(load_samples(tmp_path / "n.npz", PORTS, OUTPUTS)[0].expected) == ["y"]
    np.savez(tmp_path / "bad.npz", x=x)
    with pytest.raises(EmbedcError, match="but not n"):
        load_samples(tmp_path / "bad.npz", PORTS, OUTPUTS)
    with pytest.raises(EmbedcError, match="cannot read inputs"):
        load_samples(tmp_path / "absent.npz", PORTS, OUTPUTS)


def test_only_what_the_judge_passes_is_excused(tmp_path: Path) -> None:
    bundle = Bundle(write_mini_bundle(tmp_path / "mini", factor="2.1f"))
    samples, truth = [Sample({"[bold]x": X})], [{MID: X * 2, Y: X * 2 + 1}]
    found = compare(bundle, NATIVE, samples, [Reference("truth", truth)], Bounds())
    judge = compare(bundle, NATIVE, samples, [Reference("own", [{MID: X * 2, Y: X * 2.1 + 1}])], Bounds())[0]
    (excepted,) = excused(found, judge, "inherited")
    assert [(row.passed, row.excuse) for row in excepted.rows] == [(False, ""), (True, "inherited")]
    (kept,) = excused(found, judge, "inherited", {Y})
    assert [row.passed for row in kept.rows] == [False, False]
