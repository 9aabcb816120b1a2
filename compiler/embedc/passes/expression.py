"""Bodies of maps as expressions over values, the form in which passes rewrite them."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from embedc.ir.graph import Origin, Value
from embedc.ir.scalar import SCALAR_OPS, ScalarBuilder, ScalarProgram
from embedc.ir.types import Dim, Element, TensorType
from embedc.ops.elementwise import Const, Map, broadcast, splat
from embedc.ops.layout import expand


@dataclass(frozen=True, eq=False)
class Term:
    """A scalar expression: `op` is a scalar operator, "const", "cast", or "read" of `source`. Identity is the object."""

    op: str
    args: tuple["Term", ...]
    element: Element
    value: float | int | None = None
    source: Value | None = field(default=None, repr=False)

    def __iter__(self) -> Iterator["Term"]:
        """All terms once, arguments before their users."""
        seen: set[Term] = set()
        stack: list[tuple[Term, Iterator[Term]]] = [(self, iter(self.args))]
        while stack:
            term, args = stack[-1]
            arg = next(args, None)
            if arg is None:
                stack.pop()
                if term not in seen:
                    seen.add(term)
                    yield term
            elif arg not in seen:
                stack.append((arg, iter(arg.args)))

    @property
    def sources(self) -> tuple[Value, ...]:
        """The values read, in order of first use."""
        return tuple(dict.fromkeys(t.source for t in self if t.source is not None))


def literal(value: float | int, element: Element) -> Term:
    """A constant."""
    return Term("const", (), element, value)


def read(value: Value) -> Term:
    """The elements of `value`; of a constant that is one number everywhere, that number."""
    if isinstance(value.producer, Const) and value.producer.is_splat:
        return literal(value.producer.first, value.type.element)
    return Term("read", (), value.type.element, source=value)


def call(op: str, *args: Term) -> Term:
    """A scalar operator applied to terms."""
    return Term(op, args, SCALAR_OPS[op].result or args[-1].element)


def cast(term: Term, element: Element) -> Term:
    """`term` converted to `element`."""
    return term if term.element == element else Term("cast", (term,), element)


def expression(op: Map) -> Term:
    """The body of a map over its operands."""
    terms = [read(value) for value in op.inputs]
    for node in op.body.nodes:
        terms.append(Term(node.op, tuple(terms[a] for a in node.args), node.element, node.value))
    return terms[op.body.result]


def readers(term: Term) -> Counter[Term]:
    """How many times each sub-term is used as an argument; the whole counts as used once."""
    return Counter([term, *(arg for t in term for arg in t.args)])


def rebuild(term: Term, rule: Callable[[Term], Term]) -> Term:
    """`rule` applied bottom-up to every sub-term with its arguments rebuilt; `term` itself if nothing changes."""
    done: dict[Term, Term] = {}
    for old in term:
        args = tuple(done[arg] for arg in old.args)
        same = all(a is b for a, b in zip(args, old.args, strict=True))
        done[old] = rule(old if same else Term(old.op, args, old.element, old.value, old.source))
    return done[term]


def substitute(term: Term, replacements: dict[Term, Term]) -> Term:
    """`term` with sub-terms replaced from the outside in; replacements are not searched."""
    done = dict(replacements)
    for old in term:
        if old not in done:
            args = tuple(done[arg] for arg in old.args)
            same = all(a is b for a, b in zip(args, old.args, strict=True))
            done[old] = old if same else Term(old.op, args, old.element, old.value, old.source)
    return done[term]


def as_value(term: Term, shape: tuple[Dim, ...], origin: Origin) -> Value | None:
    """A value of `shape` that holds `term`: a map, what it reads, or a splat; None for a number that only the target knows."""
    sources = term.sources
    if term.op == "const":
        assert term.value is not None
        return splat(term.value, TensorType(term.element, shape), origin)
    if not sources:
        return None
    value = term.source if term.source is not None else as_map(term, origin).result
    if value.type.shape == shape:
        return value
    assert broadcast([value.type.shape, shape]) == shape
    return expand(value, tuple(d for d in shape if isinstance(d, int)), origin)


def as_map(term: Term, origin: Origin) -> Map:
    """The map of a term that reads something."""
    sources = term.sources
    return Map(sources, _program(term, sources), origin=origin)


def _program(term: Term, sources: tuple[Value, ...]) -> ScalarProgram:
    builder = ScalarBuilder(*(value.type.element for value in sources))
    numbers: dict[Term, int] = {}
    for t in term:
        if t.source is not None:
            numbers[t] = sources.index(t.source)
        elif t.op == "const":
            assert t.value is not None
            numbers[t] = builder.const(t.value, t.element)
        elif t.op == "cast":
            numbers[t] = builder.cast(numbers[t.args[0]], t.element)
        else:
            numbers[t] = builder.call(t.op, *(numbers[a] for a in t.args))
    return builder.build(numbers[term])
