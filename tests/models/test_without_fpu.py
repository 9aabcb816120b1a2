"""Quantized models on cores without floating point: no float instruction, and no call of what emulates one."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import embedc
from embedc.targets.toolchain import CFLAGS
from tests.models.catalogue import file_of

MODELS = (
    "mlperf_kws_dscnn_int8",
    "mlperf_ic_resnet_int8",
    "mlperf_ad_autoenc_int8",
    "person_detect_int8",
    "mbv1_025_128_uint8",
    "micro_speech_int8",
)
CORES = {
    "cortex-m3": (("arm-none-eabi-gcc", "-mcpu=cortex-m3", "-mthumb"), ("arm-none-eabi-nm", "arm-none-eabi-objdump")),
    "rv64imac": (
        ("riscv64-linux-gnu-gcc", "-march=rv64imac", "-mabi=lp64"),
        ("riscv64-linux-gnu-nm", "riscv64-linux-gnu-objdump"),
    ),
}
EMULATED = re.compile(
    r"^__aeabi_(?:[fd](?:r?sub|add|mul|div|cmp|2)|u?[il]2[fd])"
    r"|^__(?:add|sub|mul|div|neg|eq|ne|lt|le|gt|ge|unord|float|fix|extend|trunc)[a-z]*[sdt]f"
    r"|^(?:fma|rint|exp|tanh|log|sqrt|pow|erf|floor|ceil|fmod)f?$"
)
FLOATING = re.compile(r"\t(?:v(?:add|mul|fma|cvt|mov|ldr|str)\.f|f(?:add|mul|madd|cvt|l[wd]|s[wd])[. ])")


def symbols(nm: str, objects: list[Path]) -> list[str]:
    """What the objects want from libraries."""
    done = subprocess.run([nm, "-u", *map(str, objects)], capture_output=True, text=True, check=True)
    return [line.split()[-1] for line in done.stdout.splitlines() if line.strip().startswith("U ")]


@pytest.mark.parametrize("core", list(CORES))
@pytest.mark.parametrize("model", MODELS)
def test_no_float_operation(model: str, core: str, tmp_path: Path) -> None:
    compiler, (nm, objdump) = CORES[core]
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"{compiler[0]} is not installed")
    bundle = embedc.compile(file_of(model), target="c", out_dir=tmp_path / "model", require="integer")
    sources = [s for s in bundle.described.product_sources if s.endswith(".c")]
    stubs = tmp_path / "gnu" / "stubs-lp64.h"  # Debian's headers want it and do not have it
    stubs.parent.mkdir()
    stubs.touch()
    command = [*compiler, *CFLAGS, "-O2", "-w", f"-I{tmp_path}", "-c", *sources]
    done = subprocess.run(command, cwd=bundle.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[:2000]
    objects = [bundle.path / Path(s).with_suffix(".o").name for s in sources]
    assert [s for s in symbols(nm, objects) if EMULATED.search(s)] == []
    listing = subprocess.run([objdump, "-d", *map(str, objects)], capture_output=True, text=True, check=True).stdout
    assert "ec_" in listing or "model" in listing
    assert FLOATING.findall(listing) == []


@pytest.mark.parametrize("core", list(CORES))
def test_floats_are_found(core: str, tmp_path: Path) -> None:
    """The test can fail: a product of floats wants what emulates it."""
    compiler, (nm, _) = CORES[core]
    if shutil.which(compiler[0]) is None:
        pytest.skip(f"{compiler[0]} is not installed")
    (tmp_path / "f.c").write_text("float f(float a, int b) { return a * (float)b; }\n")
    subprocess.run([*compiler, "-O2", "-c", "f.c"], cwd=tmp_path, check=True)
    assert [s for s in symbols(nm, [tmp_path / "f.o"]) if EMULATED.search(s)] != []
