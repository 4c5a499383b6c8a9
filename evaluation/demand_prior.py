"""Fit the prior of published referrals, and try it on authorities held out.

Run: ``FS_RISK_SAMPLES=… python evaluation/demand_prior.py``. Of an authority that is forecast
only twelve months are shown; the ridge, the step and the choice of terms were made on the
earlier origins. Writes ``results/demand_prior.json``; with ``--ship`` also the numbers that the
package ships, if the prior beat both last year's number and the last month's.
"""

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import fs_risk as fs
from fs_risk.demand.panel import Panel, as_panel
from fs_risk.demand.prior_fit import fit_prior, try_prior
from fs_risk.demand.published_prior import FILE, group_of

RESULTS = Path(__file__).parent / "results" / "demand_prior.json"
MONTHLY = "c6_children_in_need_referrals_by_month_2013_to_2024.csv"
TUNED_ON = ("2016-03-01", "2016-09-01", "2017-03-01", "2017-09-01", "2018-03-01", "2018-09-01",
            "2019-03-01")  # fmt: skip
SCORED = ("2021-03-01", "2021-09-01", "2022-03-01", "2022-09-01", "2023-03-01")
SOURCE = (
    "Contains public sector information licensed under the Open Government Licence v3.0. Source: "
    "Department for Education, Characteristics of children in need, referrals by month, April "
    "2012 to March 2024, 129 authorities with every month."
)


def scored(panel: Panel, groups: np.ndarray, day: str) -> dict[str, Any]:
    """Score one origin: mean absolute scaled errors, and coverage of the bands."""
    origin = int(panel.periods().get_loc(pd.Timestamp(day)))
    found = try_prior(panel, groups, origin)
    known = panel.values[:, : origin + 1]
    scale = np.nanmean(np.abs(known[:, 12:] - known[:, :-12]), axis=1)[:, None]
    came, ends = found["came"], found["ends"]
    errors = {name: np.nanmean(np.abs(came - found[name]) / scale)
              for name in ("said", "last_year", "last_value")}  # fmt: skip
    inside = [np.mean((ends[low] <= came) & (came <= ends[high])) for low, high in ((1, 3), (0, 4))]
    return {
        "origin": day,
        "mase": round(float(errors["said"]), 4),
        "mase_last_year": round(float(errors["last_year"]), 4),
        "mase_last_value": round(float(errors["last_value"]), 4),
        "coverage_80": round(float(inside[0]), 4),
        "coverage_95": round(float(inside[1]), 4),
    }


def main() -> None:
    """Try, write the results, and ship where asked and earned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ship", action="store_true", help="write what the package ships")
    chosen = parser.parse_args()
    samples = os.environ.get("FS_RISK_SAMPLES")
    if not samples:
        raise SystemExit("Set FS_RISK_SAMPLES to the folder that holds published/.")
    series = fs.read_dfe_referrals_by_month(Path(samples) / "published" / MONTHLY)
    series = series[series.groupby("unique_id")["y"].transform("count") == 144]
    panel = as_panel(series, ahead=12)
    groups = np.array([group_of(str(name)) for name in panel.ids])
    rows = [scored(panel, groups, day) for day in (*TUNED_ON, *SCORED)]
    later = pd.DataFrame(rows[len(TUNED_ON) :]).drop(columns="origin").mean().round(4).to_dict()
    earned = later["mase"] < min(later["mase_last_year"], later["mase_last_value"])
    result = {"source": SOURCE, "origins": rows, "held_out": later, "beats both": bool(earned)}
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    if chosen.ship and earned:
        last = panel.n_periods - 1
        fitted = {group: fit_prior(panel, groups != group, last).to_dict()
                  for group in sorted(set("0123456789"))}  # fmt: skip
        stored = {"source": SOURCE, "held_out": later, "groups": fitted}
        FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
