"""Features against Polars, DuckDB and featuretools: 12 kinds × 6 windows, in one run.

Run: ``python evaluation/benchmarks/features.py`` (about ten minutes), or with
``--quick`` for a size that suits continuous integration. Needs ``fs-risk[bench]``;
featuretools needs an environment of its own, named by ``--featuretools PYTHON``.
All sides must agree; a peer that is not installed is said to be missing. Results go to
``results/features.json``.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import measured
import numpy as np
from feature_rows import rows_of
from feature_work import (
    COLUMNS,
    all_features,
    as_records,
    count_frames,
    count_keys,
    draw,
    features_into,
    memory_for,
    touch,
)
from featuretools_run import by_featuretools

if PEERS := bool(find_spec("polars") and find_spec("duckdb")):
    from feature_peers import (
        by_duckdb,
        by_polars,
        by_polars_from_tables,
        duckdb_keys,
        duckdb_threads,
        polars_keys,
        polars_tables,
        polars_threads,
    )

RESULTS = measured.RESULTS / "features.json"
FULL, QUICK = (1_500_000, 6_000_000), (30_000, 120_000)
CLOCK = 0.01
"""Seconds that the system's clock of the processors can tell."""

Works = dict[str, Callable[[], Any]]
Runs = list[tuple[float, float]]
"""Seconds by the clock, and on the processors outside the system, of each run."""


def timed(
    works: Works, repeats: int, *, ready: Callable[[], Any] = gc.collect
) -> tuple[dict[str, Runs], dict[str, Any]]:
    """Run all sides in turn, several rounds; give the seconds of each run and what was made.

    In turn, so that a machine that is busy for a while is busy for all of them; `ready`
    is done before each, off the clock.
    """
    seconds: dict[str, Runs] = {name: [] for name in works}
    made = {}
    for _ in range(repeats):
        for name, work in works.items():
            made.pop(name, None)
            ready()
            start, processor = time.perf_counter(), os.times().user
            made[name] = work()
            seconds[name].append((time.perf_counter() - start, os.times().user - processor))
    return seconds, made


def best_of(runs: Runs, which: int = 0) -> float:
    """Give the best run by the clock, or (1) on the processors."""
    return max(min(run[which] for run in runs), 1e-6)


def rounded(runs: Runs) -> list[float]:
    """Give the seconds of each run by the clock, for print."""
    return [round(run[0], 4) for run in runs]


def times_of(runs: Runs, others: Runs) -> dict[str, Any]:
    """Give how many times as long `runs` took as `others`, several ways."""
    times = {
        "best run": round(best_of(runs) / best_of(others), 2),
        "each round": [round(a[0] / b[0], 2) for a, b in zip(runs, others, strict=False)],
    }
    if min(best_of(runs, 1), best_of(others, 1)) >= CLOCK:
        times["on the processors"] = round(best_of(runs, 1) / best_of(others, 1), 2)
    return times


def compared(what: str, seconds: dict[str, Runs], bars: dict[str, float]) -> dict[str, Any]:
    """Say the time of each side, and the ratios to ours."""
    ours = seconds["fs_risk"]
    peers = {name: runs for name, runs in seconds.items() if name != "fs_risk"}
    return {
        "what": what,
        "seconds": {name: rounded(runs) for name, runs in seconds.items()},
        "processor seconds": {
            name: round(best_of(runs, 1), 3) for name, runs in seconds.items() if runs[0][1]
        },
        "times fs_risk": {name: times_of(runs, ours) for name, runs in peers.items()},
        "bars": bars,
    }


def must_agree(ours: np.ndarray, theirs: np.ndarray, peer: str) -> None:
    """Stop when a peer counts otherwise."""
    if not np.array_equal(ours, theirs):
        raise SystemExit(f"{peer} disagrees on {int((ours != theirs).sum())} counts")


def from_keys(size: tuple[int, int], repeats: int) -> dict[str, Any]:
    """Row (a): from unsorted integer keys to one matrix."""
    events, cases = draw(*size)
    works: Works = {"fs_risk": lambda: count_keys(events, cases)}
    if PEERS:
        event_frame, case_frame = polars_keys(events, cases)
        connection = duckdb_keys(events, cases)
        works["polars"] = lambda: by_polars(event_frame.lazy(), case_frame.lazy())
        works["duckdb"] = lambda: by_duckdb(connection)
    seconds, made = timed(works, repeats)
    if PEERS:
        must_agree(made["fs_risk"], made.pop("polars").drop("case").to_numpy(), "Polars")
        must_agree(made["fs_risk"], made["duckdb"], "DuckDB")
    bars = {"polars": 8.0, "duckdb": 20.0}
    return compared("(a) from unsorted integer keys to one matrix", seconds, bars)


def memory_of(what: str, work: Callable[[], Any]) -> dict[str, Any]:
    """Tell the most memory held beyond what was held before, as a multiple of the output."""
    status, reset = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if not os.access(reset, os.W_OK):
        return {"what": what, "skipped": "this system does not tell the peak of a process"}

    def kilobytes(field: str) -> int:
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field))

    gc.collect()
    reset.write_text("5", encoding="utf-8")
    before = kilobytes("VmRSS")
    made = np.asarray(work())
    times = (kilobytes("VmHWM") - before) * 1024 / made.nbytes
    return {
        "what": f"{what}: most memory beyond the input",
        "output MB": round(made.nbytes / 1e6),
        "times": round(times, 2),
        "bar": 4.0,
    }


def from_frames(size: tuple[int, int], repeats: int) -> list[dict[str, Any]]:
    """Row (b): from tables with text ids to a frame; and all features of the catalogue."""
    records, cohort = as_records(*draw(*size))
    works: Works = {"fs_risk": lambda: count_frames(records, cohort)}
    if PEERS:
        tables = polars_tables(records, cohort)
        works["polars"] = lambda: by_polars_from_tables(tables)
    seconds, made = timed(works, repeats)
    if PEERS:
        must_agree(made["fs_risk"].to_numpy(), made["polars"].drop("case").to_numpy(), "Polars")
    row = compared("(b) from frames with text ids to a frame", seconds, {"polars": 2.0})
    made.clear()
    whole, built = timed({"all": lambda: all_features(records, cohort)}, repeats)
    n_features = built["all"].shape[1]
    each, other = best_of(whole["all"]) / n_features, best_of(seconds["fs_risk"]) / COLUMNS
    return [
        row,
        {
            "what": "all features of the catalogue, feature for feature",
            "features": n_features,
            "seconds": rounded(whole["all"]),
            "times": round(each / other, 2),
            "bar": 3.0,
        },
    ]


def _tables(n_cases: int, n_events: int) -> tuple[Any, ...]:
    return as_records(*draw(n_cases, n_events))


def _tables_and_memory(n_cases: int, n_events: int) -> tuple[Any, ...]:
    return *_tables(n_cases, n_events), memory_for(n_cases)


def growth(size: tuple[int, int], repeats: int) -> list[dict[str, Any]]:
    """How much longer ten times the work takes.

    The host of a virtual machine may take free memory back within seconds, and then
    charge more for the first touch of a gigabyte than the work on it takes. So memory is
    touched and freed before each run, off the clock: the system still clears each page
    on the clock, the host does not find it again. All features are also built into
    memory at hand, and the touch alone is a row of its own.
    """
    small = (size[0] // 10, size[1] // 10)

    def ready() -> None:
        gc.collect()
        touch(2 * size[0], 0)

    rows = []
    for name, work, make in (
        ("(a) counts from keys", count_keys, draw),
        ("all features from frames", all_features, _tables),
        ("all features from frames into memory at hand", features_into, _tables_and_memory),
        ("first touch of memory for all features, no work", touch, lambda *given: given),
    ):
        inputs = {"tenth": make(*small), "whole": make(*size)}
        seconds, _ = timed(
            {which: partial(work, *given) for which, given in inputs.items()},
            repeats,
            ready=ready,
        )
        rows.append(
            {
                "what": f"{name}, ten times the work, the host's memory awake",
                "seconds": {which: rounded(runs) for which, runs in seconds.items()},
                "processor seconds": {
                    which: round(best_of(runs, 1), 2) for which, runs in seconds.items()
                },
                "times": times_of(seconds["whole"], seconds["tenth"]),
                "bar": 11.0,
            }
        )
    del rows[-1]["bar"]
    return rows


OWN = {
    "memory (a)": lambda size, repeats: [memory_of("(a)", partial(count_keys, *draw(*size)))],
    "memory of all": lambda size, repeats: [
        memory_of("all features of the catalogue", partial(all_features, *as_records(*draw(*size))))
    ],
    "growth": lambda size, repeats: growth(size, repeats),
}
"""Rows measured in a process of their own, by name."""


def in_own_process(row: str, size: tuple[int, int], repeats: int) -> list[dict[str, Any]]:
    """Measure rows where nothing was held before."""
    command = [sys.executable, __file__, "--only", row, "--cases", str(size[0])]
    done = subprocess.run(
        [*command, "--repeats", str(repeats)],
        capture_output=True,
        text=True,
        check=True,
    )
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def against_featuretools(interpreter: Path | None, n_cases: int) -> dict[str, Any]:
    """Row (a) on a sample, with facts known at once: featuretools keeps a single clock."""
    what = f"(a) on a sample of {n_cases} cases, known on the day, against featuretools"
    if interpreter is None or measured.lacks(interpreter, "featuretools"):
        reason = "name a Python that has featuretools with --featuretools"
        return {"what": what, "skipped": reason, "peer": "featuretools", "bar": 100.0}
    events, cases = draw(n_cases, 4 * n_cases)
    events["known"] = events["day"]
    theirs, counts, versions = by_featuretools(interpreter, events, cases)
    seconds, made = timed({"fs_risk": lambda: count_keys(events, cases)}, 5)
    must_agree(made["fs_risk"], counts, "featuretools")
    both = {**seconds, "featuretools": [(theirs, 0.0)]}
    row = compared(what, both, {"featuretools": 100.0})
    return {**row, "versions": versions}


def main() -> None:
    """Run all rows, and write them with their bars."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small size, for a first look")
    parser.add_argument("--cases", type=int)
    parser.add_argument("--repeats", type=int)
    parser.add_argument("--featuretools", type=Path, metavar="PYTHON")
    parser.add_argument("--featuretools-cases", type=int)
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--only", choices=list(OWN), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    size = QUICK if chosen.quick else FULL
    repeats = chosen.repeats or (1 if chosen.quick else 5)
    if chosen.cases:
        size = (chosen.cases, 4 * chosen.cases)
    if chosen.only:
        count_keys(*draw(1_000, 5_000))  # compile before the clock starts
        all_features(*as_records(*draw(1_000, 5_000)))
        print(json.dumps(OWN[chosen.only](size, repeats)))
        return
    sample = chosen.featuretools_cases or (10 if chosen.quick else 100)
    watch = measured.Watch()
    count_keys(*draw(1_000, 5_000))  # compile before the clock starts
    all_features(*as_records(*draw(1_000, 5_000)))
    rows = [
        from_keys(size, repeats),
        *in_own_process("memory (a)", size, 1),
        against_featuretools(chosen.featuretools, sample),
        *from_frames(size, repeats),
        *in_own_process("memory of all", size, 1),
        *in_own_process("growth", size, repeats),
    ]
    threads = {"fs_risk": os.cpu_count()}
    if PEERS:
        threads |= {"polars": polars_threads(), "duckdb": duckdb_threads()}
    result = watch.result(
        "features",
        f"Features: 12 kinds × 6 windows, {size[0]:,} cases, {size[1]:,} events",
        rows_of(rows),
        packages=("numba", "numpy", "pandas", "polars", "duckdb"),
        quick=size != FULL,
        details={"threads": threads, "rows": rows},
        versions={"featuretools": rows[2]["versions"]["featuretools"]} if "versions" in rows[2]
        else {},
    )  # fmt: skip
    measured.write(result, chosen.output)


if __name__ == "__main__":
    main()
