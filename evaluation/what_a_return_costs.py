"""What each return costs the model: the same invented authority, read back from each.

The authority is written as a return and read back, so that the model sees what that return
can hold and no more; then the same plan is trained and evaluated on it. A return without a
writer is made from the dataset by taking away what it cannot hold.

Run: ``python evaluation/what_a_return_costs.py [--children 62700] [--seeds 1]``.
Results go to ``results/what_a_return_costs.json``.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

import fs_risk as fs
from fs_risk.records.admission import remade
from fs_risk.records.tables import TABLES
from fs_risk.records.writing.ssda903 import write_ssda903

RESULTS = Path(__file__).parent / "results" / "what_a_return_costs.json"
PLAN = fs.Plan(outcome="cp_plan", within_days=365, cohort="referral", capacity=0.15)
API_LACKS = (
    "contacts",
    "early_help",
    "family_links",
    "pre_proceedings",
    "missing_episodes",
    "involvements",
)
Made = Callable[[fs.Records, Path], fs.Records]


def as_dataset(authority: fs.Records, place: Path) -> fs.Records:
    """Write and read the Standard Safeguarding Dataset."""
    return fs.read_ssd(authority.to_ssd(place), extract_date=authority.extract_date.date())


def as_census(authority: fs.Records, place: Path) -> fs.Records:
    """Write and read all years of the Children in need census."""
    return fs.read_cin_census(authority.to_cin_census(place))


def as_census_and_care(authority: fs.Records, place: Path) -> fs.Records:
    """Combine the census with the return on children looked after."""
    census = as_census(authority, place / "cin")
    return fs.combine(census, fs.read_ssda903(write_ssda903(authority, place / "ssda903")))


def as_api(authority: fs.Records, place: Path) -> fs.Records:
    """Take from the dataset what the API cannot hold: tables, need, categories, legal status."""
    records = as_dataset(authority, place)
    frames = {name: records[name] for name in TABLES}
    coverage = dict(records.coverage)
    for name in API_LACKS:
        frames[name], coverage[name] = frames[name].head(0), None
    lost = {
        "referrals": ["primary_need", "decision_date", "team"],
        "cp_plans": ["initial_category", "latest_category", "previous_plans"],
        "care_periods": ["legal_status"],
        "care_episodes": ["legal_status"],
    }
    for name, columns in lost.items():
        blank = pd.Series(pd.NA, index=frames[name].index)
        frames[name] = frames[name].assign(
            **{column: blank.astype(frames[name][column].dtype) for column in columns}
        )
    return remade(records, frames=frames, coverage=coverage)


def as_annex_a(authority: fs.Records, place: Path) -> fs.Records:
    """Write and read an Annex A workbook."""
    end = authority.extract_date.date()
    return fs.read_annex_a(authority.to_annex_a(place / "annex_a.xlsx"), extract_date=end)


RETURNS: dict[str, Made] = {
    "everything the invented authority holds": lambda authority, place: authority,
    "Standard Safeguarding Dataset": as_dataset,
    "CIN census and SSDA903": as_census_and_care,
    "CIN census": as_census,
    "DfE API (made from the dataset)": as_api,
    "Annex A": as_annex_a,
}


def features_observed(records: fs.Records, cohort: pd.DataFrame) -> int:
    """Count the features that have a value for at least one case."""
    return int(np.isfinite(fs.build_features(records, cohort)).any().sum())


def measured(name: str, authority: fs.Records, place: Path) -> dict[str, object]:
    """Train and evaluate on what one return holds."""
    place.mkdir()
    start = time.perf_counter()
    records = RETURNS[name](authority, place)
    # read back from files it counts as real; it is the invented authority all the same
    records = remade(records, origin=authority.origin, truth=None)
    cohort = fs.referral_cohort(records)
    figures: dict[str, object] = {"return": name, "referrals": len(cohort)}
    figures["features_observed"] = features_observed(records, cohort)
    figures["features"] = len(fs.feature_catalogue())
    try:
        model = fs.train_step_up(records, PLAN, progress=False)
        report = fs.evaluate_step_up(model, records)
    except fs.FsRiskError as error:
        return {**figures, "refused": str(error).splitlines()[0]}
    table = report.table.set_index("metric")
    for metric in ("average_precision", "base_rate", "auroc"):
        if metric in table.index:
            row = table.loc[metric]
            figures[metric] = round(float(row["value"]), 4)
            figures[f"{metric}_low"] = round(float(row["low"]), 4)
            figures[f"{metric}_high"] = round(float(row["high"]), 4)
    figures["seconds"] = round(time.perf_counter() - start, 1)
    return figures


def every(children: int, seeds: int) -> Iterator[dict[str, object]]:
    """Measure each return for each authority."""
    for seed in range(seeds):
        authority = fs.make_authority(children=children, years=8, seed=seed)
        with tempfile.TemporaryDirectory() as folder:
            for number, name in enumerate(RETURNS):
                figures = {"seed": seed, **measured(name, authority, Path(folder) / str(number))}
                print(json.dumps(figures), flush=True)
                yield figures


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--children", type=int, default=62_700)
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    figures = {"children": asked.children, "results": list(every(asked.children, asked.seeds))}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
