"""Runs ONNX's backend suite on target `c` under the sanitizers: python -m tests.conformance [--help]."""

import argparse
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from tests.conformance.batch import run_batch
from tests.conformance.expected import contradictions, read_expected, write_expected
from tests.conformance.outcome import Outcome, Verdict
from tests.conformance.suite import Case, cases

SIZE = 32  # cases for each run of the C compiler


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 1 where a case does not end as the list of expected failures says."""
    options = _parser().parse_args(arguments)
    chosen = [case for case in cases() if _wanted(case, options)]
    if options.listed:
        chosen = [case for case in chosen if case.name in read_expected()]
    started = time.perf_counter()
    outcomes = run(chosen, options.jobs)
    if options.list_failures:
        print("\n".join(_failures(outcomes)))
    if options.by_operator:
        print("\n".join(_by_operator(chosen, outcomes)))
    if options.update:
        write_expected(read_expected(), outcomes)
    print(_summary(outcomes, time.perf_counter() - started))
    complaints = list(contradictions(read_expected(), outcomes, complete=len(chosen) == len(cases())))
    print("\n".join(complaints) if complaints else "every case ended as expected")
    return 1 if complaints else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("-k", dest="part", default="", metavar="PART", help="only cases with PART in their names")
    parser.add_argument("--op", default="", metavar="NAME", help="only cases with this operator")
    parser.add_argument("--listed", action="store_true", help="only cases that are expected to fail")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: one for each CPU)")
    parser.add_argument("--list-failures", action="store_true", help="every case that does not pass, by reason")
    parser.add_argument("--by-operator", action="store_true", help="how many cases pass for each operator")
    parser.add_argument("--update", action="store_true", help="write the list of expected failures anew")
    return parser


def _wanted(case: Case, options: argparse.Namespace) -> bool:
    return options.part in case.name and (not options.op or options.op in case.operators())


def run(chosen: Sequence[Case], jobs: int) -> list[Outcome]:
    """The outcome of each case, computed by several processes; neighbours in the suite go into different batches."""
    count = -(-len(chosen) // SIZE)
    batches = [chosen[k::count] for k in range(count)]
    found: dict[str, Outcome] = {}
    with ProcessPoolExecutor(max(1, min(jobs, count))) as pool:
        for number, done in enumerate(as_completed([pool.submit(run_batch, batch) for batch in batches]), 1):
            found.update((outcome.name, outcome) for outcome in done.result())
            if sys.stderr.isatty():
                print(f"\r{number}/{count} batches", end="\r", file=sys.stderr)
    return [found[case.name] for case in chosen]


def _normal(reason: str) -> str:
    """A reason without what differs from case to case."""
    text = re.sub(r"'[^']*'", "'…'", reason)
    text = re.sub(r"first at .*|\[[^\]]*\]", "…", text)
    return re.sub(r"-?\d+(\.\d+)?(e[-+]?\d+)?", "N", text)


def _failures(outcomes: Sequence[Outcome]) -> Iterator[str]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.verdict is not Verdict.PASSED:
            groups[f"{outcome.verdict}: {_normal(outcome.reason)}"].append(outcome)
    for title, members in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        yield f"{len(members):4} {title}"
        yield from (f"       {o.name}: {o.reason}" for o in members)


def _by_operator(chosen: Sequence[Case], outcomes: Sequence[Outcome]) -> Iterator[str]:
    passed, total = Counter[str](), Counter[str]()
    for case, outcome in zip(chosen, outcomes, strict=True):
        operator = next(iter(case.operators()), "none")
        total[operator] += 1
        passed[operator] += outcome.verdict is Verdict.PASSED
    yield from (f"{passed[name]:5} of {total[name]:3}  {name}" for name in sorted(total))


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    constant = sum(o.verdict is Verdict.PASSED and not o.inputs for o in outcomes)
    told = ", ".join(f"{verdicts[v]} {v}" for v in Verdict)
    return f"{len(outcomes)} cases in {seconds:.0f} s: {told}; of those passed {constant} have no input at run time"


if __name__ == "__main__":
    sys.exit(main())
