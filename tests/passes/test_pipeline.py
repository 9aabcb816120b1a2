"""The infrastructure: text form of pipelines, order, properties, fixed points, failures that name what ran before."""

from collections.abc import Iterator

import pytest

from embedc.diagnostics import EmbedcError, fail
from embedc.ir.graph import NOWHERE, Graph, Value, collect
from embedc.ir.scalar import binary, unary
from embedc.ir.types import F32, DimVar, TensorType
from embedc.ops.base import Op
from embedc.ops.elementwise import Map
from embedc.ops.layout import transpose
from embedc.passes.base import PASSES, Pass
from embedc.passes.fold import Fold
from embedc.passes.fuse_maps import FuseMaps
from embedc.passes.pipeline import PassError, Repeat, default_pipeline, parse_pipeline, pipeline_text, run_pipeline
from embedc.passes.simplify import Simplify
from embedc.passes.sink_views import SinkViews
from embedc.passes.uses import Uses, rewrite_counted

X = Value(TensorType(F32, (4,)), "x")


def chain(length: int = 3) -> Graph:
    value = X
    for _ in range(length):
        value = Map((value,), unary("neg", F32)).result
    return collect("chain", [X], {"y": value})


def test_text_form() -> None:
    text = "fold{limit=4096},repeat{limit=4}(simplify,fuse-maps{operands=3,nodes=8}),cse"
    passes = parse_pipeline(text)
    assert pipeline_text(passes) == text
    assert passes[0] == Fold(limit=4096)
    assert passes[1] == Repeat((Simplify(), FuseMaps(operands=3, nodes=8)), 4)
    assert parse_pipeline(pipeline_text(default_pipeline())) == default_pipeline()
    assert parse_pipeline("") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [("fuse", "no pass 'fuse'"), ("fold{size=1}", "no option 'size'; it has limit, growth"), ("fold,,cse", "column 6")],
)
def test_errors_in_text(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_pipeline(text)


def test_observer_sees_every_pass() -> None:
    seen: list[tuple[str, int]] = []
    run_pipeline(
        chain(), parse_pipeline("cse,repeat(fuse-maps,simplify)"), lambda name, g: seen.append((name, len(g.ops)))
    )
    assert seen == [("cse", 3), ("fuse-maps", 1), ("simplify", 1), ("fuse-maps", 1), ("simplify", 1)]


@pytest.fixture
def broken() -> Iterator[tuple[type[Pass], ...]]:
    """Passes that exist for one test."""
    before = dict(PASSES)

    class Raises(Pass, name="raises"):
        def run(self, graph: Graph) -> Graph:
            raise KeyError(graph.name)

    class Complains(Pass, name="complains"):
        def run(self, graph: Graph) -> Graph:
            raise fail("too large")

    class Breaks(Pass, name="breaks"):
        def run(self, graph: Graph) -> Graph:
            return Graph(graph.name, graph.inputs, graph.outputs, graph.ops[:-1])

    class Needs(Pass, name="needs"):
        requires = frozenset(("tidy",))

        def run(self, graph: Graph) -> Graph:
            return graph

    class Tidies(Needs, name="tidies"):
        requires = frozenset[str]()
        ensures = frozenset(("tidy",))

    yield Raises, Complains, Breaks, Needs, Tidies
    PASSES.clear()
    PASSES.update(before)


def test_failures_name_the_passes_that_ran(broken: tuple[type[Pass], ...]) -> None:
    raises, complains, breaks, needs, tidies = broken
    with pytest.raises(PassError, match=r"'raises' \(after fold, cse\) failed on graph 'chain'"):
        run_pipeline(chain(), (*parse_pipeline("fold,cse"), raises()))
    with pytest.raises(EmbedcError, match="too large"):
        run_pipeline(chain(), (complains(),))
    with pytest.raises(Exception, match=r"graph 'chain' \(after fold, breaks\): output 'y'"):
        run_pipeline(chain(), (Fold(), breaks()))
    with pytest.raises(PassError, match="'needs' requires tidy"):
        run_pipeline(chain(), (needs(),))
    run_pipeline(chain(), (tidies(), needs()))


def test_use_counts_follow_a_rewriting() -> None:
    a = Map((X,), unary("neg", F32)).result
    b = Map((a,), unary("neg", F32)).result
    c = Map((a, b), binary("add", F32)).result
    counts: list[int] = []

    def rule(op: Op, uses: Uses) -> Value | None:
        if op is b.producer:
            return X  # neg neg x: afterwards only c reads a
        if op.operands == (a, X):
            counts.extend((uses[a], uses[X]))
        return None

    rewrite_counted(collect("g", [X], {"y": c, "x": X}), rule)
    assert counts == [1, 3]  # x is read by neg, by the sum, and as output


def test_open_dimensions_are_left_alone() -> None:
    x = Value(TensorType(F32, (DimVar("N", 4), 2)), "x", NOWHERE)
    value = Map((Map((x,), unary("neg", F32)).result,), unary("abs", F32)).result
    graph = collect("open", [x], {"y": value})
    assert run_pipeline(graph, default_pipeline()).ops == graph.ops


def test_views_between_maps_go_in_one_sweep() -> None:
    """However deep: a transpose that has passed a map meets the next one at once."""
    value = x = Value(TensorType(F32, (3, 4)), "x")
    for _ in range(40):
        value = Map((transpose(value, (1, 0), NOWHERE),), unary("sigmoid", F32)).result
    graph = run_pipeline(collect("deep", [x], {"y": value}), (SinkViews(),))
    assert {type(op) for op in graph.ops} == {Map} and len(graph.ops) == 40
