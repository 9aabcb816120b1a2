"""Pipelines: tuples of passes with a text form such as `fold{limit=4096},repeat{limit=4}(simplify,cse)`."""

import dataclasses
from collections.abc import Callable, Sequence
from functools import cache

from lark import Lark, Token, Tree, UnexpectedInput

from embedc.diagnostics import EmbedcError
from embedc.ir.graph import Graph
from embedc.ir.verifier import verify
from embedc.passes.base import PASSES, Pass
from embedc.passes.byte_weights import ByteWeights
from embedc.passes.canonicalize import Canonicalize
from embedc.passes.contract_forms import ContractForms
from embedc.passes.cse import Cse
from embedc.passes.expand_quantized import ExpandQuantized
from embedc.passes.fold import Fold
from embedc.passes.fuse_maps import FuseMaps
from embedc.passes.integers import Integers
from embedc.passes.merge_constants import MergeConstants
from embedc.passes.pad_into_window import PadIntoWindow
from embedc.passes.regions import Regions
from embedc.passes.scale_fold import ScaleFold
from embedc.passes.simplify import Simplify
from embedc.passes.sink_views import SinkViews
from embedc.passes.uses import changed, within_regions
from embedc.passes.views import Views

Pipeline = tuple[Pass, ...]
Observer = Callable[[str, Graph], None]


class PassError(Exception):
    """A pass failed or ran where it must not; the text names those that ran before."""


class Repeat(Pass, name="repeat"):
    """Runs passes in turn until a whole round changes nothing, or `limit` times."""

    passes: Pipeline
    limit: int = 8

    def run(self, graph: Graph) -> Graph:
        return run_pipeline(graph, (self,))

    def __str__(self) -> str:
        options = f"{{limit={self.limit}}}" if self.limit != type(self).limit else ""
        return f"repeat{options}({pipeline_text(self.passes)})"


def run_pipeline(graph: Graph, passes: Pipeline, observe: Observer | None = None, check: bool = True) -> Graph:
    """Runs `passes` in order; `observe` sees each pass and its result, `check` verifies each result."""
    return _Run(observe, check).sequence(graph, passes)


class _Run:
    def __init__(self, observe: Observer | None, check: bool) -> None:
        self.observe = observe
        self.check = check
        self.history: list[str] = []
        self.properties: frozenset[str] = frozenset()

    def sequence(self, graph: Graph, passes: Pipeline) -> Graph:
        for step in passes:
            graph = self.repeat(graph, step) if isinstance(step, Repeat) else self.single(graph, step)
        return graph

    def repeat(self, graph: Graph, step: Repeat) -> Graph:
        for _ in range(step.limit):
            before, graph = graph, self.sequence(graph, step.passes)
            if not changed(before, graph):
                break
        return graph

    def single(self, graph: Graph, step: Pass) -> Graph:
        before = f" (after {', '.join(self.history)})" if self.history else ""
        missing = step.requires - self.properties
        if missing:
            raise PassError(f"pass '{step}'{before} requires {', '.join(sorted(missing))}")
        try:
            graph = step.run(within_regions(graph, step.run))
        except EmbedcError:
            raise
        except Exception as error:
            raise PassError(f"pass '{step}'{before} failed on graph '{graph.name}': {error}") from error
        self.history.append(str(step))
        self.properties |= step.ensures
        if self.check:
            verify(graph, self.history)
        if self.observe:
            self.observe(str(step), graph)
        return graph


def pipeline_text(passes: Sequence[Pass]) -> str:
    """The text that `parse_pipeline` reads back."""
    return ",".join(str(step) for step in passes)


GRAMMAR = r"""
start: [pass ("," pass)*]
pass: NAME ["{" option ("," option)* "}"] ["(" start ")"]
option: NAME "=" VALUE
NAME: /[a-z][a-z0-9-]*/
VALUE: /[^,{}()=\s]+/
%ignore /\s+/
"""


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr")


def parse_pipeline(text: str) -> Pipeline:
    """The passes that `text` names; ValueError for unknown passes and options."""
    try:
        tree = _parser().parse(text)  # pyright: ignore[reportUnknownMemberType] - lark's text types
        return _passes(tree)
    except UnexpectedInput as error:
        raise ValueError(f"pipeline '{text}', column {error.column}: {error}") from None


def _passes(tree: Tree[Token]) -> Pipeline:
    return tuple(_pass(child) for child in tree.children if isinstance(child, Tree))


def _pass(tree: Tree[Token]) -> Pass:
    name = str(tree.children[0])
    if name not in PASSES:
        raise ValueError(f"there is no pass '{name}'; there are {', '.join(sorted(PASSES))}")
    fields = {f.name.replace("_", "-"): f for f in dataclasses.fields(PASSES[name])}
    arguments: dict[str, object] = {}
    for child in tree.children[1:]:
        if not isinstance(child, Tree):
            continue
        if child.data == "start":
            arguments["passes"] = _passes(child)
            continue
        option, value = (str(part) for part in child.children)
        if option not in fields:
            raise ValueError(f"pass '{name}' has no option '{option}'; it has {', '.join(fields)}")
        arguments[fields[option].name] = _option(fields[option].type, value)
    return PASSES[name](**arguments)


def _option(kind: object, text: str) -> object:
    """An option's value from text: int, float, bool or str by the field's annotation."""
    if kind is bool:
        return text == "True"
    return int(text) if kind is int else float(text) if kind is float else text


def default_pipeline() -> Pipeline:
    """What every model goes through between a frontend and the Program."""
    clean = (Fold(), Views(), Canonicalize(), SinkViews(), Simplify(), Regions(), Cse())
    return (
        Repeat(clean),
        Integers(),
        ByteWeights(),
        ExpandQuantized(),
        PadIntoWindow(),
        Repeat((ScaleFold(), MergeConstants(), FuseMaps(), ContractForms(), *clean)),
    )
