"""Windowed counts against Polars and DuckDB: 12 kinds × 6 windows, in one run.

Run: ``python evaluation/benchmarks/features.py [--cases 1500000] [--events 6000000]``.
Needs ``fs-risk[bench]``. Results and machine go to ``results/features.json``.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from fs_risk.features.kernels import count_windows, order_by_key_and_day
from fs_risk.records.dates import NEVER

WINDOWS = (30, 90, 180, 365, 730, 1_095)
N_KINDS = 12
RESULTS = Path(__file__).parent / "results" / "features.json"


def draw(n_cases: int, n_events: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Draw events and cases over eight years, four events to a child on average."""
    rng = np.random.default_rng(0)
    n_children = n_cases // 2
    day = rng.integers(15_000, 18_000, n_events, dtype=np.int32)
    events = {
        "child": rng.integers(0, n_children, n_events, dtype=np.int32),
        "day": day,
        "known": (day + rng.geometric(0.3, n_events) - 1).astype(np.int32),
        "kind": rng.integers(0, N_KINDS, n_events).astype(np.int16),
    }
    cases = {
        "child": rng.integers(0, n_children, n_cases, dtype=np.int32),
        "as_of": rng.integers(16_000, 18_000, n_cases, dtype=np.int32),
    }
    return events, cases


def ours(events: dict[str, np.ndarray], cases: dict[str, np.ndarray]) -> np.ndarray:
    """Sort the events and count, from unsorted integer keys to one matrix."""
    n_children = int(max(events["child"].max(), cases["child"].max())) + 1
    starts, order = order_by_key_and_day(events["child"], events["day"], n_children)
    n_cases = cases["child"].size
    counts = np.empty((n_cases, N_KINDS * len(WINDOWS)), dtype=np.float32)
    count_windows(
        starts,
        events["day"][order],
        events["known"][order],
        events["kind"][order],
        events["child"][order],
        np.full(n_children, NEVER, dtype=np.int32),
        cases["child"],
        cases["as_of"],
        cases["as_of"],
        np.full(n_cases, -1, dtype=np.int32),
        order_by_key_and_day(cases["child"], cases["as_of"], n_children)[1],
        np.arange(0, N_KINDS * len(WINDOWS) + 1, len(WINDOWS), dtype=np.int32),
        np.tile(np.array(WINDOWS, dtype=np.int32), N_KINDS),
        counts,
        np.empty((0, N_KINDS), dtype=np.int32),
    )
    return counts


def by_polars(events: pl.DataFrame, cases: pl.DataFrame) -> pl.DataFrame:
    """Ask Polars: join lazily, keep what was known, count distinct days by kind and window."""
    age = pl.col("as_of") - pl.col("day")
    per_day = (
        cases.lazy()
        .join(events.lazy(), on="child")
        .filter((pl.col("known") < pl.col("as_of")) & (age > 0) & (age <= WINDOWS[-1]))
        .unique(["case", "kind", "day"])
    )
    counts = per_day.group_by("case").agg(
        [
            ((pl.col("kind") == kind) & (age <= window))
            .sum()
            .cast(pl.Float32)
            .alias(f"{kind}_{window}")
            for kind in range(N_KINDS)
            for window in WINDOWS
        ]
    )
    joined = cases.lazy().select("case").join(counts, on="case", how="left").fill_null(0)
    return joined.sort("case").collect()


def by_duckdb(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Ask DuckDB the same."""
    sums = ", ".join(
        f"count(DISTINCT day) FILTER (kind = {kind} AND as_of - day <= {window})"
        f" AS k{kind}_{window}"
        for kind in range(N_KINDS)
        for window in WINDOWS
    )
    return connection.execute(f"""
        SELECT cases."case", {sums} FROM cases LEFT JOIN events
          ON cases.child = events.child AND known < as_of AND day < as_of
             AND as_of - day <= {WINDOWS[-1]}
        GROUP BY cases."case" ORDER BY cases."case"
    """).pl()


def timed(work: Callable[[], object], repeats: int) -> tuple[float, object]:
    """Give the best of some runs, in seconds, and what was made."""
    best, made = np.inf, None
    for _ in range(repeats):
        start = time.perf_counter()
        made = work()
        best = min(best, time.perf_counter() - start)
    return best, made


def main() -> None:
    """Run all sides on the same data, check that they agree, and write the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=1_500_000)
    parser.add_argument("--events", type=int, default=6_000_000)
    parser.add_argument("--without-duckdb", action="store_true")
    chosen = parser.parse_args()
    ours(*draw(1_000, 5_000))  # compile before the clock starts
    events, cases = draw(chosen.cases, chosen.events)
    seconds = {}
    seconds["fs_risk"], counts = timed(lambda: ours(events, cases), 3)
    frames = (
        pl.DataFrame(events),
        pl.DataFrame({"case": np.arange(chosen.cases, dtype=np.int32), **cases}),
    )
    seconds["polars"], theirs = timed(lambda: by_polars(*frames), 2)
    assert np.array_equal(theirs.drop("case").to_numpy(), counts), "Polars disagrees"
    if not chosen.without_duckdb:
        connection = duckdb.connect()
        connection.register("events", pd.DataFrame(events))
        connection.register("cases", pd.DataFrame({"case": np.arange(chosen.cases), **cases}))
        seconds["duckdb"], third = timed(lambda: by_duckdb(connection), 1)
        assert np.array_equal(third.drop("case").to_numpy(), counts), "DuckDB disagrees"
    result = {
        "what": f"{N_KINDS} kinds × {len(WINDOWS)} windows, {chosen.cases:,} cases, "
        f"{chosen.events:,} events, from unsorted integer keys to one matrix",
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "times fs_risk": {
            name: round(value / seconds["fs_risk"], 1) for name, value in seconds.items()
        },
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
    }
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
