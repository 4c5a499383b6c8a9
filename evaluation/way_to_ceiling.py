"""How far a model of default size comes from the base rate to the ceiling, on another authority.

A model is trained on the synthetic authority of one seed and asked about one year's cases
of another, larger one that it has never seen. The way is that of average precision: 0 at
the base rate, 1 at the best possible given what was recorded. Its interval resamples
families.

Run: ``python evaluation/way_to_ceiling.py [--seeds 0 1 2 3 4] [--children 1200000]``.
Cases of the larger authority are kept in ``--keep`` and used again while they are there.
Results: ``evaluation/results/way_to_ceiling.json``.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score

import fs_risk as fs
from fs_risk.synthetic.ceiling import ceiling_probabilities
from fs_risk.synthetic.remade import remake

RESULTS = Path(__file__).parent / "results" / "way_to_ceiling.json"
FRESH = 1_000
"""The larger authority's seed is that of the training one, plus so many."""

PLANS = {
    "plan, at referral": {"outcome": "cp_plan", "within_days": 365, "cohort": "referral"},
    "care, at referral": {"outcome": "care", "within_days": 548, "cohort": "referral"},
    "plan, at review": {"outcome": "cp_plan", "within_days": 365, "cohort": "open_case"},
    "care, at review": {"outcome": "care", "within_days": 548, "cohort": "open_case"},
}
"""The models tried."""

REVIEWS_APART = 183
"""Days between the reviews that are asked about, so that cases differ."""


def plan_of(name: str) -> fs.Plan:
    """Give one of the plans tried."""
    return fs.Plan(**PLANS[name], capacity=0.15, seed=0)


def cases_of(records: fs.Records, plan: fs.Plan) -> pd.DataFrame:
    """Give a year's labelled cases: features, label, ceiling and family.

    The year is the last whose outcomes are wholly known.
    """
    window = records.coverage["referrals"]
    assert window is not None
    last = window.observed_to - pd.Timedelta(days=plan.within_days)
    first = last - pd.Timedelta(days=365)
    if plan.cohort == "referral":
        cohort = fs.referral_cohort(records)
    else:
        days = pd.date_range(first.normalize(), last, freq=f"{REVIEWS_APART}D")
        cohort = fs.open_case_cohort(records, on=days)
    cohort = cohort[cohort["as_of"].between(first, last)].reset_index(drop=True)
    labels = fs.label_outcome(records, cohort, outcome=plan.outcome, within_days=plan.within_days)
    known = labels["label"].notna()
    cohort = cohort[known].reset_index(drop=True)
    built = fs.build_features(records, cohort, lag_days=plan.extract_lag_days)
    best = ceiling_probabilities(
        records, cohort, outcome=plan.outcome, within_days=plan.within_days, kind=plan.cohort
    )
    links = records["family_links"].drop_duplicates("child_id").set_index("child_id")["family_id"]
    family = links.reindex(cohort["child_id"]).fillna("alone").to_numpy()
    built["label"] = labels.loc[known, "label"].to_numpy()
    built["ceiling"] = best["given_recorded"].to_numpy()
    built["everything"] = best["given_everything"].to_numpy()
    built["family"] = pd.factorize(family)[0]
    return built[built["ceiling"].notna()].reset_index(drop=True)


def fresh_cases(seed: int, children: int, keep: Path | None, names: list[str]) -> dict[str, Path]:
    """Make the larger authority once, and store each plan's cases as Parquet."""
    folder = keep or Path("way_to_ceiling_cases")
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{seed}-{children}-{slug(name)}.parquet" for name in names}
    missing = [name for name in names if not paths[name].exists()]
    if missing:
        records = fs.make_authority(children=children, seed=seed)
        held = remake(records)
        for name in missing:
            cases_of(records, plan_of(name)).to_parquet(paths[name])
            print(f"cases of seed {seed}: {name}", flush=True)
        del held
    return paths


def slug(name: str) -> str:
    """Make a file name of a plan's name."""
    return name.replace(", at ", "-")


def way(label: np.ndarray, score: np.ndarray, best: np.ndarray, weight: np.ndarray) -> list[float]:
    """Give base rate, average precision of the score and of the best, and the way."""
    base = float(np.average(label, weights=weight))
    mine, theirs = (
        float(average_precision_score(label, each, sample_weight=weight)) for each in (score, best)
    )
    return [base, mine, theirs, (mine - base) / (theirs - base)]


def measure(cases: pd.DataFrame, score: np.ndarray, resamples: int) -> dict[str, float]:
    """Give the way and its 95% interval, families resampled."""
    label, best = cases["label"].to_numpy(), cases["ceiling"].to_numpy()
    family = cases["family"].to_numpy()
    found = way(label, score, best, np.ones(len(label)))
    rng = np.random.default_rng(0)
    ways = [
        way(label, score, best, rng.poisson(1.0, family.max() + 1)[family].astype(float))[3]
        for _ in range(resamples)
    ]
    low, high = np.quantile(ways, [0.025, 0.975])
    return {
        "cases": len(cases),
        "base_rate": found[0],
        "average_precision": found[1],
        "ceiling": found[2],
        "way": found[3],
        "low": float(low),
        "high": float(high),
        "ceiling_auc": float(roc_auc_score(label, best)),
        "auc": float(roc_auc_score(label, score)),
        "observed_over_expected": float(label.sum() / expit(score).sum()),
    }


def main() -> None:
    """Train, ask, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--children", type=int, default=1_200_000)
    parser.add_argument("--plans", nargs="+", default=list(PLANS), choices=list(PLANS))
    parser.add_argument("--resamples", type=int, default=200)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only-cases", action="store_true", help="make the cases, train nothing")
    asked = parser.parse_args()
    rows = []
    for seed in asked.seeds:
        paths = fresh_cases(FRESH + seed, asked.children, asked.keep, asked.plans)
        if asked.only_cases:
            continue
        records = fs.make_authority(seed=seed)
        for name in asked.plans:
            model = fs.train_step_up(records, plan_of(name))
            cases = pd.read_parquet(paths[name])
            score = model.log_odds(cases[list(model.feature_names)])
            row = {"seed": seed, "model": name, **measure(cases, score, asked.resamples)}
            print(json.dumps(row), flush=True)
            rows.append(row)
    if rows:
        RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
