"""Demand forecasts on published series, beside AutoETS, AutoTheta and mlforecast.

Run: ``FS_RISK_SAMPLES=… python evaluation/benchmarks/demand.py --peers PYTHON``, where PYTHON
has statsforecast, mlforecast and lightgbm (they ask for pandas below 3, so an environment of
their own). ``--tuning`` scores the earlier origins instead, on which settings were chosen;
nothing after March 2021 is read then. ``--quick`` scores one origin of a few authorities. Results
go to ``results/demand.json``; ``--tuning`` and ``--only`` print, and write nothing.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import measured
import pandas as pd
from demand_rows import rows_of

import fs_risk as fs

RESULTS = measured.RESULTS / "demand.json"
MONTHLY = "c6_children_in_need_referrals_by_month_2013_to_2024.csv"
ANNUAL = "dfe_la_annual_panel.csv"

SCORED = ("2021-03-01", "2021-09-01", "2022-03-01", "2022-09-01", "2023-03-01")
TUNED_ON = ("2016-09-01", "2017-03-01", "2017-09-01", "2018-03-01", "2018-09-01", "2019-03-01")
"""Last months known. The year after each of the second list ends by March 2020."""

TARGETS = ("referral_count", "Started_episodes", "At31_episodes", "CPP_start", "CPP_At31",
           "LAIT_LACnum", "LAIT_LACnum_Start", "cases", "Domestic_Abuse_parent",
           "Mental_Health_parent", "Alcohol_Misuse_parent", "Drug_Misuse_parent")  # fmt: skip
YEARS_BEFORE = 4
"""A target is scored from origins with so many years of it."""

LEARNT_FROM = 3
"""The annual bars are judged on cells with so many years and the horizon before them: 147, as
many as the comparison had from which the bars come; last value has 13.0, 17.0 and 19.3 % there."""

MONTHLY_BARS = {
    "mase": 0.725,
    "interval_80": 3.45,
    "interval_95": 5.05,
    "coverage_80": (0.78, 0.84),
    "coverage_95": (0.93, 0.97),
}
ANNUAL_BARS = {"wape, 1 to 3 years": [0.125, 0.160, 0.180], "worse than last value by": 0.001,
               "coverage_80": (0.78, 0.84)}  # fmt: skip
TIME_BAR = 2.0


def monthly(
    folder: Path, origins: tuple[str, ...], peers: Path | None, few: int = 0
) -> dict[str, Any]:
    """Score monthly referrals of the authorities with every month published."""
    series = fs.read_dfe_referrals_by_month(folder / MONTHLY)
    whole = series.groupby("unique_id")["y"].transform("count") == 144
    last = pd.Timestamp(max(origins)) + pd.DateOffset(months=12)
    series = series[whole & (series["ds"] <= last)].reset_index(drop=True)
    if few:
        series = series[series["unique_id"].isin(sorted(series["unique_id"].unique())[:few])]
        series = series.reset_index(drop=True)
    start = time.process_time()
    backtest = fs.backtest_demand(series, horizon=12, origins=list(origins))
    used = time.process_time() - start
    measures = ["mase", "rmsse", "pinball", "interval_80", "interval_95", "coverage_80",
                "coverage_95", "wape", "bias"]  # fmt: skip
    by_origin = backtest.by_origin.assign(origin=backtest.by_origin["origin"].astype("str"))
    rows = {"fs_risk": {name: rounded(backtest[name]) for name in measures}}
    rows["fs_risk"]["processor seconds"] = round(used, 1)
    if peers and not measured.lacks(peers, "statsforecast", "mlforecast", "lightgbm"):
        rows |= others(series, backtest, origins, peers)
    slower = used / rows["AutoETS"]["processor seconds"] if "AutoETS" in rows else None
    return {
        "what": f"{series['unique_id'].nunique()} authorities, 12 months, {len(origins)} origins",
        "verdict": backtest.verdict,
        "rows": rows,
        "skill": backtest.skill.round(4).to_dict("records"),
        "by_origin": by_origin.round(4).to_dict("records"),
        "by_horizon": backtest.by_horizon.round(4).to_dict("records"),
        "times AutoETS": slower and round(slower, 2),
        "bars": {**MONTHLY_BARS, "times AutoETS": TIME_BAR},
    }


def others(
    series: pd.DataFrame, backtest: Any, origins: tuple[str, ...], python: Path
) -> dict[str, Any]:
    """Run the peers on the same series and origins, and score them in the same way."""
    with tempfile.TemporaryDirectory() as place:
        given, taken = Path(place) / "series.csv", Path(place) / "forecasts.csv"
        series[["unique_id", "ds", "y"]].to_csv(given, index=False)
        script = Path(__file__).with_name("demand_peers.py")
        command = [str(python), str(script), str(given), str(taken), *origins]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        said = pd.read_csv(taken, parse_dates=["origin", "ds"])
    seconds = json.loads(done.stdout.strip().splitlines()[-1])
    answers = backtest.table[["unique_id", "origin", "ds", "y"]]
    scale = error_scale(series, origins)
    joined = said.merge(answers, on=["unique_id", "origin", "ds"]).merge(
        scale, on=["unique_id", "origin"]
    )
    return {
        name: {**scores(part), "processor seconds": round(seconds[name], 1)}
        for name, part in joined.groupby("model")
    }


def error_scale(series: pd.DataFrame, origins: tuple[str, ...]) -> pd.DataFrame:
    """Give each series' mean absolute change from a year before, up to each origin."""
    parts = []
    for origin in origins:
        wide = series[series["ds"] <= origin].pivot(index="ds", columns="unique_id", values="y")
        scale = wide.diff(12).abs().mean().rename("scale").reset_index()
        parts.append(scale.assign(origin=pd.Timestamp(origin)))
    return pd.concat(parts)


def scores(part: pd.DataFrame) -> dict[str, float]:
    """Score one model as `backtest_demand` does."""
    found = {"mase": ((part["y"] - part["mean"]).abs() / part["scale"]).mean()}
    for level in (80, 95):
        low, high = part[f"lo-{level}"], part[f"hi-{level}"]
        outside = (low - part["y"]).clip(lower=0) + (part["y"] - high).clip(lower=0)
        score = high - low + 2 / (1 - level / 100) * outside
        found[f"interval_{level}"] = (score / part["scale"]).mean()
        found[f"coverage_{level}"] = ((low <= part["y"]) & (part["y"] <= high)).mean()
    return {name: rounded(value) for name, value in found.items()}


def annual(folder: Path) -> dict[str, Any]:
    """Score the annual panel, 1 to 3 years ahead, beside last year's number."""
    series = fs.read_dfe_annual(folder / ANNUAL, measures=TARGETS)
    origins = pd.date_range("2017-04-01", "2023-04-01", freq="YS-APR")  # years ending 2018 to 2024
    start = time.process_time()
    backtest = fs.backtest_demand(series, horizon=3, origins=list(origins))
    used = time.process_time() - start
    cells = cells_of(backtest.table, series)
    barred = cells[cells["years"] >= LEARNT_FROM + cells["h"]]
    by_horizon = barred.groupby("h")[["ours", "last value"]].mean()
    every = cells.groupby("h")[["ours", "last value"]].mean()
    by_target = cells.groupby(["target", "h"])[["ours", "last value"]].mean()
    gap = (by_target["ours"] - by_target["last value"]).groupby("target").max()
    held = [rounded(backtest.by_horizon[f"coverage_{level}"].mean()) for level in (80, 95)]
    return {
        "what": f"{len(TARGETS)} targets, origins 2018 to 2024: {len(cells)} cells of target, "
        f"origin and horizon with {YEARS_BEFORE} years before, {len(barred)} of them with "
        f"{LEARNT_FROM} and the horizon before",
        "verdict": backtest.verdict,
        "verdicts": backtest.verdicts.round(4).to_dict("records"),
        "wape": by_horizon.round(5).reset_index().to_dict("records"),
        "wape, all cells": every.round(5).reset_index().to_dict("records"),
        "by_target": by_target.round(4).reset_index().to_dict("records"),
        "worst target against last value": rounded(gap.max()),
        "coverage_80": held[0],
        "coverage_95": held[1],
        "processor seconds": round(used, 1),
        "bars": ANNUAL_BARS,
    }


def cells_of(table: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Give WAPE by target, origin and horizon, ours and last value's, on the same answers."""
    known = table.dropna(subset=["y", "median"])
    known = known.assign(target=known["unique_id"].str.split("|").str[0])
    seen = series[["unique_id", "ds", "y"]].rename(columns={"ds": "origin", "y": "before"})
    known = known.merge(seen, on=["unique_id", "origin"]).dropna(subset=["before"])
    first = series.dropna(subset=["y"]).groupby(["measure", "ds"]).size()
    first = first[first > 20].reset_index().groupby("measure")["ds"].min()
    years = known["origin"].dt.year - known["target"].map(first).dt.year + 1
    known = known.assign(years=years)[years >= YEARS_BEFORE]
    errors = known.assign(
        ours=(known["y"] - known["median"]).abs(), last=(known["y"] - known["before"]).abs()
    )
    cell = ["target", "origin", "h", "years"]
    sums = errors.groupby(cell)[["ours", "last", "y"]].agg(["sum", "count"])
    sums = sums[sums["y", "count"] > 20]
    total = sums["y", "sum"]
    shares = {"ours": sums["ours", "sum"] / total, "last value": sums["last", "sum"] / total}
    return pd.DataFrame(shares).reset_index()


def short_history(folder: Path) -> list[dict[str, Any]]:
    """Score 30 authorities of which only the last 12 months are known.

    With the others: all 30 at once, beside the whole history of the other 99. Alone: each by
    itself.
    """
    series = fs.read_dfe_referrals_by_month(folder / MONTHLY)
    series = series[series.groupby("unique_id")["y"].transform("count") == 144]
    mine = series["unique_id"].isin(sorted(series["unique_id"].unique())[::4][:30])
    rows = []
    for origin in ("2019-03-01", "2023-03-01"):
        now = pd.Timestamp(origin)
        year = (series["ds"] <= now) & (series["ds"] > now - pd.DateOffset(months=12))
        own, prior = series[mine & year], series[~mine & (series["ds"] <= now)]
        came = series[mine & (series["ds"] > now)].groupby("unique_id").head(12)
        scale = error_scale(series[mine], (origin,)).set_index("unique_id")["scale"]
        last = own.assign(ds=own["ds"] + pd.DateOffset(years=1))
        with_others = fs.forecast_demand(own, prior=prior).table
        alone = pd.concat([fs.forecast_demand(one).table for _, one in own.groupby("unique_id")])
        rows.append(
            {
                "origin": origin,
                "with the others": scaled_error(came, with_others, scale),
                "alone": scaled_error(came, alone, scale),
                "last year": scaled_error(came, last.rename(columns={"y": "median"}), scale),
            }
        )
    return rows


def scaled_error(came: pd.DataFrame, table: pd.DataFrame, scale: pd.Series) -> float:
    """Give the mean absolute scaled error over series."""
    both = came.merge(table[["unique_id", "ds", "median"]], on=["unique_id", "ds"])
    error = (both["y"] - both["median"]).abs().groupby(both["unique_id"]).mean()
    return rounded((error / scale).mean())


def rounded(value: float) -> float:
    """Keep four places."""
    return round(float(value), 4)


def figures_of(folder: Path, chosen: argparse.Namespace) -> dict[str, Any]:
    """Score what was asked for."""
    found: dict[str, Any] = {}
    if chosen.tuning or chosen.only in (None, "monthly"):
        origins = TUNED_ON if chosen.tuning else SCORED[-1:] if chosen.quick else SCORED
        found["monthly referrals"] = monthly(
            folder, origins, chosen.peers, few=6 if chosen.quick else 0
        )
    if chosen.tuning or chosen.quick:
        return found
    if chosen.only in (None, "annual"):
        found["annual panel"] = annual(folder)
    if chosen.only in (None, "prior"):
        found["12 months of history"] = short_history(folder)
    return found


def main() -> None:
    """Score, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one origin of a few authorities")
    parser.add_argument("--tuning", action="store_true", help="the earlier origins instead")
    parser.add_argument("--peers", type=Path, metavar="PYTHON", help="a Python with the peers")
    parser.add_argument("--only", choices=("monthly", "annual", "prior"), help="one part")
    parser.add_argument("--output", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    samples = os.environ.get("FS_RISK_SAMPLES")
    if not samples:
        raise SystemExit("Set FS_RISK_SAMPLES to the folder that holds published/.")
    watch = measured.Watch()
    found = json.loads(json.dumps(figures_of(Path(samples) / "published", chosen), default=str))
    if chosen.tuning or chosen.only:
        print(json.dumps(found, indent=1))
        return
    result = watch.result(
        "demand",
        f"Demand: {found['monthly referrals']['what']}; the annual panel",
        rows_of(found),
        packages=("lightgbm", "numpy", "pandas", "scikit-learn"),
        quick=chosen.quick,
        details=found,
        before_command="FS_RISK_SAMPLES=… ",
    )
    measured.write(result, chosen.output)


if __name__ == "__main__":
    main()
