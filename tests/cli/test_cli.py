"""The command line: what it writes, prints and returns."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from tests.cli.conftest import EVIL, Command, tiny_model
from tests.frontends import small
from tests.quantized_nets import Net

from embedc import driver
from embedc.cli import main
from embedc.verify.onnxruntime import Oracle

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(driver.__file__).parents[1])}
C = ("--target", "c", "--dim", "batch=1")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def is_tame(text: str) -> bool:
    return not any(c in text for c in ("\x1b", "\u202e")) and not any(
        line.startswith("\u202e") for line in text.splitlines()
    )


def test_compiles_and_tells(embedc: Command, model: Path) -> None:
    result = embedc(model, *C, "-o", "out")
    assert result.code == 0
    assert "manifest.json" in contents(Path("out"))
    for word in ("tiny for c", "parameters  1,504", "scratch", "stack", "ec_conv_f32", "\\x1b[31mevil[bold]"):
        assert word in result.out
    assert "choose kernels" in result.err
    assert is_tame(result.out + result.err)


def test_the_same_bytes_every_time(embedc: Command, model: Path) -> None:
    embedc(model, *C, "-o", "a")
    command = [sys.executable, "-m", "embedc", str(model), *C, "-o", "b", "--quiet"]
    subprocess.run(command, check=True, env={**ENVIRONMENT, "PYTHONHASHSEED": "7"})
    assert contents(Path("a")) == contents(Path("b"))


def test_the_folder_and_the_symbols_are_named_after_the_file(embedc: Command, model: Path) -> None:
    strange = model.rename(model.with_name("2.log-final.onnx"))
    assert embedc(strange, *C, "--quiet").code == 0
    assert Path("model_2_log_final/model_2_log_final.h").is_file()


def test_quiet_and_json(embedc: Command, model: Path) -> None:
    assert embedc(model, *C, "-o", "out", "--quiet").out == ""
    result = embedc(model, *C, "-o", "out", "--json")
    assert json.loads(result.out)["name"] == "tiny"
    assert result.err == ""


def test_explain_prints_candidates(embedc: Command, model: Path) -> None:
    result = embedc(model, *C, "--explain")
    assert "* ec_conv_f32" in result.out
    assert embedc(model, *C, "--explain=nothing").code == 2


def test_explain_tells_what_a_quantized_model_computes_in_floats(embedc: Command) -> None:
    net = Net(np.random.default_rng(0))
    sine = net.node("Sin", net.input(np.uint8, (2, 3), 0.1, 3))
    output = net.node("QuantizeLinear", sine, net.constant(np.float32(0.01)), net.constant(np.uint8(128)))
    onnx.save(net.model(output), "sine.onnx")  # pyright: ignore[reportUnknownMemberType]
    result = embedc("sine.onnx", "--target", "c", "--explain")
    assert "node 'n2' (QuantizeLinear): it computes sin" in " ".join(result.out.split())


def test_dumps_every_stage(embedc: Command, model: Path) -> None:
    assert embedc(model, *C, "--dump-ir", "dump", "--quiet").code == 0
    names = sorted(p.name for p in Path("dump").iterdir())
    assert names[0] == "00-import.txt"
    assert names[-1].endswith("-plan.txt")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "usage:"),
        (("--no-such-option", "M"), "error: unrecognized arguments"),
        (("M", "--targ", "c"), "error: unrecognized arguments"),
        (("M", "--target", "pdp11"), "error: unknown target 'pdp11'\n    targets: host, arm-neon"),
        (("M", "--target", "arm-neon", "--cpu", "z80"), "error: target 'arm-neon' has no CPU 'z80'"),
        (("M", "--dim", "batch"), "error: --dim 'batch' is not NAME=SIZE"),
        (("M", "--dim", "batch=0"), "error: --dim 'batch=0'"),
        (("M", "--dim", "batch=1,batch=2"), "error: --dim gives 'batch' two sizes"),
        (("M", *C, "--name", "int"), "error: the name 'int' cannot be used"),
        (("M", "--target", "c"), "error: tensor 'x': dimension 'batch'"),
        (("absent.onnx", *C), "error: 'absent.onnx' does not exist"),
        (("M", *C, "-o", "mine"), "error: 'mine' is not empty"),
        (("M", *C, "--dump-ir", "mine/notes"), "error: "),
        (("check", "M", "--target", "c"), "error: tensor 'x': dimension 'batch'"),
        (("verify", "M", *C, "--samples", "0"), "error: argument --samples"),
        (("bench", "M", "--dim", "batch=1", "--target", "riscv-rvv"), "error: cannot time 'riscv-rvv' here"),
    ],
)
def test_bad_calls(embedc: Command, model: Path, arguments: tuple[str, ...], said: str) -> None:
    Path("mine").mkdir()
    Path("mine/notes").write_text("")
    before = contents(Path())
    result = embedc(*(str(model) if a == "M" else a for a in arguments))
    assert result.code == 2
    assert said in (result.err if arguments else result.out)
    assert "Traceback" not in result.err
    assert contents(Path()) == before


def test_every_fault_is_told_and_names_are_tame(embedc: Command, tmp_path: Path) -> None:
    model = tiny_model("NoSuchOperator")
    for name in ("Foo", "Bar"):
        model.graph.node.append(onnx.helper.make_node(name, ["y"], [f"{EVIL}{name}"], name=EVIL))
        model.graph.output.append(onnx.ValueInfoProto(name=f"{EVIL}{name}"))
    (tmp_path / "bad.onnx").write_bytes(model.SerializeToString())
    for command in ((), ("check",)):
        result = embedc(*command, tmp_path / "bad.onnx", *C)
        assert result.code == 2
        assert result.err.count("error: ") - result.err.count("evil[bold]") >= 0
        assert all(word in result.err for word in ("NoSuchOperator", "Foo", "Bar"))
        assert is_tame(result.out + result.err)


@pytest.mark.parametrize(("blow", "code"), [(KeyError("x"), 3), (RecursionError(), 3), (KeyboardInterrupt(), 130)])
def test_bugs_and_interrupts(
    embedc: Command, model: Path, monkeypatch: pytest.MonkeyPatch, blow: BaseException, code: int
) -> None:
    def fails(*_: object) -> None:
        raise blow

    monkeypatch.delenv("EMBEDC_DEBUG", raising=False)
    monkeypatch.setattr(driver, "emit", fails)
    result = embedc(model, *C, "-o", "out")
    assert result.code == code
    assert ("please report" in result.err) == (code == 3)
    assert "Traceback" not in result.err
    assert contents(Path()) == {}


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m embedc targets | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert (done.returncode, done.stderr) == (0, "")


def test_targets_and_version(embedc: Command) -> None:
    result = embedc("targets")
    assert result.code == 0
    assert all(name in result.out for name in ("arm-neon", "riscv-rvv", "x86-avx512", "cortex-a53"))
    assert main(["--version"]) == 0


def test_check_surveys(embedc: Command, model: Path) -> None:
    result = embedc("check", model, *C)
    assert result.code == 0
    assert "Conv x1" in result.out
    assert "compiles for c" in result.out
    survey = json.loads(embedc("check", model, "--json", "--target", "c").out)
    assert survey["open_dims"] == [{"name": "batch", "input": "x", "axis": 0}]
    assert survey["faults"]


def test_verify_of_a_model_that_computes_nothing(embedc: Command, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(small.single("Identity", {"x": small.floats(2, 3)}).SerializeToString())
    result = embedc("verify", tmp_path / "net.onnx", "--target", "c")
    assert result.code == 0, result.err
    assert "native against interpreter: agrees, 1 tensor" in result.out


def test_verify_passes_and_fails(embedc: Command, model: Path, tmp_path: Path) -> None:
    result = embedc("verify", model, *C)
    assert result.code == 0
    assert "native against interpreter: agrees" in result.out
    assert "against ONNX Runtime unoptimized: agrees" in result.out
    assert is_tame(result.out)
    x = np.ones((1, 3, 8, 8), np.float32)
    y = Oracle(model, {"y": "y"}, optimized=False).run({"x": x})["y"]
    np.savez(tmp_path / "right.npz", s0_in0=x, s0_out0=y)
    assert embedc("verify", model, *C, "--inputs", tmp_path / "right.npz").code == 0
    np.savez(tmp_path / "wrong.npz", s0_in0=x, s0_out0=y * 1.01)
    result = embedc("verify", model, *C, "--inputs", tmp_path / "wrong.npz")
    assert result.code == 1
    assert "against wrong.npz: departs first at layer 'product'" in result.out
    report = json.loads(embedc("verify", model, *C, "--inputs", tmp_path / "wrong.npz", "--json").out)
    assert not report["passed"]


def test_bench_times_layers(embedc: Command, model: Path) -> None:
    assert "GFLOP/s" in embedc("bench", model, *C, "--runs", 5).out
    times = json.loads(embedc("bench", model, *C, "--runs", 5, "--json").out)
    assert times["total"]["median_us"] > 0
    assert "product" in {layer["name"] for layer in times["layers"]}


def test_bench_gives_a_rival_the_floats_of_quantized_inputs(embedc: Command) -> None:
    text = """<ir_version: 8, opset_import: ["": 17]> relu (float[1, 64] x) => (float[1, 64] y)
        <float s = {0.1}, uint8 z = {3}> {
            q = QuantizeLinear(x, s, z) d = DequantizeLinear(q, s, z) r = Relu(d)
            p = QuantizeLinear(r, s, z) y = DequantizeLinear(p, s, z)
        }"""
    onnx.save(onnx.parser.parse_model(text), "relu.onnx")  # pyright: ignore[reportUnknownMemberType]
    result = embedc("bench", "relu.onnx", "--target", "c", "--io", "quantized", "--runs", 5)
    assert result.code == 0
    assert "the time of embedc" in result.out, result.err
