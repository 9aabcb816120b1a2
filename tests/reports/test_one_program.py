"""Several bundles in one C++ program: no symbol twice, no memory from the heap, threads that do not disturb each other."""

import itertools
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

import embedc
from embedc.bundle import Bundle
from embedc.execution.program import run_checked
from embedc.ir.types import Array
from embedc.manifest import Port
from embedc.targets.toolchain import WARNINGS
from tests.emit.compiling import compile_c, usable
from tests.emit.small_models import indexing, model, random_weights
from tests.emit.state_models import gru_cell

more = pytest.mark.skipif("EMBEDC_LARGE" not in os.environ, reason="set EMBEDC_LARGE=1 for every compiler")
COMPILERS = [
    ("gcc", "g++", ()),
    pytest.param("clang-19", "clang++-19", (), marks=more),
    pytest.param("gcc", "g++", ("-flto",), marks=more),
]
HEAP = ("malloc", "calloc", "realloc", "aligned_alloc", "free")
HEADER = """#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>
"""
CHECKS = """
static thread_local bool inside = false;
%s
template <typename T> static void show(const char *name, const T *data, size_t count) {
  std::printf("%%s", name);
  for (size_t i = 0; i < count; i++) std::printf(" %%.9g", static_cast<double>(data[i]));
  std::printf("\\n");
}
"""
WRAPPED = """extern "C" void *__real_{0}(size_t a, size_t b);
extern "C" void *__wrap_{0}(size_t a, size_t b);
extern "C" void *__wrap_{0}(size_t a, size_t b) {{
  if (inside) std::abort();
  return __real_{0}(a, b);
}}"""
MODEL = """
struct {name}_call {{
  {fields}
  alignas({upper}_SCRATCH_ALIGN) unsigned char scratch[{upper}_SCRATCH_BYTES + 1];
  {state}
  int calls() {{
    {begin}
    for (int k = 0; k < {calls}; k++) {{
      std::memset(scratch, 0xFF, sizeof scratch);
      {write}
      inside = true;
      const int status = {run};
      inside = false;
      if (status != {upper}_OK) return status;
      {read}
    }}
    return 0;
  }}
}};
static {name}_call {name}_first, {name}_second;
"""
MAIN = """
int main() {{
  int status = 0;
  std::vector<std::thread> threads;
  {start}
  for (std::thread &thread : threads) thread.join();
  {compare}
  {show}
  return status;
}}
"""


@dataclass(frozen=True)
class Part:
    """A model in the program, under a name and options of its own."""

    name: str
    model: onnx.ModelProto
    options: dict[str, object]
    target: str = "c"


def network() -> onnx.ModelProto:
    """One kernel of its own and one nest."""
    nodes = [
        helper.make_node("Conv", ["image", "w"], ["c"], name="convolution", pads=[1, 1, 1, 1]),
        helper.make_node("Softmax", ["c"], ["y"], name="softmax", axis=1),
    ]
    return model(nodes, {"image": (1, 3, 6, 6)}, {"y": (1, 5, 6, 6)}, random_weights(w=(5, 3, 3, 3)))


def parts() -> list[Part]:
    """One model in every form, and others."""
    return [
        Part("plain", network(), {}),
        Part("again", network(), {}),
        Part("vectors", network(), {}, "x86-avx2"),
        Part("alone", network(), {"single_file": True}),
        Part("blob", network(), {"weights": "assembly", "io_in_scratch": True}),
        Part("layers", network(), {"input_layouts": {"image": "nhwc"}, "optimize": "size"}),
        Part("picking", indexing(), {"io_in_scratch": True}),
        Part("stream", gru_cell().model, {"state": gru_cell().states}),
    ]


def values(port: Port) -> Array:
    """What both the program and the reference are given, in the model's order."""
    count = int(np.prod(port.shape))
    return ((np.arange(count) * 7 % 23 - 11) / 8).astype(port.dtype).reshape(port.shape)


def literals(array: Array) -> str:
    return ", ".join(f"{x:.6f}f" for x in array.reshape(-1).tolist())


def text_of(bundle: Bundle) -> str:
    """A struct that holds the memory of one caller, and calls the model."""
    described, name, upper = bundle.described, bundle.described.name, bundle.described.macro
    ports = (*described.inputs, *described.outputs)
    fields = [f"float {p.c_name}[{p.bytes // 4}];" for p in described.outputs]
    fields += [f"float {p.c_name}[{p.bytes // 4}] = {{{literals(p.stored(values(p)))}}};" for p in described.inputs]
    state = ["state"] if described.states else []
    held = [] if described.io_in_scratch else [p.c_name for p in ports]
    write = [f"std::memcpy({name}_input_{p.c_name}(scratch), {p.c_name}, {p.bytes});" for p in described.inputs]
    read = [f"std::memcpy({p.c_name}, {name}_output_{p.c_name}(scratch), {p.bytes});" for p in described.outputs]
    return MODEL.format(
        name=name,
        upper=upper,
        fields="\n  ".join(fields),
        state=f"alignas({upper}_STATE_ALIGN) unsigned char state[{upper}_STATE_BYTES];" if state else "",
        begin=f"if ({name}_state_init(state) != {upper}_OK) return 9;" if state else "",
        calls=CALLS,
        write="\n      ".join(write) if described.io_in_scratch else "",
        read="\n      ".join(read) if described.io_in_scratch else "",
        run=f"{name}({', '.join([*held, *state, 'scratch'])})",
    )


CALLS = 20


def program_of(bundles: list[Bundle]) -> str:
    names = [b.described.name for b in bundles]
    outputs = [(b.described.name, p) for b in bundles for p in b.described.outputs]
    start = [
        f"threads.emplace_back([] {{ if ({n}_{which}.calls() != 0) std::abort(); }});"
        for which, n in itertools.product(("first", "second"), names)
    ]
    compare = [
        f"if (std::memcmp({n}_first.{p.c_name}, {n}_second.{p.c_name}, {p.bytes}) != 0) status = 1;" for n, p in outputs
    ]
    show = [f'show("{n}.{p.c_name}", {n}_first.{p.c_name}, {p.bytes // 4});' for n, p in outputs]
    includes = "".join(f'#include "{n}.h"\n' for n in names)
    wrapped = "\n".join(WRAPPED.format(function) for function in HEAP)
    main = MAIN.format(start="\n  ".join(start), compare="\n  ".join(compare), show="\n  ".join(show))
    return HEADER + includes + CHECKS % wrapped + "".join(map(text_of, bundles)) + main


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Bundle]:
    folder = tmp_path_factory.mktemp("bundles")
    usable("x86-avx2")
    return [embedc.compile(p.model, p.target, folder / p.name, name=p.name, **p.options) for p in parts()]  # pyright: ignore[reportArgumentType]


def expected(bundles: list[Bundle]) -> Iterator[tuple[str, Array]]:
    """What each bundle computes on its own, in this process."""
    for bundle in bundles:
        bundle.reset()
        inputs = {p.name: values(p) for p in bundle.described.inputs}
        outputs = [bundle.run(inputs) for _ in range(CALLS if bundle.described.states else 1)][-1]
        yield from ((f"{bundle.described.name}.{p.c_name}", outputs[p.name]) for p in bundle.described.outputs)


@pytest.mark.parametrize(("c", "cpp", "flags"), COMPILERS, ids=lambda v: v if isinstance(v, str) else " ".join(v))
def test_bundles_in_one_program(
    bundles: list[Bundle], c: str, cpp: str, flags: tuple[str, ...], tmp_path: Path
) -> None:
    """onnx-mlir #2615: symbols of two models clash; emx-onnx-cgen #739: memory from malloc; twenty threads at once."""
    if not (shutil.which(c) and shutil.which(cpp)):
        pytest.skip(f"no {c}")
    objects: list[str] = []
    for bundle in bundles:
        for source in bundle.described.sources:
            target = str(tmp_path / f"{source}.o")
            compile_c([c, "-std=c99", "-O2", *bundle.target.cflags, *flags], [source], bundle.path, "-c", "-o", target)
            objects.append(target)
        shutil.copy(bundle.path / f"{bundle.described.name}.h", tmp_path)
    (tmp_path / "main.cpp").write_text(program_of(bundles))
    wraps = [f"-Wl,--wrap={function}" for function in HEAP]
    warnings = [w for w in WARNINGS if w != "-Wconversion"]
    compile_c(
        [cpp, "-std=c++11", "-O1", "-pthread", *warnings, *flags],
        ["main.cpp", *objects, "-lm", "-o", "program"],
        tmp_path,
        *wraps,
        "-Wl,--fatal-warnings",
    )
    printed = dict(line.split(" ", 1) for line in run_checked([str(tmp_path / "program")]).splitlines())
    wanted = dict(expected(bundles))
    assert printed.keys() == wanted.keys()
    for name, array in wanted.items():
        np.testing.assert_allclose(np.fromstring(printed[name], sep=" "), array.reshape(-1), rtol=1e-5, atol=1e-6)
