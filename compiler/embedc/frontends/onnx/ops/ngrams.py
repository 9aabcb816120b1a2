"""TfIdfVectorizer over integers: how often each n-gram of a pool is found."""

import numpy as np

from embedc.frontends.onnx.folding import filled
from embedc.frontends.onnx.node import Node
from embedc.frontends.onnx.registry import onnx_op
from embedc.ir.expression import Expr
from embedc.ir.graph import Value
from embedc.ir.types import F32, I64, Array
from embedc.ops.elementwise import Reduction
from embedc.ops.layout import Concat, Scatter, Update


@onnx_op("TfIdfVectorizer")
def tf_idf(node: Node) -> Value:
    """Counts of n-grams of each length, with words skipped or not, gathered into the columns that the model names."""
    x = node.operand(0)
    if not x.type.element.is_integer or x.type.rank not in (1, 2) or node.has("pool_strings"):
        raise node.fail(f"input {x.type}", "embedc takes rows of integers and pool_int64s: map words to numbers first")
    mode = node.choice("mode", "TF", "IDF", "TFIDF")
    shortest, longest = node.integer("min_gram_length"), node.integer("max_gram_length")
    skips, columns = node.integer("max_skip_count"), node.integers("ngram_indexes")
    width = max(columns, default=-1) + 1
    if width < 1 or min(columns) < 0 or x.type.size == 0:
        raise node.fail(f"ngram_indexes {list(columns)[:8]} for {x.type}", "give a column for each n-gram")
    rows = node.map(lambda i: i.cast(I64), node.reshape(x, (x.type.size // x.type.dims[-1], x.type.dims[-1])))
    counts: list[Value] = []
    places: list[int] = []
    for length, (first, pool) in enumerate(_pools(node, len(columns)), 1):
        if shortest <= length <= longest and len(pool):
            counts.append(_counts(node, rows, pool, skips))
            places += columns[first : first + len(pool)]
    total = filled(np.zeros((), np.float32), (rows.type.dims[0], width), node.origin)
    if counts:
        found = counts[0] if len(counts) == 1 else node.emit(Concat(tuple(counts), 1, origin=node.origin))
        table = node.array(np.asarray(places, np.int32))
        total = node.emit(Scatter(total, table, found, 1, Update.ADD, origin=node.origin))
    total = _weighted(node, total, mode, width)
    return node.reshape(total, (*x.type.dims[:-1], width))


def _pools(node: Node, count: int) -> list[tuple[int, Array]]:
    """For each length the number of its first n-gram and the n-grams of that length."""
    begins, pool = node.integers("ngram_counts"), np.asarray(node.integers("pool_int64s"), np.int64)
    found: list[tuple[int, Array]] = []
    first = 0
    for length, (begin, end) in enumerate(zip(begins, (*begins[1:], len(pool)), strict=True), 1):
        if not 0 <= begin <= end <= len(pool) or (end - begin) % length:
            raise node.fail(f"ngram_counts {list(begins)} for {len(pool)} numbers", "re-export the model")
        grams = pool[begin:end].reshape(-1, length)
        if len(np.unique(grams, axis=0)) != len(grams):
            raise node.fail(f"its pool has an n-gram of {length} twice", "re-export the model")
        found.append((first, grams))
        first += len(grams)
    if first != count:
        raise node.fail(f"{count} ngram_indexes for {first} n-grams", "give one for each")
    return found


def _counts(node: Node, rows: Value, pool: Array, skips: int) -> Value:
    """How often each n-gram is found in each row, over all distances of its words."""
    batch, extent = rows.type.dims
    length = pool.shape[1]
    total: Value | None = None
    for step in range(1, 2 if length == 1 else skips + 2):
        places = extent - (length - 1) * step
        if places < 1:
            break
        words = [node.reshape(node.part(rows, 1, i * step, places), (batch, 1, places)) for i in range(length)]
        grams = [node.array(pool[:, i].reshape(1, -1, 1)) for i in range(length)]

        def all_equal(*values: Expr) -> Expr:
            same = values[0].equals(values[length])
            for word, gram in zip(values[1:length], values[length + 1 :], strict=True):
                same = same.call("and", word.equals(gram))
            return same.cast(F32)

        found = node.reduce(node.map(all_equal, *words, *grams), Reduction.ADD, (2,))
        total = found if total is None else node.map(lambda a, b: a + b, total, found)
    if total is None:
        return filled(np.zeros((), np.float32), (batch, len(pool)), node.origin)
    return node.reshape(total, (batch, len(pool)))


def _weighted(node: Node, total: Value, mode: str, width: int) -> Value:
    """Term frequencies, or weights of what is there at all, or both multiplied."""
    weights = np.asarray(node.reals("weights", (1.0,) * width), np.float32)
    if len(weights) != width:
        raise node.fail(f"{len(weights)} weights for {width} columns", "give one for each")
    if mode == "TF":
        return total
    column = node.array(weights)
    if mode == "IDF":
        return node.map(lambda f, w: (f > 0).where(w, 0), total, column)
    return node.map(lambda f, w: f * w, total, column)
