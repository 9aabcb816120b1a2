"""What the subcommands share: the request in their arguments, progress."""

from argparse import Namespace
from pathlib import Path

from embedc.diagnostics import fail
from embedc.driver import Request
from embedc.forms import EXAMPLE, InputForm, parse_form
from embedc.report.console import console
from embedc.report.progress import Progress
from embedc.targets.load import load_target


def progress(args: Namespace) -> Progress | None:
    """The listener that the options ask for."""
    return None if args.quiet or args.json else Progress(console(errors=True))


def request_from(args: Namespace) -> Request:
    """The compilation that the common options describe."""
    return Request(
        source=Path(args.model),
        target=load_target(args.target, args.cpu),
        name=args.name,
        dims=parse_dims(args.dim),
        outputs=tuple(name for text in args.outputs for name in text.split(",") if name),
        states=parse_states(args.state),
        forms=parse_forms(args.input),
        input_layouts=parse_layouts(args.input_layout, "input"),
        output_layouts=parse_layouts(args.output_layout, "output"),
        single_file=args.single_file,
        io_in_scratch=args.io_in_scratch,
        io=args.io,
        require=args.require,
        weights=args.weights,
        optimize=args.optimize,
        dump=Path(args.dump_ir) if args.dump_ir else None,
    )


def parse_states(texts: list[str]) -> dict[str, str]:
    """`h=h_out,c=c_out` as a mapping."""
    states: dict[str, str] = {}
    for part in (part for text in texts for part in text.split(",") if part):
        begin, equals, end = part.partition("=")
        if not equals or not begin or not end:
            raise fail(f"--state '{part}' is not INPUT=OUTPUT", hint="for example --state h_in=h_out")
        if states.setdefault(begin, end) != end:
            raise fail(f"--state gives '{begin}' two next values, '{states[begin]}' and '{end}'")
    return states


def parse_forms(texts: list[str]) -> dict[str, InputForm]:
    """`a=u8:nhwc,mean=127,std=128`, one input each."""
    forms: dict[str, InputForm] = {}
    for text in texts:
        name, equals, form = text.partition("=")
        if not equals or not name:
            raise fail(f"--input '{text}' is not NAME=FORM", hint=EXAMPLE)
        if name in forms:
            raise fail(f"--input gives '{name}' two forms")
        forms[name] = parse_form(name, form)
    return forms


def parse_layouts(texts: list[str], kind: str) -> dict[str, str]:
    """`a=nhwc,b=nwc` as a mapping."""
    layouts: dict[str, str] = {}
    for part in (part for text in texts for part in text.split(",") if part):
        name, equals, layout = part.rpartition("=")
        if not equals or not name or not layout:
            raise fail(f"--{kind}-layout '{part}' is not NAME=LAYOUT", hint=f"for example --{kind}-layout image=nhwc")
        if layouts.setdefault(name, layout) != layout:
            raise fail(f"--{kind}-layout gives '{name}' two layouts, {layouts[name]} and {layout}")
    return layouts


def parse_dims(texts: list[str]) -> dict[str, int]:
    """`a=1,b=2` as a mapping; dimensions are positive."""
    dims: dict[str, int] = {}
    for part in (part for text in texts for part in text.split(",") if part):
        name, equals, value = part.rpartition("=")
        if not equals or not name or not value.isascii() or not value.isdigit() or int(value) == 0:
            raise fail(f"--dim '{part}' is not NAME=SIZE", hint="for example --dim batch=1,time=50")
        if dims.setdefault(name, int(value)) != int(value):
            raise fail(f"--dim gives '{name}' two sizes, {dims[name]} and {value}")
    return dims
