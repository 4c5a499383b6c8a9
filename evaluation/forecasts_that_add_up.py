"""What it costs, or brings, that forecasts of teams and sources are made to add up.

    python evaluation/forecasts_that_add_up.py --seeds 0 1 2 3 4

Back-tests of an invented authority's series with their parts (four origins, twelve months
ahead): once made to add up, once each series by itself. Mean absolute scaled errors and the
coverage of the 80 % band, for wholes and for parts.
"""

import argparse
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import fs_risk as fs

MEASURES = ("contacts", "referrals", "assessments", "cp_plan_starts", "care_starts", "stock")
RESULTS = Path(__file__).parent / "results" / "forecasts_that_add_up.json"


def compared(seed: int, children: int) -> list[dict[str, float | int | str]]:
    """Back-test one authority both ways, and give a row for wholes and for parts of each."""
    records = fs.make_authority(children=children, years=8, seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        series = fs.demand_series(records, by=("team", "source"), measures=MEASURES)
    is_part = series["team"].ne("") | series["source"].ne("")
    parts = set(series.loc[is_part, "unique_id"])
    ways = {"adding up": series, "each by itself": series.drop(columns=["team", "source"])}
    rows: list[dict[str, float | int | str]] = []
    for way, given in ways.items():
        back = fs.backtest_demand(given, horizon=12, windows=4)
        table = back.table.dropna(subset=["y"])
        inside = (table["lo-80"] <= table["y"]) & (table["y"] <= table["hi-80"])
        for kind, held in (("wholes", False), ("parts", True)):
            of_kind = back.by_series["unique_id"].isin(parts) == held
            errors = back.by_series.loc[of_kind, "mase"]
            covered = inside[table["unique_id"].isin(parts) == held]
            rows.append({"seed": seed, "way": way, "series": kind, "n": int(of_kind.sum()),
                         "mase": round(float(errors.mean()), 4),
                         "coverage_80": round(float(covered.mean()), 4)})  # fmt: skip
    return rows


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--children", type=int, default=62_700)
    given = parser.parse_args()
    rows = [row for seed in given.seeds for row in compared(seed, given.children)]
    table = pd.DataFrame(rows)
    means = table.groupby(["series", "way"])[["mase", "coverage_80"]].mean().round(4)
    sys.stdout.write(f"{table.to_string()}\n\n{means.to_string()}\n")
    changed = table.pivot(index=["series", "seed"], columns="way", values="mase")
    gain = 1 - changed["adding up"] / changed["each by itself"]
    sys.stdout.write(f"\n{gain.groupby('series').agg([np.mean, np.min, np.max]).to_string()}\n")
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
