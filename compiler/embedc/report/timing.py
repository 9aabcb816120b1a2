"""What a benchmark found, on the terminal and as JSON."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from embedc.ir.types import Array
from embedc.manifest import Manifest
from embedc.report.text import cell


@dataclass(frozen=True)
class Timing:
    """Median and least of many runs, in microseconds."""

    median: float
    least: float

    def gflops(self, macs: int) -> float:
        """Billions of operations a second, two for each multiply-accumulate, at the median."""
        return 2e-3 * macs / self.median if self.median else 0.0


@dataclass(frozen=True)
class Times:
    """One benchmark; `layers` by id, `rivals` by name. `counted`: instructions instead of nanoseconds, as emulated boards count."""

    total: Timing
    layers: dict[int, Timing]
    rivals: dict[str, Timing]
    counted: bool = False

    @property
    def unit(self) -> str:
        return "k instructions" if self.counted else "µs"

    def speed(self, t: Timing, macs: int) -> str:
        """Work done in the unit."""
        if self.counted:
            return f"{1e-3 * macs / t.median if t.median else 0.0:.3f} MAC/instruction"
        return f"{t.gflops(macs):.2f} GFLOP/s"


def timing(nanoseconds: Array) -> Timing:
    """Statistics of a row of runs."""
    return Timing(float(np.median(nanoseconds)) / 1e3, float(nanoseconds.min()) / 1e3)


def print_times(console: Console, manifest: Manifest, times: Times) -> None:
    """Layers with their share of the time that all of them take, then totals."""
    everything = sum(t.median for t in times.layers.values()) or 1.0
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("layer", overflow="fold")
    table.add_column("kernel")
    table.add_column("type")
    for heading in (f"median {times.unit}", f"least {times.unit}", "speed", "share"):
        table.add_column(heading, justify="right")
    for layer in manifest.layers:
        if layer.id in times.layers:
            t = times.layers[layer.id]
            speed = times.speed(t, layer.macs) if layer.macs else ""
            share = f"{100 * t.median / everything:.1f} %"
            table.add_row(
                cell(layer.name), cell(layer.kernel), layer.element, f"{t.median:.2f}", f"{t.least:.2f}", speed, share
            )
    totals = Table.grid(padding=(0, 2))
    for name, t in {"embedc": times.total, **times.rivals}.items():
        ratio = "" if t is times.total else f"{t.median / times.total.median:.2f}x the time of embedc"
        speed = times.speed(t, manifest.macs)
        totals.add_row(name, f"median {t.median:,.1f} {times.unit}", f"least {t.least:,.1f} {times.unit}", speed, ratio)
    console.print(table, "", totals)


def times_json(manifest: Manifest, times: Times) -> dict[str, Any]:
    """The same as data."""

    def entry(t: Timing, macs: int) -> dict[str, float]:
        if times.counted:
            return {"instructions": 1e3 * t.median}
        return {"median_us": t.median, "least_us": t.least, "gflops": t.gflops(macs)}

    layers = [
        {"id": e.id, "name": e.name, "kernel": e.kernel, **entry(times.layers[e.id], e.macs)}
        for e in manifest.layers
        if e.id in times.layers
    ]
    rivals = {name: entry(t, manifest.macs) for name, t in times.rivals.items()}
    return {"total": entry(times.total, manifest.macs), "layers": layers, "rivals": rivals}
