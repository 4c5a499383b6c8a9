"""How far a model of default size comes from the base rate to the ceiling, on another authority.

A model is trained on the synthetic authority of one seed and asked about one year's cases
of another, larger one that it has never seen. The way is that of average precision: 0 at
the base rate, 1 at the best possible given what was recorded. Its interval resamples
families of the larger authority.

What the model sees is all that the authority holds, or what comes back when both
authorities are written as a return and read: the Standard Safeguarding Dataset in messy
mode with six years observed, or the Children in need census with SSDA903. The ceiling
stays that of all that was recorded before the day: a model whose records are some days
behind (``--lag``) is asked for what it cannot know, so by default they are not behind. It
knows the child's family too, which records link only on the day of a first referral: with
``--family-declared`` referrals name it (`Plan.family_declared`).

Run: ``python evaluation/way_to_ceiling.py [--seeds 0 1 2 3 4] [--children 1200000]
[--seen everything] [--lag 0]``. Cases of the larger authority are kept in ``--keep`` and used again
while they are there. Results: ``evaluation/results/way_to_ceiling.json``, in which the rows
of the same view and size are replaced.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score

import fs_risk as fs
from fs_risk.evaluation.study_cases import StudyCases
from fs_risk.model.folds import split_groups
from fs_risk.model.splits import ForwardHouseholdSplit, Slices
from fs_risk.records.admission import remade
from fs_risk.synthetic.ceiling import ceiling_probabilities
from fs_risk.synthetic.remade import remake

RESULTS = Path(__file__).parent / "results" / "way_to_ceiling.json"
FRESH = 1_000
"""Seed of the larger authority; the training ones have theirs below it."""

PLANS = {
    "plan, at referral": {"outcome": "cp_plan", "within_days": 365, "cohort": "referral"},
    "care, at referral": {"outcome": "care", "within_days": 548, "cohort": "referral"},
    "plan, at review": {"outcome": "cp_plan", "within_days": 365, "cohort": "open_case"},
    "care, at review": {"outcome": "care", "within_days": 548, "cohort": "open_case"},
}
"""The models tried."""

REVIEWS_APART = 183
"""Days between the reviews that are asked about, so that cases differ."""


def whole(authority: fs.Records, place: Path) -> fs.Records:
    """See all that the authority holds."""
    return authority


def messy_dataset(authority: fs.Records, place: Path) -> fs.Records:
    """See what comes back from a messy extract of the Standard Safeguarding Dataset."""
    folder = authority.to_ssd(place / "ssd", messy=True)
    return fs.read_ssd(folder, extract_date=authority.extract_date.date())


def census_and_care(authority: fs.Records, place: Path) -> fs.Records:
    """See what comes back from the Children in need census and SSDA903."""
    authority.to_cin_census(place / "cin")
    authority.to_ssda903(place / "ssda903")
    return fs.combine(fs.read_cin_census(place / "cin"), fs.read_ssda903(place / "ssda903"))


SEEN: dict[str, tuple[int, Callable[[fs.Records, Path], fs.Records]]] = {
    "everything": (8, whole),
    "messy dataset, six years": (6, messy_dataset),
    "census and care": (8, census_and_care),
}
"""What a model may see: years observed, and how it is written and read back."""


def seen_of(authority: fs.Records, name: str) -> fs.Records:
    """Give what a view leaves of an authority."""
    with tempfile.TemporaryDirectory() as place:
        read = SEEN[name][1](authority, Path(place))
    # read back from files it counts as real; it is the invented authority all the same
    return read if read is authority else remade(read, origin=authority.origin, truth=None)


def plan_of(name: str, lag: int, *, family_declared: bool = False) -> fs.Plan:
    """Give one of the plans tried, with the days by which its records are behind."""
    return fs.Plan(
        **PLANS[name],
        capacity=0.15,
        seed=0,
        extract_lag_days=lag,
        family_declared=family_declared and PLANS[name]["cohort"] == "referral",
    )


def cases_of(records: fs.Records, seen: fs.Records, plan: fs.Plan) -> pd.DataFrame:
    """Give a year's labelled cases, by referral: features of what is seen, and what is true.

    Of each its day, label, ceiling and family; the year is the last whose outcomes are
    wholly known.
    """
    window = records.coverage["referrals"]
    assert window is not None
    last = window.observed_to - pd.Timedelta(days=plan.within_days)
    first = last - pd.Timedelta(days=365)
    if plan.cohort == "referral":
        cohort = fs.referral_cohort(records, family_declared=plan.family_declared)
    else:
        days = pd.date_range(first.normalize(), last, freq=f"{REVIEWS_APART}D")
        cohort = fs.open_case_cohort(records, on=days)
    cohort = cohort[cohort["as_of"].between(first, last)].reset_index(drop=True)
    labels = fs.label_outcome(records, cohort, outcome=plan.outcome, within_days=plan.within_days)
    known = labels["label"].notna()
    cohort = cohort[known].reset_index(drop=True)
    named = as_numbered(seen, cohort, plan)
    built = fs.build_features(seen, named, lag_days=plan.extract_lag_days)
    best = ceiling_probabilities(
        records, cohort, outcome=plan.outcome, within_days=plan.within_days, kind=plan.cohort
    )
    links = records["family_links"].drop_duplicates("child_id").set_index("child_id")["family_id"]
    family = links.reindex(cohort["child_id"]).fillna("alone").to_numpy()
    built["as_of"] = cohort["as_of"].to_numpy()
    built["label"] = labels.loc[known, "label"].to_numpy()
    built["ceiling"] = best["given_recorded"].to_numpy()
    built["everything"] = best["given_everything"].to_numpy()
    built["family"] = pd.factorize(family)[0]
    return built.set_index(cohort["case_id"])[built["ceiling"].notna().to_numpy()]


def as_numbered(seen: fs.Records, cohort: pd.DataFrame, plan: fs.Plan) -> pd.DataFrame:
    """Give cases the ids of what is seen: the census numbers no referrals, so its reader does.

    Under another id a case's own referral, and what was found since it, would be unknown.
    """
    if plan.cohort == "referral":
        theirs = fs.referral_cohort(seen)
    else:
        theirs = fs.open_case_cohort(seen, on=pd.DatetimeIndex(cohort["as_of"].unique()))
    keys = ["child_id", "as_of"]
    ids = theirs.drop_duplicates(keys).set_index(keys)["case_id"]
    own = pd.Series(ids.reindex(pd.MultiIndex.from_frame(cohort[keys])).to_numpy(), cohort.index)
    listed = cohort["case_id"].isin(theirs["case_id"])
    return cohort.assign(case_id=cohort["case_id"].where(listed | own.isna(), own))


@dataclass(frozen=True)
class Halves:
    """The labelled cases of a study, and which of them a plan learns from.

    Attributes
    ----------
    known : ndarray of bool, shape (n_cases,)
        Those labelled, of all; the rest is of these.
    cohort, groups : DataFrame
    slices : Slices
    """

    known: np.ndarray
    cohort: pd.DataFrame
    groups: pd.DataFrame
    slices: Slices


def halves_of(study: StudyCases, plan: fs.Plan) -> Halves:
    """Split a study's labelled cases as a plan does."""
    known = study.labels["label"].notna().to_numpy()
    cohort = study.cohort[known]
    groups = split_groups(cohort, study.households)
    split = ForwardHouseholdSplit(
        horizon_days=plan.within_days, n_folds=plan.n_folds, test_days=plan.test_days,
        extract_lag_days=plan.extract_lag_days, seed=plan.seed,
    )  # fmt: skip
    return Halves(known, cohort, groups, split.slices(groups))


def fresh_cases(
    view: str, children: int, lag: int, keep: Path | None, plans: dict[str, fs.Plan]
) -> dict[str, Path]:
    """Make the larger authority once, and store each plan's cases as Parquet."""
    folder = keep or Path("way_to_ceiling_cases")
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{FRESH}-{children}-{slug(view)}-{lag}d"
    paths = {
        name: folder / f"{stem}-{slug(name)}{'-family' * plan.family_declared}.parquet"
        for name, plan in plans.items()
    }
    missing = [name for name in plans if not paths[name].exists()]
    if missing:
        records = fs.make_authority(children=children, years=SEEN[view][0], seed=FRESH)
        seen = seen_of(records, view)
        held = remake(records)
        for name in missing:
            cases_of(records, seen, plans[name]).to_parquet(paths[name])
            print(f"cases of {view}: {name}", flush=True)
        del held
    return paths


def slug(name: str) -> str:
    """Make a file name of a plan's name."""
    return name.replace(" at ", " ").replace(",", "").replace(" ", "-")


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


KEYS = ("seen", "children", "lag", "seed", "model", "family_declared")


def stored(
    rows: list[dict[str, object]], results: Path = RESULTS, by: Sequence[str] = KEYS
) -> None:
    """Put rows in the place of those that have the same of each of some keys."""

    def key(row: dict[str, object]) -> tuple[object, ...]:
        return tuple(row.get(part, False) for part in by)

    before = json.loads(results.read_text(encoding="utf-8")) if results.exists() else []
    new = {key(row) for row in rows}
    kept = [row for row in before if key(row) not in new]
    results.write_text(json.dumps([*kept, *rows], indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Train, ask, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--children", type=int, default=1_200_000)
    parser.add_argument("--plans", nargs="+", default=list(PLANS), choices=list(PLANS))
    parser.add_argument("--seen", default="everything", choices=list(SEEN))
    parser.add_argument("--lag", type=int, default=0, help="days by which the records are behind")
    parser.add_argument(
        "--family-declared", action="store_true", help="referrals name the child's family"
    )
    parser.add_argument("--resamples", type=int, default=200)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only-cases", action="store_true", help="make the cases, train nothing")
    asked = parser.parse_args()
    plans = {
        name: plan_of(name, asked.lag, family_declared=asked.family_declared)
        for name in asked.plans
    }
    paths = fresh_cases(asked.seen, asked.children, asked.lag, asked.keep, plans)
    if asked.only_cases:
        return
    rows: list[dict[str, object]] = []
    for seed in asked.seeds:
        authority = fs.make_authority(years=SEEN[asked.seen][0], seed=seed)
        records = seen_of(authority, asked.seen)
        for name in asked.plans:
            about = {
                "seen": asked.seen, "children": asked.children, "lag": asked.lag,
                "seed": seed, "model": name, "family_declared": plans[name].family_declared,
            }  # fmt: skip
            try:
                model = fs.train_step_up(records, plans[name])
            except fs.FsRiskError as error:
                rows.append({**about, "refused": str(error).splitlines()[0]})
                continue
            cases = pd.read_parquet(paths[name])
            score = model.log_odds(cases[list(model.feature_names)])
            rows.append({**about, **measure(cases, score, asked.resamples)})
            print(json.dumps(rows[-1]), flush=True)
        stored(rows)


if __name__ == "__main__":
    main()
