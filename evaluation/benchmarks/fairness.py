"""The fairness audit on a million rows, and against fairlearn's bootstrap of the same intervals.

Run: ``python evaluation/benchmarks/fairness.py`` (a few minutes, most of it fairlearn's), or
with ``--quick``. fairlearn is timed on a sample with few resamples (``--peer-rows``,
``--peer-resamples``) and its processor seconds are scaled to the audit's rows and resamples
in proportion; it is asked for the groups of one attribute alone, the audit for four
attributes and their pairs. Results go to ``results/fairness.json``.
"""

import argparse
import time
from pathlib import Path

import measured
import numpy as np
import pandas as pd

from fs_risk.evaluation.fairness import audit_fairness

RESULTS = measured.RESULTS / "fairness.json"
FULL = 1_000_000
BARS = {"fixed list": 2.0, "list drawn again, by household": 15.0}
SHARES = (0.62, 0.09, 0.09, 0.10, 0.04, 0.06)


def invented(n, seed=0):
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
    label, score, groups, household, day = invented(n)
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
    warm = invented(2_000)
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

    label, score, groups, *_ = invented(n)
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


def rows_of(found):
    """Put the figures into the form that all benchmarks share."""
    peer = found["fairlearn"]
    for name, seconds in found["seconds"].items():
        yield measured.row(
            f"the seven capacity metrics, {name}", "s", seconds["clock"], at_most=BARS.get(name),
            repeats=found["repeats"], note=f"{seconds['processors']:.1f} s of processors",
        )  # fmt: skip
    yield measured.row(
        "the same, fixed list",
        "s",
        max(found["seconds"]["fixed list"].values()),
        peer="fairlearn's bootstrap of five rates by one attribute",
        theirs=peer["scaled_seconds"],
        at_least=1_000.0,
        repeats=found["repeats"],
        note=f"fairlearn took {peer['seconds']:.1f} s for {peer['rows']:,} rows and "
        f"{peer['resamples']} resamples: in proportion",
    )


def main():
    """Run both and write the results down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--resamples", type=int)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--peer-rows", type=int)
    parser.add_argument("--peer-resamples", type=int)
    parser.add_argument("--output", type=Path, default=RESULTS)
    asked = parser.parse_args()
    rows = asked.rows or (20_000 if asked.quick else FULL)
    resamples = asked.resamples or (100 if asked.quick else 1_000)
    peer_rows = asked.peer_rows or (2_000 if asked.quick else 50_000)
    peer_resamples = asked.peer_resamples or (2 if asked.quick else 4)
    watch = measured.Watch()
    seconds = ours(rows, resamples, asked.repeats)
    _, peer = fairlearns(peer_rows, peer_resamples)
    found = {
        "rows": rows,
        "resamples": resamples,
        "repeats": asked.repeats,
        "seconds": {
            name: dict(zip(("clock", "processors"), each, strict=True))
            for name, each in seconds.items()
        },
        "fairlearn": {
            "rows": peer_rows,
            "resamples": peer_resamples,
            "seconds": peer,
            "scaled_seconds": peer * rows / peer_rows * resamples / peer_resamples,
            "attributes": 1,
        },
    }
    result = watch.result(
        "fairness",
        f"The audit of groups: {rows:,} rows, four attributes and their pairs, "
        f"{resamples:,} resamples",
        rows_of(found),
        packages=("fairlearn", "numba", "numpy"),
        quick=(rows, resamples) != (FULL, 1_000),
        details=found,
    )
    measured.write(result, asked.output)


if __name__ == "__main__":
    main()
