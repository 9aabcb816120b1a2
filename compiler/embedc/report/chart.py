"""The memory plan as a picture: steps to the right, arena offsets upwards, a rectangle for each buffer while it is live."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from embedc.plan.plan import Plan
from embedc.program.program import Buffer, calls
from embedc.report.text import plain, si, size

LEFT, RIGHT, TOP = 70.0, 12.0, 26.0
WIDTH, HEIGHT = 1120.0, 380.0  # of the whole picture, and of the memory panel
WORK_GAP, WORK_HEIGHT, AXIS = 16.0, 56.0, 34.0
PLOT = WIDTH - LEFT - RIGHT
HUES = 6
CHARACTER = 5.6  # width of a small label's letter
TICKS = 5


@dataclass(frozen=True)
class Box:
    """A rectangle with its text; `step` is the layer that a click leads to."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str
    step: int
    label: str = ""


@dataclass(frozen=True)
class Tick:
    """A mark of an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Chart:
    """Everything that the template draws, in the picture's own units."""

    height: float
    base: float
    work_base: float
    buffers: Sequence[Box]
    work: Sequence[Box]
    offsets: Sequence[Tick]
    steps: Sequence[Tick]
    bound: Tick
    peak: Box

    width, left, right, top = WIDTH, LEFT, WIDTH - RIGHT, TOP


def memory_chart(plan: Plan) -> Chart | None:
    """The picture, or None where nothing lies in scratch."""
    if not plan.size:
        return None
    count = len(plan.program.steps)
    column, unit = PLOT / count, HEIGHT / plan.size
    base = TOP + HEIGHT
    work_base = base + WORK_GAP + WORK_HEIGHT
    peak = plan.bounds.step
    bound_at = round(base - plan.bounds.lower * unit, 2)
    return Chart(
        height=work_base + AXIS,
        base=base,
        work_base=work_base,
        buffers=list(_buffers(plan, column, unit)),
        work=list(_work(plan, column, work_base)),
        offsets=[Tick(round(base - value * unit, 2), _short(value)) for value in _round_offsets(plan.size)],
        steps=[Tick(round(LEFT + (k + 0.5) * column, 2), str(k)) for k in range(0, count, _every(count))],
        bound=Tick(
            bound_at, f"{'least for this order' if plan.bounds.proved else 'lower bound'}: {plan.bounds.lower:,}"
        ),
        peak=Box(
            round(LEFT + peak * column, 2), TOP, round(column, 2), HEIGHT, "peak", f"step {peak} needs most", peak
        ),
    )


def _buffers(plan: Plan, column: float, unit: float) -> Iterator[Box]:
    """Big ones first, so that small ones stay on top of what they overlap."""
    kinds = _kinds(plan)
    for buffer in sorted(plan.offsets, key=lambda b: (-b.bytes, plan.live[b])):
        first, last = plan.live[buffer]
        offset = plan.offsets[buffer]
        width, height = (last - first + 1) * column, max(1.0, buffer.bytes * unit)
        span = f"step {first}" if first == last else f"steps {first} to {last}"
        yield Box(
            round(LEFT + first * column, 2),
            round(TOP + HEIGHT - offset * unit - height, 2),
            round(width, 2),
            round(height, 2),
            kinds[buffer],
            f"{plain(buffer.name)}\n{size(buffer.bytes)} at offset {offset:,}, live in {span}",
            first,
            _label(plain(buffer.name), width - column / 2) if height >= 13 else "",
        )


def _kinds(plan: Plan) -> dict[Buffer, str]:
    """Style classes: addresses of taps, copies, and results in changing hues."""
    taps = {call.taps for call in calls(plan.program.steps)}
    copies = {b for s in plan.program.steps if s.layer.op == "relayout" for b in s.writes}
    kinds: dict[Buffer, str] = {}
    results = 0
    for buffer in plan.offsets:
        if buffer in taps or buffer in copies:
            kinds[buffer] = "taps" if buffer in taps else "copy"
        else:
            kinds[buffer] = f"hue{results % HUES}"
            results += 1
    return kinds


def _work(plan: Plan, column: float, base: float) -> Iterator[Box]:
    """A bar for each step's multiply-accumulates."""
    most = max(step.layer.macs for step in plan.program.steps) or 1
    for number, step in enumerate(plan.program.steps):
        height = step.layer.macs / most * WORK_HEIGHT
        if height:
            x, title = LEFT + number * column, f"step {number}: {plain(step.layer.name)}\n{si(step.layer.macs)} MACs"
            yield Box(round(x, 2), round(base - height, 2), round(column, 2), round(height, 2), "work", title, number)


def _label(name: str, width: float) -> str:
    """The end of the name, as much as fits; the last words tell most."""
    room = int((width - 8) / CHARACTER)
    return "" if room < min(8, len(name)) else name if len(name) <= room else "…" + name[-(room - 1) :]


def _round_offsets(total: int) -> list[int]:
    """About TICKS offsets, multiples of a power of two."""
    step = 1
    while total / step > TICKS + 1:
        step *= 2
    return list(range(0, total + 1, step))


def _every(count: int) -> int:
    """Distance of labelled steps."""
    return next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10**9) if count / n <= 30)


def _short(count: int) -> str:
    for unit, scale in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= scale:
            return f"{count / scale:g} {unit}"
    return f"{count} B" if count else "0"
