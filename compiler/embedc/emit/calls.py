"""Kernel calls as C: epilogue functors, one static instance per distinct kernel and epilogue, constant descriptors."""

import math
from functools import partial

from embedc.emit.quads import QuadC, grain, in_quads, takes_quads
from embedc.emit.scalars import ScalarC, VectorC, print_program, stored, suffix
from embedc.emit.wide import print_wide
from embedc.ir.intervals import Interval, intervals
from embedc.kernels.row import QUADS, WIDE, Family, folders_of
from embedc.program.program import Call, View
from embedc.program.vectors import constant_interval
from embedc.targets.target import Target

EACH = """
EC_INLINE void {0}(ec_wi32 x0, ec_wchannels *kept, int loaded, const ec_epilogue *e, ptrdiff_t i, int32_t c, int32_t n) {{
  (void)kept, (void)loaded;
  ec_weach(x0, e, i, c, n, {0}_each);
}}"""


def print_epilogue(call: Call, name: str, target: Target) -> str:
    """The functor: loads its operands for pixel `i`, channels c…c+n, computes, stores."""
    wide = next((folder for folder in folders_of(target.isa, target.features) if folder in WIDE), "")
    if not wide or not call.row.acc.is_integer:
        return _print_vector(call, name, target)
    known = operand_intervals(call)
    if wide not in QUADS:
        return print_wide(call.epilogue, known, WIDE[wide], name, *_addresses(call))
    if not takes_quads(call.epilogue, known):
        return _print_vector(call, f"{name}_each", target) + EACH.format(name)
    words = partial(QuadC, grains=[math.inf] * len(call.pixels) + [grain(v) for v in call.channels])
    return in_quads(print_wide(call.epilogue, known, WIDE[wide], name, *_addresses(call), words))


def _addresses(call: Call) -> tuple[list[str], list[str]]:
    """Of the operands of pixels, the result first, and of channels."""
    pixels = [_pixel_address(k, p.view) for k, p in enumerate(call.pixels)]
    return pixels, [f"e->ch[{k}]{_channel_offset(v)}" for k, v in enumerate(call.channels)]


def _print_vector(call: Call, name: str, target: Target) -> str:
    """The functor over one vector, in plain C over one element."""
    scalar = target.isa == "portable"
    pixels, channels = _addresses(call)
    operands = list(zip(pixels, (p.view.element for p in call.pixels), strict=True))
    loads = operands[1:] + list(zip(channels, (v.element for v in call.channels), strict=True))
    program = stored(call.epilogue, target.isa)
    known = intervals(program, operand_intervals(call))
    dialect = ScalarC(known) if scalar else VectorC(known)
    lines = [
        f"EC_INLINE void {name}({dialect.declare(call.row.acc)} x0, const ec_epilogue *e, ptrdiff_t i, int32_t c, int32_t n) {{"
    ]
    if scalar:
        lines.append("  (void)n;")
    for number, (address, element) in enumerate(loads, 1):
        value = f"ec_load_{suffix(element)}({address})" if scalar else f"ec_vload_{suffix(element)}({address}, n)"
        lines.append(f"  const {dialect.declare(element)} x{number} = {value};")
    steps, result = print_program(program, [f"x{k}" for k in range(len(loads) + 1)], dialect)
    lines += [f"  {step}" for step in steps]
    address, element = operands[0]
    store = (
        f"ec_store_{suffix(element)}({address}, {result});"
        if scalar
        else f"ec_vstore_{suffix(element)}({address}, {result}, n);"
    )
    return "\n".join([*lines, f"  {store}", "}"])


def operand_intervals(call: Call) -> list[Interval | None]:
    """What is known of an epilogue's operands: the sums, and constants."""
    return [call.sums, *(None for _ in call.pixels[1:]), *(constant_interval(v) for v in call.channels)]


def _pixel_address(k: int, view: View) -> str:
    return f"e->px[{k}] + i * e->px_step[{k}]{_channel_offset(view)}"


def _channel_offset(view: View) -> str:
    size = view.element.bytes
    return " + c" if size == 1 else f" + (ptrdiff_t)c * {size}"


def print_instance(call: Call, name: str, epilogue: str) -> str:
    """The kernel bound to its epilogue, and the driver bound to both: static, not inlined, shared by all equal layers."""
    block = "const ec_window *d, const void *const *taps, ptrdiff_t npx, const void *w, int32_t oc0, const void *pad, const ec_epilogue *e"
    window = (
        "const ec_window *d, const void *x, const void *w, const void *pad, void *taps, void *const *px, const void *const *ch, "
        "int32_t row0, int32_t row1"
    )
    if call.row.family is Family.WINOGRAD:
        return f"""static EC_NOINLINE void {name}({window}) {{
  {call.row.id}(d, x, w, pad, taps, px, ch, {len(call.channels)}, row0, row1, {epilogue});
}}"""
    fill, as_seen = _fill(call)
    seen = f"  const ec_window rows = {as_seen}(d);\n  d = &rows;\n" if as_seen else ""
    kernel, part, unpack = f"{call.row.id}(d, taps, npx, w, oc0, pad, e, {epilogue});", "", ""
    weights, taps = "w", "taps"
    if call.unpack:
        start = 4 if call.row.acc.is_integer else 0
        taps = "(void *)((unsigned char *)taps + d->unpack)"
        if call.row.family is Family.DEPTHWISE:
            unpack, weights = f"  ec_unpack_taps(d, taps, w, {call.row.kr}, {start});\n", "taps"
        else:
            part = f"EC_INLINE void {name}_part({block}) {{\n  {kernel}\n}}\n"
            kernel = f"ec_unpack_run(d, taps, npx, w, oc0, pad, e, {call.row.nr}, {start}, {name}_part);"
    return f"""{part}EC_INLINE void {name}_block({block}) {{
{seen}  {kernel}
}}

static EC_NOINLINE void {name}({window}) {{
{unpack}  ec_window_run(d, x, {weights}, pad, (const void **){taps}, px, ch, {len(call.channels)}, row0, row1, {fill}, {name}_block);
}}"""


def _fill(call: Call) -> tuple[str, str]:
    """What writes the tap addresses, and the geometry for the kernel if that is another one."""
    if call.gather:
        return "ec_window_gather", "ec_window_gathered"
    return ("ec_window_join", "ec_window_joined") if call.joined else ("ec_window_fill", "")


def print_descriptor(call: Call, name: str, backwards: bool) -> str:
    """The geometry as a constant; members that are zero are left out."""
    g = call.geometry
    members: list[tuple[str, str]] = [
        (".images", str(g.images)),
        (".groups", str(g.groups)),
        (".ic", str(g.ic)),
        (".oc", str(g.oc)),
        (".in", _triple(g.input)),
        (".out", _triple(g.output)),
        (".kernel", _triple(g.kernel)),
        (".stride", _triple(g.stride)),
        (".dilation", _triple(g.dilation)),
        (".pad", _triple(g.pad)),
        (".block", str(call.block)),
        (".pixel_step", str(call.steps[0])),
        (".tap_step", str(call.steps[1])),
        (".spans_rows", str(int(call.spans_rows))),
        (".backwards", str(int(backwards))),
        (".x_ring", str(call.x.ring)),
        (".count_pad", str(int(g.count_pad))),
        (".gather", str(call.gather)),
        (".unpack", str(call.unpack.bytes if call.unpack else 0)),
        (".unpack_oc", str(call.unpack.channels if call.unpack else 0)),
        (".x_image", str(call.x.strides.image)),
        (".x_group", str(call.x_group)),
        (".x_step", _triple(call.x.strides.step)),
        (".w_group", str(call.weights_group)),
        (".px_count", str(len(call.pixels))),
        (".px_ring", _list([str(p.ring) for p in call.pixels])),
        (".px_image", _list([str(p.strides.image) for p in call.pixels])),
        (".px_step", _list([_triple(p.strides.step) for p in call.pixels])),
    ]
    shown = [f"    {member} = {value}," for member, value in members if set(value) - set("{0}, ")]
    return "\n".join([f"static const ec_window {name} = {{", *shown, "};"])


def _triple(values: tuple[int, int, int]) -> str:
    return _list([str(v) for v in values])


def _list(values: list[str]) -> str:
    return "{" + ", ".join(values) + "}"
