"""False alerts of the monthly watch over gaps, and how soon it sees a halved recall.

Five years of invented referrals, families alike, 13 questions on each of three rates, looked
at every month. Run: ``python evaluation/fairness_over_time.py [--draws 400] [--gap-draws 100]
[--rows 0 3]`` (about an hour on one core). Results go to ``results/fairness_over_time.json``.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from fs_risk.evaluation.disparity_over_time import audit_over_time

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "validity"))

from audit_worlds import watched_years  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "fairness_over_time.json"
YEARS = 5


def watch(a_year, base_rate, *, gap, begins, limit, draws, seed):
    """Give the share of watches that alert at all, and that alert of the planted gap."""
    rng = np.random.default_rng(seed)
    anything, planted, months = 0, 0, []
    for _ in range(draws):
        world, as_of, listed = watched_years(
            rng, a_year, base_rate, years=YEARS, gap=gap, begins=begins
        )
        made = audit_over_time(
            world.label, listed, world.groups, as_of, households=world.household, limit=limit
        )
        mine = [
            alert for alert in made.alerts
            if (alert.group, alert.metric, alert.way) == ("B", "recall", "below the rest")
        ]  # fmt: skip
        anything += bool(made.alerts)
        planted += bool(mine)
        months += [_months(as_of.iloc[0], alert.month) for alert in mine[:1]]
    found = {
        "a_year": a_year, "base_rate": base_rate, "gap": gap, "begins": begins, "limit": limit,
        "draws": draws, "any_alert": anything / draws, "planted": planted / draws,
        "median_month": float(np.median(months)) if months else None,
    }  # fmt: skip
    print(found, flush=True)
    return found


def _months(first, month):
    return (
        (pd.Timestamp(month).year - first.year) * 12 + pd.Timestamp(month).month - first.month + 1
    )


GRID = (
    # a year, base rate, gap, begins after this share of the time, limit
    (3_256, 0.025, False, 0.0, 0.0),
    (3_256, 0.085, False, 0.0, 0.0),
    (3_256, 0.12, False, 0.0, 0.0),
    (3_256, 0.12, True, 0.0, 0.0),
    (3_256, 0.12, True, 0.4, 0.0),
    (10_000, 0.12, True, 0.0, 0.0),
    (10_000, 0.12, True, 0.4, 0.0),
    (10_000, 0.12, True, 0.0, 0.1),
)


def main():
    """Run the grid, or rows of it, and write each down as soon as it is known."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--gap-draws", type=int, default=100)
    parser.add_argument("--rows", type=int, nargs="+", default=range(len(GRID)))
    asked = parser.parse_args()
    for place in asked.rows:
        a_year, base_rate, gap, begins, limit = GRID[place]
        found = watch(
            a_year, base_rate, gap=gap, begins=begins, limit=limit,
            draws=asked.gap_draws if gap else asked.draws, seed=9 if gap else place,
        )  # fmt: skip
        known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        known[str(place)] = found
        RESULTS.write_text(json.dumps(dict(sorted(known.items())), indent=1) + "\n")


if __name__ == "__main__":
    main()
