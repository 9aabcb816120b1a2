"""The command line: arguments, errors and exit codes. What the subcommands do lies in commands/."""

import os
import sys
import traceback
from argparse import ArgumentParser, BooleanOptionalAction, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import embedc
from embedc.diagnostics import EmbedcError
from embedc.execution.errors import ExecutionError
from embedc.report.text import paragraph
from embedc.resources import cmake_folder, manifest_schema_file
from embedc.verify.compare import TOLERANCE, UNITS

OK, FAILED, BAD_INPUT, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130
COMMANDS = {
    "compile": "Compiles a neural network into C.",
    "check": "Tells what a model holds and whether it compiles.",
    "verify": "Runs the generated code and compares every layer with the model.",
    "bench": "Times the generated code, layer by layer.",
    "diff": "Compares two bundles: figures, layers, API.",
    "cmake": "Prints toolchain files for CMake.",
    "targets": "Lists what can be compiled for, built and run on this machine.",
}


class _Parser(ArgumentParser):
    """Prints a wrong call the way that every other error is printed."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {paragraph(message)} ({self.prog} --help tells more)", file=sys.stderr)
        sys.exit(BAD_INPUT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and gives the exit code: 0 done, 1 verification failed or limit exceeded, 2 bad input, 3 internal error."""
    try:
        args = parse(sys.argv[1:] if arguments is None else arguments)
        code: int = import_module(f"embedc.commands.{args.command}").run(args)
        sys.stdout.flush()
        return code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the reader is gone, and what is left is flushed at exit
        return OK
    except EmbedcError as error:
        return _fail(BAD_INPUT, *map(str, error.faults))
    except OSError as error:
        return _fail(BAD_INPUT, f"{error.filename or 'the system'}: {error.strerror or error}")
    except ExecutionError as error:
        return _fail(FAILED, str(error))
    except Exception as error:
        text = f"embedc itself failed, please report this: {type(error).__name__}: {error}"
        if os.environ.get("EMBEDC_DEBUG") == "1":
            traceback.print_exc()
            return _fail(INTERNAL, text)
        return _fail(INTERNAL, f"{text}\nEMBEDC_DEBUG=1 shows where")


def _fail(code: int, *messages: str) -> int:
    for message in messages:
        line = f"error: {paragraph(message)}\n"
        sys.stderr.write(
            line.encode(sys.stderr.encoding or "utf-8", "backslashreplace").decode(sys.stderr.encoding or "utf-8")
        )
    return code


def parse(arguments: Sequence[str]) -> Namespace:
    """The arguments, `command` among them; a first word that is no command begins a compilation."""
    named = bool(arguments) and arguments[0] in COMMANDS
    command, rest = (arguments[0], arguments[1:]) if named else ("compile", arguments)
    parser = _parser(command)
    if not arguments:
        parser.print_help()
        sys.exit(BAD_INPUT)
    return parser.parse_args(rest)


def _parser(command: str) -> ArgumentParser:
    main_command = command == "compile"
    parser = _Parser(
        prog="embedc" if main_command else f"embedc {command}",
        allow_abbrev=False,
        description=COMMANDS[command],
        epilog=_epilog() if main_command else None,
        formatter_class=RawDescriptionHelpFormatter,
    )
    if main_command:
        parser.add_argument("--version", action="version", version=f"embedc {embedc.__version__}")
        for option, path, what in (
            ("--cmake-dir", cmake_folder(), "embedc-config.cmake"),
            ("--manifest-schema", manifest_schema_file(), "the JSON Schema of manifest.json"),
        ):
            parser.add_argument(option, action="version", version=str(path), help=f"print where {what} lies")
    parser.set_defaults(command=command)
    if command not in ("cmake", "diff", "targets"):
        _common(parser)
    if command in OPTIONS:
        OPTIONS[command](parser)
    return parser


def _epilog() -> str:
    lines = (f"  embedc {name:<8} {text}" for name, text in COMMANDS.items())
    return "commands (embedc COMMAND --help); compile is what a model alone means:\n" + "\n".join(lines)


def _common(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("model", metavar="MODEL", help="an ONNX file")
    add("--target", default="host", metavar="T", help="instruction set: see embedc targets (default: this machine's)")
    add("--cpu", default="", metavar="CPU", help="a CPU of the target: its features, caches and compiler flags")
    add("--name", default="", help="prefix of the C symbols and files (default: from the file's name)")
    add("--dim", action="append", default=[], metavar="NAME=SIZE,…", help="fix open dimensions")
    add("--outputs", action="append", default=[], metavar="A,B", help="compile only what these tensors need")
    add(
        "--state",
        action="append",
        default=[],
        metavar="IN=OUT,…",
        help="keep input IN between calls: it takes output OUT of the call before, and both leave the API",
    )
    add(
        "--input",
        action="append",
        default=[],
        metavar="NAME=FORM",
        help="what the caller gives for an f32 input: u8, i8, u16, i16 or f32, its layout, and (x - mean) / std, as in "
        "image=u8:nhwc,mean=127,std=128",
    )
    for kind in ("input", "output"):
        add(
            f"--{kind}-layout",
            action="append",
            default=[],
            metavar="NAME=L,…",
            help=f"how an {kind} lies in memory: nhwc and its kind, or axes as in 0231 (default: as the model has it)",
        )
    add(
        "--io-in-scratch",
        action=BooleanOptionalAction,
        default=None,
        help="inputs and outputs lie in scratch and share its memory (default: on microcontrollers)",
    )
    add(
        "--io",
        choices=("model", "float", "quantized"),
        default="model",
        help="quantized inputs and outputs as floats, with the conversion in the code, or as the bytes that the model "
        "makes of its floats (default: as the model has them)",
    )
    add(
        "--require",
        choices=("integer",),
        default="",
        help="fail, naming the layers, if anything but the conversion of inputs and outputs is computed in floats",
    )
    add("--single-file", action="store_true", help="all C in one NAME.c beside NAME.h, kernels included")
    add(
        "--weights",
        choices=("auto", "c", "assembly"),
        default="auto",
        help="constants as words in C or as NAME_weights.S with a .bin (default: the latter above 1 MiB)",
    )
    add("--optimize", choices=("speed", "size"), default="speed")
    add("--dump-ir", default="", metavar="DIR", help="write every stage as text")
    add("--quiet", action="store_true", help="print errors only")
    add("--json", action="store_true", help="print data, and nothing else, on stdout")


def _compile(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--out-dir", default="", metavar="DIR", help="the bundle's folder (default: its name)")
    parser.add_argument("--explain", nargs="?", const="", metavar="LAYER", help="print the kernels that were weighed")
    parser.add_argument("--no-measure", action="store_true", help="do not build the code to state its size and stack")
    parser.add_argument("--depfile", default="", metavar="FILE", help="write what was read as a rule for make or Ninja")
    parser.add_argument(
        "--depfile-target", default="", metavar="PATH", help="what the rule makes (default: the bundle's header)"
    )


def _cmake(parser: ArgumentParser) -> None:
    add = parser.add_argument
    add("--toolchain", default="", metavar="T", help="print a toolchain file for target T")
    add("--project", default="", metavar="NAME", help="print the CMakeLists.txt behind embedc_add_model(NAME)")
    add("--target", default="host", metavar="T", help="the project's target")
    add("--cpu", default="", metavar="CPU", help="a CPU of the target")


def _build(parser: ArgumentParser) -> None:
    parser.add_argument("-o", "--out-dir", default="", metavar="DIR", help="keep the bundle here")
    parser.add_argument("--compiler", default="", metavar="CC", help="one of the target's compilers, by its command")
    parser.add_argument(
        "--runner",
        default="",
        metavar="CMD",
        help='run the code on another machine: CMD starts a shell there when "sh" follows it, as "ssh board" does',
    )


def _verify(parser: ArgumentParser) -> None:
    _build(parser)
    add = parser.add_argument
    add(
        "--inputs",
        default="",
        metavar="FILE",
        help="npz: s<k>_in<j> and s<k>_out<j>, or arrays by tensor name (default: random)",
    )
    add(
        "--samples",
        type=_positive,
        default=0,
        metavar="N",
        help="how many inputs (default: 2 random ones, 20 with --state, or the whole file)",
    )
    add("--seed", type=int, default=0, metavar="N", help="of the random inputs")
    add(
        "--tolerance",
        type=float,
        default=TOLERANCE,
        metavar="T",
        help="greatest error against max|reference| (default: %(default)g)",
    )
    add(
        "--units",
        type=int,
        default=UNITS,
        metavar="N",
        help="greatest error of quantized bytes (default: %(default)d; tools round differently)",
    )


def _bench(parser: ArgumentParser) -> None:
    _build(parser)
    parser.add_argument(
        "--runs",
        type=_positive,
        default=100,
        metavar="N",
        help="calls to time (default: %(default)d; always one on an emulated board, which counts instructions)",
    )
    parser.add_argument(
        "--emulated", action="store_true", help="time under the emulator where the CPU cannot run the code"
    )


def _diff(parser: ArgumentParser) -> None:
    for name in ("old", "new"):
        parser.add_argument(name, metavar=name.upper(), help=f"the {name} bundle's folder, or its manifest.json")
    parser.add_argument(
        "--fail-if",
        action="append",
        default=[],
        metavar="LIMIT,…",
        help="exit with 1 where a figure is above METRIC[+|-]N[%%|K|M|B]: with a sign N is a change, else the most in "
        "all (metrics: scratch, flash, code, weights, stack, state, io, macs)",
    )
    parser.add_argument("--json", action="store_true", help="print data, and nothing else, on stdout")


def _positive(text: str) -> int:
    """A whole number from 1 on; argparse names it in its error."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


OPTIONS = {
    "cmake": _cmake,
    "compile": _compile,
    "verify": _verify,
    "bench": _bench,
    "diff": _diff,
}  # beside the common ones
