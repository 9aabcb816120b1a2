"""What changed between two bundles: figures, layers and the API, and the limits that a figure may not exceed."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.table import Table

from embedc.diagnostics import fail
from embedc.manifest import Layer, Manifest
from embedc.report.text import cell, plain

METRICS = ("scratch", "flash", "code", "weights", "stack", "state", "io", "macs")
_MEASURED = ("flash", "code", "stack")  # without a measurement the manifest states the weights alone as flash
_UNITS = {"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20}
_LIMIT = re.compile(r"([a-z]+)([+-]?)([0-9]+(?:\.[0-9]+)?)([%KMB]?)", re.ASCII)


@dataclass(frozen=True)
class Limit:
    """The most that a figure may be: `sign` makes `number` relative to the old one."""

    text: str
    metric: str
    sign: str
    number: Fraction
    unit: str

    def most(self, old: int) -> Fraction:
        """The greatest new figure that is within the limit."""
        amount = old * self.number / 100 if self.unit == "%" else self.number * _UNITS[self.unit]
        return {"": amount, "+": old + amount, "-": old - amount}[self.sign]


@dataclass(frozen=True)
class Difference:
    """Pairs are (old, new); None where a side has nothing, or has not measured it."""

    figures: dict[str, tuple[int | None, int | None]]
    layers: list[tuple[Layer | None, Layer | None]]
    ports: list[tuple[str, str, str | None, str | None]]
    targets: tuple[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "targets": self.targets,
            "figures": {name: {"old": old, "new": new} for name, (old, new) in self.figures.items()},
            "layers": [{"old": _layer_json(old), "new": _layer_json(new)} for old, new in self.layers],
            "api": [{"kind": kind, "name": name, "old": old, "new": new} for kind, name, old, new in self.ports],
        }


def parse_limits(texts: Iterable[str]) -> list[Limit]:
    """`scratch+0,flash+1%` as limits."""
    return [_limit(part.strip()) for text in texts for part in text.split(",")]


def _limit(text: str) -> Limit:
    found = _LIMIT.fullmatch(text)
    if not found:
        raise fail(f"--fail-if '{text}' is not METRIC[+|-]N[%|K|M|B]", hint="for example --fail-if scratch+0,flash+1%")
    metric, sign, number, unit = found.groups()
    if metric not in METRICS:
        raise fail(f"--fail-if '{text}': no metric '{metric}'", hint=f"the metrics are {', '.join(METRICS)}")
    if unit == "%" and not sign:
        raise fail(f"--fail-if '{text}': a percentage needs + or -", hint=f"for example {metric}+{number}%")
    return Limit(text, metric, sign, Fraction(number), unit)


def difference(old: Manifest, new: Manifest) -> Difference:
    """What changed; layers and ports that are the same are left out."""
    figures = {metric: (_figure(old, metric), _figure(new, metric)) for metric in METRICS}
    return Difference(figures, _layers(old, new), _ports(old, new), (_target(old), _target(new)))


def exceeded(found: Difference, limits: Iterable[Limit]) -> list[str]:
    """One line for each limit that the new bundle breaks; a figure that a limit needs must be there."""
    lines: list[str] = []
    for limit in limits:
        old, new = found.figures[limit.metric]
        if new is None or (old is None and limit.sign):
            side = "new" if new is None else "old"
            raise fail(
                f"--fail-if '{limit.text}': the {side} manifest has no figure for {limit.metric}",
                hint="compile without --no-measure, where the target's compiler is installed",
            )
        most = limit.most(old or 0)
        if new > most:
            before = "" if old is None else f", was {old:,}"
            lines.append(f"{limit.metric} is {new:,}{before}: {limit.text} allows {float(most):,.10g}")
    return lines


def print_difference(console: Console, found: Difference) -> None:
    """Figures, then what changed in API and layers."""
    if found.targets[0] != found.targets[1]:
        console.print(f"the targets differ: {plain(found.targets[0])}, then {plain(found.targets[1])}")
    figures = _table("", "old", "new", "change")
    for name, (old, new) in found.figures.items():
        figures.add_row(name, _number(old), _number(new), _change(old, new))
    console.print(figures)
    if found.ports:
        api = _table("API", "name", "old", "new", right=False)
        for kind, name, old, new in found.ports:
            api.add_row(kind, cell(name), cell(old or "-"), cell(new or "-"))
        console.print("", api)
    if found.layers:
        layers = _table("layer", "change", "old", "new", right=False)
        for old, new in found.layers:
            kind = "added" if old is None else "removed" if new is None else "changed"
            present = new or old
            layers.add_row(cell(present.name if present else ""), kind, cell(_work(old)), cell(_work(new)))
        console.print("", layers)


def _table(*headings: str, right: bool = True) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if right and number else "left", overflow="fold")
    return table


def _number(figure: int | None) -> str:
    return "not measured" if figure is None else f"{figure:,}"


def _change(old: int | None, new: int | None) -> str:
    if old is None or new is None:
        return "unknown"
    if old == new:
        return "="
    return f"{new - old:+,}" + (f" ({100 * (new - old) / old:+.2f} %)" if old else "")


def _figure(manifest: Manifest, metric: str) -> int | None:
    if metric == "io":
        return sum(port.bytes for port in (*manifest.inputs, *manifest.outputs))
    if metric == "macs":
        return manifest.macs
    if metric in _MEASURED and not manifest.measured_with:
        return None
    figure: int | None = getattr(manifest, f"{metric}_bytes")
    return figure


def _target(manifest: Manifest) -> str:
    return " ".join(filter(None, (manifest.target, manifest.cpu)))


def _layers(old: Manifest, new: Manifest) -> list[tuple[Layer | None, Layer | None]]:
    before, after = _numbered(old.layers), _numbered(new.layers)
    pairs = ((before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after]))
    return [(a, b) for a, b in pairs if a is None or b is None or _work(a) != _work(b)]


def _numbered(layers: Iterable[Layer]) -> dict[tuple[str, int], Layer]:
    """By name, and by the count of that name so far: several steps may come from one node."""
    seen: Counter[str] = Counter()
    numbered: dict[tuple[str, int], Layer] = {}
    for layer in layers:
        numbered[layer.name, seen[layer.name]] = layer
        seen[layer.name] += 1
    return numbered


def _work(layer: Layer | None) -> str:
    return "-" if layer is None else f"{layer.op} {layer.kernel}, {layer.macs:,} MACs"


def _layer_json(layer: Layer | None) -> dict[str, Any] | None:
    return layer and {"name": layer.name, "op": layer.op, "kernel": layer.kernel, "macs": layer.macs}


def _ports(old: Manifest, new: Manifest) -> list[tuple[str, str, str | None, str | None]]:
    changes: list[tuple[str, str, str | None, str | None]] = []
    for kind in ("input", "output"):
        before, after = _described(old, kind), _described(new, kind)
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                changes.append((kind, name, before.get(name), after.get(name)))
    if old.io_in_scratch != new.io_in_scratch:
        places = {True: "in scratch", False: "given by the caller"}
        changes.append(("memory", "inputs and outputs", places[old.io_in_scratch], places[new.io_in_scratch]))
    for (kind, name), (before, after) in _states(old, new).items():
        if before != after:
            changes.append((kind, name, before, after))
    return changes


def _described(manifest: Manifest, kind: str) -> dict[str, str]:
    """All that a caller's code depends on."""
    ports = manifest.inputs if kind == "input" else manifest.outputs
    described: dict[str, str] = {}
    for port in ports:
        order = "" if port.order == tuple(range(len(port.shape))) else f" axes {''.join(map(str, port.order))}"
        form = f" mean {list(port.form.mean)} std {list(port.form.std)}" if port.form else ""
        described[port.name] = f"{port.c_name}: {port}{order}{form}"
    return described


def _states(old: Manifest, new: Manifest) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    before, after = old.feedback, new.feedback
    return {("state", name): (before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])}
