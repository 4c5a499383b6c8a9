"""What the fairness audit's tests and intervals do on invented audits whose truth is known.

False alarms with no gap, and how often a halved recall of a group of 9 % is caught, beside
other tests under Holm's procedure on the same draws; coverage of the intervals.

Run: ``python evaluation/fairness_validity.py [--draws 4000] [--gap-draws 1000]
[--coverage-draws 1000]`` (about an hour on one core; ``--only alarms`` or ``--only coverage``,
``--sizes`` and ``--rates`` for a part, which takes the place of that part alone). Results go to
``results/fairness_validity.json``.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from fs_risk.evaluation.fairness import audit_fairness

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "validity"))

from audit_candidates import CAPACITY, NAMES, OURS, judge  # noqa: E402
from audit_worlds import draw_world, halving_gap, true_rates  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "fairness_validity.json"
RATES, SIZES = (0.025, 0.085, 0.12), (3_256, 10_000)
ALIKE = 0.4
"""Correlation of siblings' latent outcome, and of their score."""


def shares(n, base_rate, gap, draws, seed, alike):
    """Give the share of draws on which each test alarms, and catches the gap."""
    rng = np.random.default_rng(seed)
    found = defaultdict(lambda: np.zeros(2))
    for draw in range(draws):
        world = draw_world(rng, n, base_rate, gap=gap, alike=alike)
        for name, each in judge(world, draw).items():
            found[name] += each
    return {name: (each / draws).tolist() for name, each in found.items()}


def alarms(draws, gap_draws, sizes=SIZES, rates=RATES, alike=ALIKE):
    """Run the grid of sizes and base rates, without a gap and with one; keep the others' rows."""
    rows = []
    for n in sizes:
        for base_rate in rates:
            for gap, count in ((0.0, draws), (halving_gap(base_rate), gap_draws)):
                if not count:
                    continue
                started = time.time()
                found = shares(
                    n, base_rate, gap, count, seed=round(1000 * base_rate) + n, alike=alike
                )
                rows.append(
                    {
                        "n": n,
                        "base_rate": base_rate,
                        "gap": bool(gap),
                        "draws": count,
                        "alarm": {name: each[0] for name, each in found.items()},
                        "caught": {name: each[1] for name, each in found.items()} if gap else None,
                    }
                )
                print(n, base_rate, "gap" if gap else "no gap", f"{time.time() - started:.0f} s")
                column = "caught" if gap else "alarm"
                note({_named(alike): {"rows": beside_earlier(rows, alike)}})
                print("   ", {name: round(100 * p, 1) for name, p in rows[-1][column].items()})
    return beside_earlier(rows, alike)


def beside_earlier(rows, alike):
    """Put rows in the place of those measured before for the same size, rate and gap."""
    earlier = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    kept = {
        (row["n"], row["base_rate"], row["gap"]): row
        for row in [*earlier.get(_named(alike), {}).get("rows", []), *rows]
    }
    return [kept[key] for key in sorted(kept)]


def verdict(rows):
    """Compare with the best of the tests that keep Holm's promise everywhere."""
    quiet = [row for row in rows if not row["gap"]]
    allowed = {
        name
        for name in (OURS, *NAMES)
        if all(
            row["alarm"][name] <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / row["draws"]) for row in quiet
        )
    }
    return {
        "most_false_alarms": max(row["alarm"][OURS] for row in quiet),
        "keep_their_promise": sorted(allowed),
        "behind_the_best": {
            f"{row['n']}, {row['base_rate']}": max(row["caught"][name] for name in allowed)
            - row["caught"][OURS]
            for row in rows
            if row["gap"]
        },
    }


def coverage(draws):
    """Say how often 95 % intervals hold the truth, and all of a family at once."""
    rows = []
    for n, base_rate, redraw in (
        (3_256, 0.12, True), (3_256, 0.12, False), (3_256, 0.025, True), (10_000, 0.085, True),
    ):  # fmt: skip
        truth = true_rates(base_rate, CAPACITY)
        rng = np.random.default_rng(round(1000 * base_rate) + n + redraw)
        held, tried = defaultdict(int), defaultdict(int)
        for draw in range(draws):
            world = draw_world(rng, n, base_rate)
            audit = audit_fairness(
                world.label, world.score, world.groups, capacity=CAPACITY,
                households=world.household, pairs=False, score_measures=False, resamples=300,
                redraw=redraw, seed=draw,
            )  # fmt: skip
            table = audit.full_table
            table = table[(table["of"] >= 10) & table["metric"].isin(list(truth))]
            for metric, part in table.groupby("metric"):
                inside = (part["low"] <= truth[metric]) & (truth[metric] <= part["high"])
                gap = (part["difference_low"] <= 0) & (part["difference_high"] >= 0)
                held[metric] += int(inside.sum())
                held[f"{metric}, difference"] += int(gap.sum())
                tried[metric] += len(part)
                tried[f"{metric}, difference"] += len(part)
            first = table[table["metric"].isin(["recall", "precision"])]
            true = first["metric"].map(truth)
            all_in = (first["low_simultaneous"] <= true) & (true <= first["high_simultaneous"])
            held["all of recall and precision at once"] += bool(all_in.all())
            tried["all of recall and precision at once"] += 1
        rows.append(
            {
                "n": n,
                "base_rate": base_rate,
                "list": "drawn again" if redraw else "fixed",
                "draws": draws,
                "held": {name: held[name] / tried[name] for name in tried},
            }
        )
        note({"coverage": rows})
        print(rows[-1])
    return rows


def _named(alike):
    """Name the part of the results that draws of such siblings are."""
    return "alarms" if alike == ALIKE else f"alarms, siblings alike by {alike}"


def note(found):
    """Write down what is known so far."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**results, **found}, indent=1) + "\n")


def main():
    """Run what was asked for and write it down."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=4_000)
    parser.add_argument("--gap-draws", type=int, default=1_000)
    parser.add_argument("--coverage-draws", type=int, default=1_000)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES)
    parser.add_argument("--alike", type=float, default=ALIKE)
    parser.add_argument("--only", choices=["alarms", "coverage"])
    asked = parser.parse_args()
    if asked.only != "coverage":
        rows = alarms(asked.draws, asked.gap_draws, asked.sizes, asked.rates, asked.alike)
        summary = verdict(rows)
        note({_named(asked.alike): {"rows": rows, **summary}})
        print(summary["most_false_alarms"], summary["behind_the_best"])
    if asked.only != "alarms":
        coverage(asked.coverage_draws)


if __name__ == "__main__":
    main()
