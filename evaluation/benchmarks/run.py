"""All benchmarks in one go, one after the other, and the page of their results.

    python evaluation/benchmarks/run.py --featuretools PYTHON --peers PYTHON

Each runs as its own process, with nothing else of ours beside it; one that fails does not lose
the others. Results go to ``results/``, the page to ``docs/benchmarks.md``. ``--quick`` measures
small sizes and keeps nothing; ``--page`` measures nothing. The exit code is the number of
benchmarks that failed; a bar that is missed is printed, and is no failure.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from machine import BUSY, busy_seconds, load, processors
from measured import RESULTS, Result, read, said
from page import PAGE, WARNING, committed, page_of
from pydantic import ValidationError

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Benchmark:
    """A script, what it asks for, and about how long it takes at full size."""

    name: str
    minutes: float
    peers: str | None = None
    needs: str | None = None
    script: Path | None = None

    @property
    def path(self) -> Path:
        """Where its script is."""
        return self.script or HERE / f"{self.name}.py"


BENCHMARKS = (
    Benchmark("features", 10, peers="featuretools"),
    Benchmark("readers", 3),
    Benchmark("scoring", 6),
    Benchmark("service", 4),
    Benchmark("ledger", 1),
    Benchmark("fairness", 1),
    Benchmark("training", 30, peers="peers"),
    Benchmark("demand", 4, peers="peers", needs="FS_RISK_SAMPLES"),
    Benchmark("start_up", 2),
)

Ended = Literal["measured", "failed", "not run"]


@dataclass(frozen=True)
class Outcome:
    """How one benchmark ended."""

    name: str
    ended: Ended
    seconds: float = 0.0
    why: str = ""
    result: Result | None = None


def run(benchmark: Benchmark, output: Path, more: Sequence[str]) -> Outcome:
    """Run one benchmark in a process of its own; a failure is told, not raised."""
    if benchmark.needs and not os.environ.get(benchmark.needs):
        return Outcome(benchmark.name, "not run", why=f"set {benchmark.needs}")
    output.unlink(missing_ok=True)
    command = [sys.executable, str(benchmark.path), "--output", str(output), *more]
    begun = time.perf_counter()
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    took = time.perf_counter() - begun
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        return Outcome(benchmark.name, "failed", took, why="\n".join(lines[-12:]))
    try:
        return Outcome(benchmark.name, "measured", took, result=read(output))
    except (OSError, ValidationError) as problem:
        return Outcome(benchmark.name, "failed", took, why=f"no result in the form: {problem}")


def options_for(benchmark: Benchmark, asked: argparse.Namespace) -> list[str]:
    """Give a benchmark the options that are its own."""
    more = ["--quick"] if asked.quick else []
    python = getattr(asked, benchmark.peers) if benchmark.peers else None
    return [*more, f"--{benchmark.peers}", str(python)] if python else more


def run_all(
    chosen: Sequence[Benchmark],
    folder: Path,
    options: Callable[[Benchmark], Sequence[str]],
) -> list[Outcome]:
    """Run benchmarks one after the other, saying how far it is."""
    outcomes = []
    for place, benchmark in enumerate(chosen, 1):
        print(
            f"{place} of {len(chosen)}  {benchmark.name} ... ({time.strftime('%H:%M:%S')})",
            flush=True,
        )
        fresh = folder / f"{benchmark.name}.new"
        outcome = run(benchmark, fresh, options(benchmark))
        if outcome.result:
            fresh.replace(folder / f"{benchmark.name}.json")
        fresh.unlink(missing_ok=True)
        tell(outcome)
        outcomes.append(outcome)
    return outcomes


def tell(outcome: Outcome) -> None:
    """Print how a benchmark ended."""
    print(f"        {outcome.ended}, {outcome.seconds:.0f} s")
    for text in outcome.why.splitlines():
        print(f"        {text}")
    for row in outcome.result.rows if outcome.result else ():
        print(f"        {said(row)}")
    if outcome.result and outcome.result.load.is_busy(processors()):
        print(f"        measured on a loaded machine: {outcome.result.load}")
    sys.stdout.flush()


def others_now(seconds: float = 1.0) -> float | None:
    """Tell the share of the processors that others take just now; by the load where untold."""
    before = busy_seconds()
    if before is None:
        seen = load()
        return None if seen is None else seen[0] / processors()
    time.sleep(seconds)
    return ((busy_seconds() or before) - before) / seconds / processors()


def in_short(outcomes: Sequence[Outcome]) -> str:
    """Say in a few lines how all ended, and which bars were missed."""
    lines = []
    for ended in ("measured", "failed", "not run"):
        names = [one.name for one in outcomes if one.ended == ended]
        lines += [f"{ended}: {', '.join(names)}"] if names else []
    for one in outcomes:
        for row in one.result.rows if one.result else ():
            if row.holds is False:
                lines.append(f"bar missed: {one.name}: {said(row)}")
            if row.missing:
                lines.append(f"missing: {one.name}: {row.peer or row.work}: {row.missing}")
    return "\n".join(lines)


def arguments() -> argparse.ArgumentParser:
    """Say what can be asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [each.name for each in BENCHMARKS]
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--quick", action="store_true", help="small sizes; nothing is kept")
    parser.add_argument("--page", action="store_true", help="write the page and measure nothing")
    parser.add_argument("--featuretools", metavar="PYTHON", help="a Python that has featuretools")
    parser.add_argument("--peers", metavar="PYTHON", help="a Python that has xgboost, catboost, "
                        "statsforecast and mlforecast")  # fmt: skip
    return parser


def main() -> int:
    """Run what was asked for, and write the page."""
    asked = arguments().parse_args()
    if asked.page:
        PAGE.write_text(page_of(committed(RESULTS)), encoding="utf-8")
        return 0
    chosen = [each for each in BENCHMARKS if not asked.only or each.name in asked.only]
    taken = others_now()
    if taken is not None and taken > BUSY:
        print(f"Warning: {WARNING}", flush=True)
    if not asked.quick:
        print(f"About {sum(each.minutes for each in chosen):.0f} minutes on two quiet processors.")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if asked.quick else RESULTS
        outcomes = run_all(chosen, folder, lambda one: options_for(one, asked))
    if not asked.quick:
        PAGE.write_text(page_of(committed(RESULTS)), encoding="utf-8")
    print(in_short(outcomes))
    return sum(one.ended == "failed" for one in outcomes)


if __name__ == "__main__":
    raise SystemExit(main())
