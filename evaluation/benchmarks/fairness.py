"""The fairness audit on a million rows, and against fairlearn's bootstrap of the same intervals.

Run: ``python evaluation/benchmarks/fairness.py`` (a few minutes, most of it fairlearn's), or
with ``--rows 100000``. fairlearn is timed on a sample with few resamples (``--peer-rows``,
``--peer-resamples``) and its processor seconds are scaled to the audit's rows and resamples
in proportion; it is asked for the groups of one attribute alone, the audit for four
attributes and their pairs. Results, bars and machine go to ``results/fairness.json``.
"""

import argparse
import json
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from fs_risk.evaluation.fairness import audit_fairness

RESULTS = Path(__file__).parent / "results" / "fairness.json"
BARS = {"fixed list": 2.0, "list drawn again, by household": 15.0, "times fairlearn": 1_000.0}
SHARES = (0.62, 0.09, 0.09, 0.10, 0.04, 0.06)


def rows_of(n, seed=0):
    """Invent rows of families with four attributes, an outcome and a score."""
    rng = np.random.default_rng(seed)
    size = rng.choice([1, 2, 3, 4], p=[0.62, 0.24, 0.10, 0.04], size=n)
    household = np.repeat(np.arange(n), size)[:n]
    label = (rng.random(n) < 0.12).astype(float)
    score = 1 / (1 + np.exp(2.5 - rng.standard_normal(n) - 1.1 * label))
    day = pd.Timestamp("2016-04-04") + pd.to_timedelta(rng.integers(0, 8 * 364, n), unit="D")

    def levels(names, shares=None):
        return pd.Categorical.from_codes(rng.choice(len(names), p=shares, size=n), names)

    groups = {
        "ethnicity": levels(["White", "Mixed", "Asian", "Black", "Other", "missing"], SHARES),
        "sex": levels(["female", "male", "missing"], (0.49, 0.5, 0.01)),
        "age_band": levels(["under 1", "1 to 4", "5 to 9", "10 to 15", "16 and 17"]),
        "disability": levels(["none recorded", "disability recorded", "missing"], (0.8, 0.1, 0.1)),
    }
    groups = {name: pd.Series(values) for name, values in groups.items()}
    return label, score, groups, household, pd.Series(day)


def timed(work, repeats):
    """Give the best of some runs: seconds by the clock, and of all processors together."""
    best = np.inf, np.inf
    for _ in range(repeats):
        start, busy = time.perf_counter(), time.process_time()
        work()
        best = min(best, (time.perf_counter() - start, time.process_time() - busy))
    return best


def ours(n, resamples, repeats):
    """Time the seven capacity metrics: list fixed, and drawn again by household."""
    label, score, groups, household, day = rows_of(n)
    every = {"resamples": resamples, "score_measures": False}
    runs = {
        "fixed list": lambda: audit_fairness(
            label, score, groups, capacity=0.15, as_of=day, redraw=False, **every
        ),
        "fixed list, by household": lambda: audit_fairness(
            label, score, groups, capacity=0.15, as_of=day, households=household, redraw=False,
            **every,
        ),
        "list drawn again, by household": lambda: audit_fairness(
            label, score, groups, capacity=0.15, as_of=day, households=household, **every
        ),
    }  # fmt: skip
    warm = rows_of(2_000)
    for redraw in (True, False):
        audit_fairness(
            *warm[:3], capacity=0.15, households=warm[3], as_of=warm[4], redraw=redraw, resamples=2
        )
    return {name: timed(work, repeats) for name, work in runs.items()}


def fairlearns(n, resamples):
    """Time fairlearn's bootstrap intervals of five rates by one attribute."""
    from fairlearn.metrics import (
        MetricFrame,
        false_negative_rate,
        false_positive_rate,
        selection_rate,
        true_positive_rate,
    )
    from sklearn.metrics import precision_score

    label, score, groups, *_ = rows_of(n)
    metrics = {
        "selection_rate": selection_rate,
        "recall": true_positive_rate,
        "precision": precision_score,
        "false_positive_rate": false_positive_rate,
        "false_negative_rate": false_negative_rate,
    }
    return timed(
        lambda: MetricFrame(
            metrics=metrics,
            y_true=label.astype(int),
            y_pred=(score >= np.quantile(score, 0.85)).astype(int),
            sensitive_features=groups["ethnicity"].astype(str),
            n_boot=resamples,
            ci_quantiles=[0.025, 0.5, 0.975],
            random_state=0,
        ),
        1,
    )


def main():
    """Run both and write the results down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--resamples", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--peer-rows", type=int, default=50_000)
    parser.add_argument("--peer-resamples", type=int, default=4)
    asked = parser.parse_args()
    seconds = ours(asked.rows, asked.resamples, asked.repeats)
    for name, (clock, busy) in seconds.items():
        bar = f", bar {BARS[name]:.0f} s" if name in BARS else ""
        print(f"{name}: {clock:.2f} s by the clock, {busy:.2f} s of processors{bar}")
    _, peer = fairlearns(asked.peer_rows, asked.peer_resamples)
    scaled = peer * asked.rows / asked.peer_rows * asked.resamples / asked.peer_resamples
    times = scaled / max(seconds["fixed list"])
    print(
        f"fairlearn {version('fairlearn')}: {peer:.2f} s for {asked.peer_rows:,} rows and "
        f"{asked.peer_resamples} resamples; in proportion {scaled:,.0f} s, {times:,.0f} times "
        f"the fixed list (bar {BARS['times fairlearn']:,.0f})"
    )
    result = {
        "rows": asked.rows,
        "resamples": asked.resamples,
        "seconds": {
            name: dict(zip(("clock", "processors"), each, strict=True))
            for name, each in seconds.items()
        },
        "fairlearn": {
            "version": version("fairlearn"),
            "rows": asked.peer_rows,
            "resamples": asked.peer_resamples,
            "seconds": peer,
            "scaled_seconds": scaled,
            "attributes": 1,
        },
        "times_fairlearn": times,
        "bars": BARS,
        "machine": {
            "cpus": os.cpu_count(),
            "load": os.getloadavg()[0],
            "python": platform.python_version(),
        },
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
