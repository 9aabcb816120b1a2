"""Mutated model files through the command line: python -m tests.fuzz [--help]."""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.fuzz.campaign import Finding, run_part

PARTS = 32  # shares of the work: many enough that processes end together


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 where a file ended in any way but a bundle or a message."""
    options = _parser().parse_args(arguments)
    numbers = options.only or range(options.count)
    started = time.perf_counter()
    findings: list[Finding] = []
    ends = Counter[str]()
    with ProcessPoolExecutor(options.jobs) as pool:
        parts = [pool.submit(run_part, options.seed, numbers[k::PARTS], options.verify) for k in range(PARTS)]
        for part in as_completed(parts):
            for finding in part.result():
                ends[finding.end] += 1
                if finding.complaint:
                    findings.append(finding)
                    print(f"{finding.number} ({finding.seed}): {finding.complaint}", file=sys.stderr)
                    if options.keep:
                        _keep(finding, Path(options.keep))
    told = ", ".join(f"{count} {end}" for end, count in sorted(ends.items()))
    print(f"{len(numbers)} files of seed {options.seed} in {time.perf_counter() - started:.0f} s: {told}")
    print(f"{len(findings)} ended as they must not" if findings else "each ended in a bundle or in a message")
    return 1 if findings else 0


def _keep(finding: Finding, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{finding.number}.onnx").write_bytes(finding.data)
    text = f"{finding.complaint}\n{finding.seed}\n{finding.output}"
    (folder / f"{finding.number}.txt").write_text(text, encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    add = parser.add_argument
    add("--count", type=int, default=2000, help="how many files (default: %(default)d)")
    add("--only", type=int, action="append", default=[], metavar="N", help="just this file of them")
    add("--seed", type=int, default=0, help="of the random numbers (default: %(default)d)")
    add("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one for each CPU)")
    add("--verify", type=int, default=10, metavar="N", help="run every Nth of the models that compile (default: 10)")
    add("--keep", default="", metavar="DIR", help="write the files that ended as they must not into DIR")
    return parser


if __name__ == "__main__":
    sys.exit(main())
