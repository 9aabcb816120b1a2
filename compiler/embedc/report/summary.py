"""What a compilation made, on the terminal."""

from pathlib import Path

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from embedc.execution.measure import Measured
from embedc.manifest import Layer, Manifest, State
from embedc.report.text import cell, plain, si, size


def print_summary(console: Console, manifest: Manifest, folder: Path, measured: Measured | str) -> None:
    """Facts and layers; `measured` is the reason where nothing was measured."""
    console.print(Group(_title(manifest, folder), "", _facts(manifest, measured), "", layers_table(manifest)))


def _title(manifest: Manifest, folder: Path) -> Text:
    target = " ".join(filter(None, (manifest.target, manifest.cpu)))
    title = Text(plain(manifest.name), "bold")
    return title.append(f" for {target} in {plain(folder)}", "not bold")


def _facts(manifest: Manifest, measured: Measured | str) -> Table:
    facts = Table.grid(padding=(0, 2))
    for kind, ports in (("input", manifest.inputs), ("output", manifest.outputs)):
        for port in ports:
            facts.add_row(kind, cell(port.name).append(f"  {port}"))
    facts.add_row("parameters", f"{manifest.parameters:,}")
    facts.add_row("MACs", f"{manifest.macs:,}")
    facts.add_row("flash", _flash(manifest.weights_bytes, measured))
    facts.add_row("scratch", f"{size(manifest.scratch_bytes)}{_bound(manifest)}")
    if manifest.state_bytes:
        facts.add_row("state", size(manifest.state_bytes) + f" ({', '.join(map(_pair, manifest.states))})")
    facts.add_row("stack", _stack(measured))
    return facts


def _pair(state: State) -> str:
    return f"{plain(state.input)} from {plain(state.output)}"


def _flash(weights: int, measured: Measured | str) -> str:
    if isinstance(measured, str):
        return f"weights {size(weights)}; code not measured: {measured}"
    code = measured.code_bytes + max(0, measured.constant_bytes - weights)
    return f"weights {size(weights)}, code and tables {size(code)} (measured, {measured.compiler})"


def _bound(manifest: Manifest) -> str:
    """How the scratch compares with the least that any plan could need."""
    bound = manifest.scratch_bound.lower
    if bound == manifest.scratch_bytes:
        return ", the least for this order of layers (proved)"
    return f"; at least {bound:,} for this order of layers"


def _stack(measured: Measured | str) -> str:
    if isinstance(measured, str):
        return f"not measured: {measured}"
    if measured.stack_bytes is None:
        return f"not measured: {measured.compiler} does not tell"
    return f"{size(measured.stack_bytes)} (measured, {measured.compiler}; without libm)"


def layers_table(manifest: Manifest) -> Table:
    """Every layer with its kernel and its share of the work."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading, justify in (
        ("#", "right"),
        ("layer", "left"),
        ("operator", "left"),
        ("kernel", "left"),
        ("MACs", "right"),
        ("", "right"),
    ):
        table.add_column(heading, justify=justify, overflow="fold" if heading == "layer" else "ellipsis")  # pyright: ignore[reportArgumentType]
    total = max(manifest.macs, 1)
    for layer in manifest.layers:
        table.add_row(*_layer(layer, total))
    return table


def _layer(layer: Layer, total: int) -> tuple[Text | str, ...]:
    work = (si(layer.macs), f"{100 * layer.macs / total:.1f} %") if layer.macs else ("", "")
    return (str(layer.id), cell(layer.name), cell(layer.op), cell(layer.kernel), *work)
