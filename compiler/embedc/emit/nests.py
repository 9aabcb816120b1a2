"""Loop nests as C functions: axes ordered and merged, the contiguous one vectorized where ec_v can."""

from dataclasses import replace
from functools import partial

from embedc.emit.loops import Loop, Loops, at, close_loops, find_row, open_loops, order_loops, terms
from embedc.emit.quads import QuadC, grain, in_quads, takes_quads
from embedc.emit.scalars import ScalarC, VectorC, Words, c_type, lane, literal, print_program, spell, suffix
from embedc.ir.intervals import Interval, intervals
from embedc.ir.types import F32, I32, U16, Element
from embedc.kernels.row import QUADS, folders_of
from embedc.ops.elementwise import Reduction
from embedc.program.program import Nest, View
from embedc.program.vectors import constant_interval, vectorizes
from embedc.targets.target import Target

TRANSPOSES = {1: "ec_transpose_u8", 4: "ec_transpose_f32"}  # by the bytes of an element
MIN_RUN = 8  # bytes; shorter ones are copied element by element
MIN_VECTOR = 4  # shorter innermost axes run as scalars


def identity_literal(nest: Nest) -> str:
    """The neutral element of a nest's reduction."""
    assert nest.reduction
    return literal(nest.reduction.identity(nest.result.element), nest.result.element)


def print_nest(nest: Nest, name: str, target: Target) -> str:
    """The C text of a nest: static functions, the last one called `name`(operand pointers…, result pointer)."""
    loops = order_loops(nest)
    axes = transposed_axes(nest, loops)
    if axes:
        return _transpose(nest, name, loops, *axes)
    if _copies_runs(nest, loops):
        return _copy(nest, name, loops)
    words = _words(nest, target)
    text = _vector(nest, name, loops, words) if words and _folds(nest) else ""
    if text:
        return in_quads(text) if target.isa == "portable" else text
    return _scalar(nest, name, loops)


def _words(nest: Nest, target: Target) -> Words | None:
    """The vocabulary that has a word for every step of a nest."""
    if target.isa != "portable":
        return VectorC if vectorizes(nest.body, _known(nest)) else None
    if QUADS.isdisjoint(folders_of(target.isa, target.features)) or not takes_quads(nest.body, _known(nest)):
        return None
    return partial(QuadC, grains=[grain(view) for view in nest.operands])


def _vector(nest: Nest, name: str, loops: Loops, words: Words) -> str:
    """The nest in vectors, empty where no axis is for them."""
    row = find_row(nest, loops)
    innermost = loops.parallel[-1:] or (Loop(1, 0, ()),)
    whole = not row.statements or row.depth < len(loops.parallel)
    written = innermost[0].result == size_of(nest.result)
    if innermost[0].extent >= MIN_VECTOR and written and whole and _loads(nest, innermost[0]):
        return _vector_parallel(nest, name, loops, words)
    reduced = loops.reduce[-1:]
    if (
        not row.statements
        and reduced
        and reduced[0].extent >= MIN_VECTOR
        and all(s in (0, size_of(v)) for s, v in zip(reduced[0].operands, nest.operands, strict=False))
    ):
        return _vector_reduce(nest, name, loops, words)
    return ""


def size_of(view: View) -> int:
    """Bytes of an element."""
    return view.element.bytes


def _known(nest: Nest) -> list[Interval | None]:
    """What is known of the operands."""
    return [constant_interval(view) for view in nest.operands]


def _folds(nest: Nest) -> bool:
    """True if there is a word that combines elements in lanes: sums do not wrap around before the lanes do."""
    if nest.reduction is None or nest.result.element == F32:
        return True
    return nest.reduction in (Reduction.MAX, Reduction.MIN) or (
        nest.reduction is Reduction.ADD and nest.result.element == I32
    )


def _loads(nest: Nest, loop: Loop) -> bool:
    """True if there is a word that loads each operand along a loop: side by side, one for all, or floats at a stride."""
    return all(
        stride in (0, size_of(view)) or view.element == F32
        for stride, view in zip(loop.operands, nest.operands, strict=False)
    )


def _copies_runs(nest: Nest, loops: Loops) -> bool:
    """True for a copy along whose innermost axis both sides are contiguous, or bytes of the result that are all one."""
    if nest.reduction or nest.lookup or nest.scatter or not nest.body.is_identity or len(nest.operands) != 1:
        return False
    size = size_of(nest.result)
    inner = loops.parallel[-1:]
    runs = bool(inner) and inner[0].result == size and inner[0].extent * size >= MIN_RUN
    return runs and (inner[0].operands[0] == size or (size == 1 and inner[0].operands[0] == 0))


def _copy(nest: Nest, name: str, loops: Loops) -> str:
    """Run by run; a result may have taken its operand's place."""
    *outer, run = loops.parallel
    x, y = at("x0", terms(tuple(outer), "i", 0)), at("y", terms(tuple(outer), "i", None))
    lines = [_signature(nest, name), *open_loops(tuple(outer), "i", 1)]
    length = run.extent * size_of(nest.result)
    move = f"memmove({y}, {x}, {length});" if run.operands[0] else f"memset({y}, ec_load_u8({x}), {length});"
    lines.append("  " * (1 + len(outer)) + move)
    return "\n".join([*lines, *close_loops(len(outer), 1), "}"])


def transposed_axes(nest: Nest, loops: Loops) -> tuple[int, int] | None:
    """Of a copy, the loops along which the operand and along which the result is contiguous, where those are two."""
    if (
        nest.reduction
        or nest.lookup
        or nest.scatter
        or not nest.body.is_identity
        or size_of(nest.result) not in TRANSPOSES
        or len(nest.operands) != 1
    ):
        return None
    size = size_of(nest.result)
    read = [i for i, loop in enumerate(loops.parallel) if loop.operands[0] == size and loop.extent >= MIN_VECTOR]
    written = [i for i, loop in enumerate(loops.parallel) if loop.result == size and loop.extent >= MIN_VECTOR]
    return (read[0], written[0]) if read and written and read != written else None


def _transpose(nest: Nest, name: str, loops: Loops, read: int, written: int) -> str:
    """A copy whose two sides run along different axes: tiles through registers, the other axes outside."""
    outer = tuple(loop for i, loop in enumerate(loops.parallel) if i not in (read, written))
    row, column = loops.parallel[written], loops.parallel[read]
    x, y = at("x0", terms(outer, "i", 0)), at("y", terms(outer, "i", None))
    call = f"{TRANSPOSES[size_of(nest.result)]}({x}, {row.operands[0]}, {y}, {column.result}, {row.extent}, {column.extent});"
    return "\n".join(
        [
            _signature(nest, name),
            *open_loops(outer, "i", 1),
            "  " * (1 + len(outer)) + call,
            *close_loops(len(outer), 1),
            "}",
        ]
    )


def _pointers(nest: Nest) -> list[str]:
    names = [f"x{k}" for k in range(len(nest.operands))] + ["indices"] * bool(nest.lookup or nest.scatter)
    return [f"const unsigned char *{name}" for name in names]


def _signature(nest: Nest, name: str) -> str:
    return f"static EC_NOINLINE void {name}({', '.join([*_pointers(nest), 'unsigned char *y'])}) {{"


def _combine(reduction: Reduction, acc: str, value: str, nest: Nest) -> str:
    return f"{acc} = {spell(reduction.value, [acc, value], nest.result.element)};"


def _as_words(nest: Nest) -> Nest:
    """A copy of floats of 16 bits moves words."""
    if nest.reduction or not nest.body.is_identity or not nest.result.element.is_stored:
        return nest
    operands = tuple(replace(view, element=U16) for view in nest.operands)
    return replace(nest, operands=operands, result=replace(nest.result, element=U16))


def _scalar(nest: Nest, name: str, loops: Loops) -> str:
    nest = _as_words(nest)
    known = intervals(nest.body, _known(nest))
    row = find_row(nest, loops)
    inside = replace(row, depth=row.depth - len(loops.parallel)) if row.depth > len(loops.parallel) else None
    lines = [_signature(nest, name), *open_loops(loops.parallel, "i", 1, None if inside else row)]
    depth = 1 + len(loops.parallel)
    inner = depth + (len(loops.reduce) if nest.reduction else 0)
    pad, deep = "  " * depth, "  " * inner
    element = nest.result.element
    if nest.reduction:
        lines.append(f"{pad}{c_type(element)} acc = {identity_literal(nest)};")
        lines += open_loops(loops.reduce, "j", depth, inside)
    for k, view in enumerate(nest.operands):
        base = row.bases.get(f"x{k}", f"x{k}")
        address = at(base, terms(loops.parallel, "i", k) + terms(loops.reduce, "j", k))
        lines.append(f"{deep}const {c_type(view.element)} v{k} = ec_load_{suffix(view.element)}({address});")
    steps, result = print_program(nest.body, [f"v{k}" for k in range(len(nest.operands))], ScalarC(known))
    lines += [deep + step for step in steps]
    if nest.reduction:
        lines.append(deep + _combine(nest.reduction, "acc", result, nest))
        lines += close_loops(len(loops.reduce), depth)
        result = "acc"
    target = at(row.bases.get("y", "y"), terms(loops.parallel, "i", None))
    lines.append(f"{pad}ec_store_{suffix(element)}({target}, {result});")
    return "\n".join([*lines, *close_loops(len(loops.parallel), 1), "}"])


def _vector_load(k: int, view: View, stride: int, address: str) -> str:
    element = suffix(view.element)
    if stride == size_of(view):
        value = f"ec_vload_{element}({address}, n)"
    elif stride == 0:
        value = f"ec_vsplat_{lane(view.element)}(ec_load_{element}({address}), n)"
    else:
        value = f"ec_vload_strided_f32({address}, {stride}, n)"
    return f"const ec_v{lane(view.element)} v{k} = {value};"


def _vector_body(nest: Nest, loop: Loop, addresses: list[str], depth: int, words: Words) -> tuple[list[str], str]:
    pad = "  " * depth
    loads = zip(nest.operands, loop.operands, addresses, strict=False)
    lines = [pad + _vector_load(k, view, stride, address) for k, (view, stride, address) in enumerate(loads)]
    dialect = words(intervals(nest.body, _known(nest)))
    steps, result = print_program(nest.body, [f"v{k}" for k in range(len(nest.operands))], dialect)
    return lines + [pad + step for step in steps], result


def _vector_loop(call: str, loop: Loop, pointers: list[tuple[str, int]], depth: int) -> list[str]:
    """Full vectors, then the rest; `call` takes the pointers advanced to the first lane, then the number of lanes."""
    pad = "  " * depth
    args = ", ".join(at(base, [("v", stride)]) for base, stride in pointers)
    return [
        f"{pad}ptrdiff_t v = 0;",
        f"{pad}for (; v + EC_V_LANES <= {loop.extent}; v += EC_V_LANES) {{",
        f"{pad}  {call.format(f'{args}, EC_V_LANES')}",
        f"{pad}}}",
        f"{pad}if (v < {loop.extent}) {{",
        f"{pad}  {call.format(f'{args}, (int32_t)({loop.extent} - v)')}",
        f"{pad}}}",
    ]


def _vector_parallel(nest: Nest, name: str, loops: Loops, words: Words) -> str:
    """Vectors along the result's contiguous axis; reductions run inside with a vector accumulator."""
    *outer, vector = loops.parallel
    reduce = loops.reduce if nest.reduction else ()
    row = find_row(nest, loops)
    operands, kind = range(len(nest.operands)), lane(nest.result.element)
    head = ", ".join([*(f"const unsigned char *x{k}" for k in operands), "unsigned char *y", "int32_t n"])
    lines = [f"EC_INLINE void {name}_lanes({head}) {{"]
    if nest.reduction:
        lines.append(f"  ec_v{kind} acc = ec_vsplat_{kind}({identity_literal(nest)}, n);")
        lines += open_loops(reduce, "j", 1)
    depth = 1 + len(reduce)
    body, result = _vector_body(
        nest, vector, [at(f"x{k}", terms(reduce, "j", k)) for k in range(len(nest.operands))], depth, words
    )
    lines += body
    if nest.reduction:
        lines.append(f"{'  ' * depth}acc = ec_v{nest.reduction.value}_{kind}(acc, {result}, n);")
        lines += close_loops(len(reduce), 1)
        result = "acc"
    lines += [
        f"  ec_vstore_{suffix(nest.result.element)}(y, {result}, n);",
        "}",
        "",
        _signature(nest, name),
        *open_loops(tuple(outer), "i", 1, row),
    ]
    bases = [row.bases.get(f"x{k}", f"x{k}") for k in operands]
    pointers = [(at(bases[k], terms(tuple(outer), "i", k)), vector.operands[k]) for k in operands]
    pointers.append((at(row.bases.get("y", "y"), terms(tuple(outer), "i", None)), size_of(nest.result)))
    lines += _vector_loop(f"{name}_lanes({{}});", vector, pointers, 1 + len(outer))
    return "\n".join([*lines, *close_loops(len(outer), 1), "}"])


def _vector_reduce(nest: Nest, name: str, loops: Loops, words: Words) -> str:
    """Vectors along the innermost reduced axis, combined across lanes at the end."""
    assert nest.reduction
    *outer, vector = loops.reduce
    word, element = f"{nest.reduction.value}_{lane(nest.result.element)}", nest.result.element
    vector_type = f"ec_v{lane(element)}"
    head = ", ".join([f"{vector_type} acc", *_pointers(nest), "int32_t n"])
    body, result = _vector_body(nest, vector, [f"x{k}" for k in range(len(nest.operands))], 1, words)
    lines = [
        f"EC_INLINE {vector_type} {name}_lanes({head}) {{",
        *body,
        f"  return ec_vacc_{word}(acc, {result}, n);",
        "}",
        "",
    ]
    lines += [_signature(nest, name), *open_loops(loops.parallel, "i", 1)]
    depth = 1 + len(loops.parallel)
    lines.append(f"{'  ' * depth}{vector_type} acc = ec_vsplat_{lane(element)}({identity_literal(nest)}, EC_V_LANES);")
    lines += open_loops(tuple(outer), "j", depth)
    pointers = [
        (at(f"x{k}", terms(loops.parallel, "i", k) + terms(tuple(outer), "j", k)), vector.operands[k])
        for k in range(len(nest.operands))
    ]
    lines += _vector_loop(f"acc = {name}_lanes(acc, {{}});", vector, pointers, depth + len(outer))
    lines += close_loops(len(outer), depth)
    target = at("y", terms(loops.parallel, "i", None))
    lines.append(
        f"{'  ' * depth}ec_store_{suffix(element)}({target}, {_narrowed(f'ec_vreduce_{word}(acc)', element)});"
    )
    return "\n".join([*lines, *close_loops(len(loops.parallel), 1), "}"])


def _narrowed(value: str, element: Element) -> str:
    """A lane as an element; it fits."""
    return value if element in (F32, I32) else f"({c_type(element)}){value}"
