"""Features against Polars, DuckDB and featuretools: 12 kinds × 6 windows, in one run.

Run: ``python evaluation/benchmarks/features.py`` (about ten minutes), or with
``--quick`` for a size that suits continuous integration. Needs ``fs-risk[bench]``;
featuretools needs an environment of its own, named by ``--featuretools PYTHON``.
All sides must agree. Results, bars and machine go to ``results/features.json``.
"""

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars
from feature_peers import (
    by_duckdb,
    by_featuretools,
    by_polars,
    by_polars_from_tables,
    duckdb_keys,
    duckdb_threads,
    polars_keys,
    polars_tables,
)
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

RESULTS = Path(__file__).parent / "results" / "features.json"
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


def load() -> list[float] | None:
    """Say how many tasks ran or waited in the last 1, 5 and 15 minutes."""
    return [round(one, 1) for one in os.getloadavg()] if hasattr(os, "getloadavg") else None


def compared(what: str, seconds: dict[str, Runs], bars: dict[str, float]) -> dict[str, Any]:
    """Say the time of each side, the ratios to ours, and whether the best runs meet the bars."""
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
        "met": all(best_of(peers[name]) >= bar * best_of(ours) for name, bar in bars.items()),
        "load": load(),
    }


def must_agree(ours: np.ndarray, theirs: np.ndarray, peer: str) -> None:
    """Stop when a peer counts otherwise."""
    if not np.array_equal(ours, theirs):
        raise SystemExit(f"{peer} disagrees on {int((ours != theirs).sum())} counts")


def from_keys(size: tuple[int, int], repeats: int) -> dict[str, Any]:
    """Row (a): from unsorted integer keys to one matrix."""
    events, cases = draw(*size)
    event_frame, case_frame = polars_keys(events, cases)
    connection = duckdb_keys(events, cases)
    seconds, made = timed(
        {
            "fs_risk": lambda: count_keys(events, cases),
            "polars": lambda: by_polars(event_frame.lazy(), case_frame.lazy()),
            "duckdb": lambda: by_duckdb(connection),
        },
        repeats,
    )
    must_agree(made["fs_risk"], made.pop("polars").drop("case").to_numpy(), "Polars")
    must_agree(made["fs_risk"], made["duckdb"], "DuckDB")
    return compared(
        "(a) from unsorted integer keys to one matrix", seconds, {"polars": 8.0, "duckdb": 20.0}
    )


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
        "what": f"{what}: peak memory beyond the input, times the output",
        "output MB": round(made.nbytes / 1e6),
        "times": round(times, 2),
        "bar": 4.0,
        "met": times <= 4.0,
    }


def from_frames(size: tuple[int, int], repeats: int) -> list[dict[str, Any]]:
    """Row (b): from tables with text ids to a frame; and all features of the catalogue."""
    records, cohort = as_records(*draw(*size))
    tables = polars_tables(records, cohort)
    works: Works = {
        "fs_risk": lambda: count_frames(records, cohort),
        "polars": lambda: by_polars_from_tables(tables),
    }
    seconds, made = timed(works, repeats)
    must_agree(made["fs_risk"].to_numpy(), made["polars"].drop("case").to_numpy(), "Polars")
    row = compared("(b) from frames with text ids to a frame", seconds, {"polars": 2.0})
    made.clear()
    whole, built = timed({"all": lambda: all_features(records, cohort)}, repeats)
    n_features = built["all"].shape[1]
    each, other = best_of(whole["all"]) / n_features, best_of(seconds["fs_risk"]) / COLUMNS
    return [
        row,
        {
            "what": "all features of the catalogue, feature for feature, times row (b)",
            "features": n_features,
            "seconds": rounded(whole["all"]),
            "times": round(each / other, 2),
            "bar": 3.0,
            "met": each <= 3 * other,
            "load": load(),
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
        times = times_of(seconds["whole"], seconds["tenth"])
        rows.append(
            {
                "what": f"{name}, the host's memory awake: ten times the work, times the time",
                "seconds": {which: rounded(runs) for which, runs in seconds.items()},
                "processor seconds": {
                    which: round(best_of(runs, 1), 2) for which, runs in seconds.items()
                },
                "times": times,
                "bar": 11.0,
                "met": times["best run"] <= 11.0,
                "load": load(),
            }
        )
    del rows[-1]["bar"], rows[-1]["met"]
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
    if interpreter is None:
        reason = "name a Python that has featuretools with --featuretools"
        return {"what": what, "skipped": reason}
    events, cases = draw(n_cases, 4 * n_cases)
    events["known"] = events["day"]
    theirs, counts, versions = by_featuretools(interpreter, events, cases)
    seconds, made = timed({"fs_risk": lambda: count_keys(events, cases)}, 5)
    must_agree(made["fs_risk"], counts, "featuretools")
    both = {**seconds, "featuretools": [(theirs, 0.0)]}
    row = compared(what, both, {"featuretools": 100.0})
    return {**row, "versions": versions}


def machine() -> dict[str, Any]:
    """Say what this ran on, and how busy it was."""
    names = ("numba", "numpy", "pandas", "polars", "duckdb")
    return {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "load": load(),
        "versions": {name: version(name) for name in names},
    }


def main() -> None:
    """Run all rows, and write them with their bars."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a small size, for a first look")
    parser.add_argument("--cases", type=int)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--featuretools", type=Path, metavar="PYTHON")
    parser.add_argument("--featuretools-cases", type=int, default=100)
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--only", choices=list(OWN), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    size = QUICK if chosen.quick else FULL
    if chosen.cases:
        size = (chosen.cases, 4 * chosen.cases)
    count_keys(*draw(1_000, 5_000))  # compile before the clock starts
    all_features(*as_records(*draw(1_000, 5_000)))
    if chosen.only:
        print(json.dumps(OWN[chosen.only](size, chosen.repeats)))
        return
    before = machine()
    rows = [
        from_keys(size, chosen.repeats),
        *in_own_process("memory (a)", size, 1),
        against_featuretools(chosen.featuretools, chosen.featuretools_cases),
        *from_frames(size, chosen.repeats),
        *in_own_process("memory of all", size, 1),
        *in_own_process("growth", size, chosen.repeats),
    ]
    for row in rows:
        if size != FULL and "met" in row:
            row["met"] = "the bar is for the full size"
    result = {
        "work": f"12 kinds × 6 windows, {size[0]:,} cases, {size[1]:,} events; best of "
        f"{chosen.repeats} rounds, all sides in turn, in one process",
        "machine": {**before, "load after": load()},
        "threads": {
            "fs_risk": os.cpu_count(),
            "polars": polars.thread_pool_size(),
            "duckdb": duckdb_threads(),
        },
        "rows": rows,
    }
    chosen.output.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, indent=2, ensure_ascii=False)
    chosen.output.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
