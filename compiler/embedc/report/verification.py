"""What a verification found, on the terminal and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from embedc.report.text import cell, paragraph, plain
from embedc.verify.compare import BYTE, Bounds, Deviation
from embedc.verify.session import Verification
from embedc.verify.verify import Comparison, Row

MANY = 6  # a failing comparison shows so many layers before the first that departs, and so many from there on


def print_verification(console: Console, found: Verification, bounds: Bounds) -> None:
    """Tables, verdicts, self-tests and notes."""
    _print_comparisons(console, found.comparisons, bounds)
    for way, layer in found.selftests.items():
        console.print(f"{way} self-test: {'passes' if layer is None else f'fails, first at layer {layer}'}")
    for note in found.notes:
        console.print(paragraph(note))


def verification_json(found: Verification) -> dict[str, Any]:
    """The same as data."""
    return {
        "passed": found.passed,
        "comparisons": [_comparison_json(c) for c in found.comparisons],
        "selftest_failed_at": dict(found.selftests),
        "notes": list(found.notes),
    }


def _print_comparisons(console: Console, comparisons: Sequence[Comparison], bounds: Bounds) -> None:
    """The first comparison in full, of the others the verdict and where they fail."""
    shown: set[tuple[str, str]] = set()
    for number, comparison in enumerate(comparisons):
        departure = comparison.first_departure
        where = (comparison.emulator, departure.tensor if departure else "")
        if number == 0:
            console.print(_table(comparison.rows, departure), "")
        elif departure and comparison.binding and where not in shown:
            at = comparison.rows.index(departure)
            console.print(_table(comparison.rows[max(0, at - MANY) : at + MANY], departure), "")
        shown.add(where)
        console.print(verdict(comparison, bounds))


def verdict(comparison: Comparison, bounds: Bounds) -> Text:
    """One line: against what, how many tensors, the worst of them or the first that departs."""
    line = Text(f"{comparison.emulator} against {comparison.reference}: ")
    departure = comparison.first_departure
    judged = [row for row in comparison.rows if not row.excuse]
    worst = max((row.deviation.relative for row in judged), default=0.0)
    found = f"{len(judged)} tensor{'s' * (len(judged) != 1)}, worst error {worst:.2g} of max|ref|"
    found += _different(judged)
    inherited = sum(row.excuse == "inherited" for row in comparison.rows)
    found += f"; {inherited} more differ for what came in and are right by themselves" if inherited else ""
    if not comparison.binding:
        return line.append(f"{found} (shown, not judged)", "dim")
    if departure is None:
        return line.append("agrees", "green").append(f", {found}")
    line.append("departs", "bold red").append(f" first at {_place(departure)}: ")
    stray = departure.deviation.stray
    reason = f"{stray} elements NaN or infinite" if stray else f"error {departure.deviation.relative:.2g} of max|ref|"
    return line.append(f"{reason}, bound {_bound(departure.deviation, bounds)}")


def _bound(deviation: Deviation, bounds: Bounds) -> str:
    if not deviation.exact:
        return f"{bounds.tolerance:g}"
    return f"{bounds.units} unit{'s' * (bounds.units != 1)}" if deviation.bits == BYTE else "0"


def _different(rows: Sequence[Row]) -> str:
    """How many quantized elements are not the same, in words."""
    integers = [r.deviation for r in rows if r.deviation.exact]
    total, one, more = (sum(getattr(d, f) for d in integers) for f in ("elements", "by_one", "by_more"))
    if not one + more:
        return ""
    return f"; of {total:,} integers {one:,} are off by one ({one / total:.2g}), {more:,} by more"


def _comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Everything of a comparison; infinite figures as null."""
    return {
        "emulator": comparison.emulator,
        "reference": comparison.reference,
        "passed": comparison.passed,
        "rows": [
            {
                "tensor": r.tensor,
                "layer": r.layer,
                "kernel": r.kernel,
                "passed": r.passed,
                "excuse": r.excuse,
                **_figures(r.deviation),
            }
            for r in comparison.rows
        ],
    }


def _figures(deviation: Deviation) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in asdict(deviation).items()}


def _place(row: Row) -> str:
    tensor = f"tensor '{plain(row.tensor)}'"
    if not row.layer:
        return f"the output's {tensor}"
    return f"layer '{plain(row.layer)}' ({plain(row.kernel)})" + (f", {tensor}" if row.tensor != row.layer else "")


def _table(rows: Sequence[Row], departure: Row | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("layer", overflow="fold")
    table.add_column("kernel")
    for heading in ("bits", "max error", "of max|ref|", "SQNR dB", "cosine", "off by 1", "by more"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for row in rows:
        mark = "<-- first to depart" if row is departure else "departs" if not row.passed else row.excuse
        table.add_row(
            cell(row.layer or row.tensor),
            cell(row.kernel),
            *_cells(row.deviation),
            mark,
            style="" if row.passed else "red",
        )
    return table


def _cells(d: Deviation) -> tuple[str, ...]:
    if d.stray:
        return str(d.bits), f"{d.stray} NaN/inf", *[""] * 5
    sqnr = "exact" if d.worst == 0 else f"{d.sqnr:.1f}"
    counts = (_share(d.by_one, d.elements), _share(d.by_more, d.elements)) if d.exact else ("", "")
    return str(d.bits), f"{d.worst:.3g}", f"{d.relative:.2g}", sqnr, f"{d.cosine:.7f}", *counts


def _share(count: int, of: int) -> str:
    return f"{count} ({count / of:.2g})" if count else ""
