"""A part of a fuzz: makes each file from its number alone, so that any of them can be made again."""

import random
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.mutations import mutated
from tests.fuzz.running import DONE, REFUSED, Ended, compile_file, fresh, verify_file, warm_up
from tests.fuzz.seeds import Seed, seed_models

ENDS = {DONE: "compiled", REFUSED: "refused"}
MEASURED = 8  # one in so many compilations also builds the code


@dataclass(frozen=True)
class Finding:
    """How one file ended; `data` is the file where there is a complaint."""

    number: int
    seed: str
    end: str
    complaint: str
    output: str
    data: bytes


def run_part(seed: int, numbers: Iterable[int], verified: int) -> list[Finding]:
    """Compiles the files with these numbers and verifies one in `verified` of those that compile, none where it is 0."""
    seeds = seed_models()
    with tempfile.TemporaryDirectory(prefix="embedc-fuzz-") as work:
        warm_up(Path(work))
        return [_one(seed, number, verified, seeds, Path(work) / "one") for number in numbers]


def _one(seed: int, number: int, verified: int, seeds: list[list[Seed]], folder: Path) -> Finding:
    rng = random.Random(f"{seed}/{number}")
    chosen, other = (rng.choice(rng.choice(seeds)) for _ in range(2))
    data = mutated(chosen.read(), other.read(), rng)
    model = fresh(folder) / "model.onnx"
    model.write_bytes(data)
    ended: Ended = compile_file(model, folder, measured=rng.randrange(MEASURED) == 0)
    end = ENDS.get(ended.status, "failed")
    if ended.status == DONE and not ended.complaint and verified and rng.randrange(verified) == 0:
        ended, end = verify_file(model, folder), "verified"
    return Finding(number, chosen.name, end, ended.complaint, ended.output, data if ended.complaint else b"")
