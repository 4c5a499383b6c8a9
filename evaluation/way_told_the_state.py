"""How far trees come that are told the exact posterior of the family's hidden state.

Nobody has it outside an invented authority: it is the ceiling's own view of what kind of
family this is and how it fares, from every recorded fact. Trees learn from default size's
cases and what happened, as any model must, three times: from all features; from these and
the state; from the state and the child's age alone. Settings and number of trees are those
of a plan, but for limits of direction, which a state has not. Cases asked about, ways and
intervals are those of `way_to_ceiling.py` at ``--lag 0``.

Run: ``python evaluation/way_told_the_state.py [--seeds 0 1 2 3 4] [--children 1200000]``
(half an hour). Results: ``evaluation/results/way_told_the_state.json``.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logit
from way_to_ceiling import FRESH, cases_of, measure, plan_of

import fs_risk as fs
from fs_risk.api import study_cases
from fs_risk.model.booster import Recipe
from fs_risk.model.fitting import fit_trees
from fs_risk.model.folds import household_fold, split_groups
from fs_risk.synthetic.ceiling_answers import hidden_states
from fs_risk.synthetic.remade import remake

RESULTS = Path(__file__).parent / "results" / "way_told_the_state.json"
AGE = ["child_age_years"]
SMALLEST = 1e-6


def state_of(records: fs.Records, case_ids: pd.Series) -> pd.DataFrame:
    """Give the log-odds of each class and phase at referrals; missing outside the chain."""
    made = remake(records)
    number = made.referrals(case_ids)
    inside = np.flatnonzero(number >= 0)
    share = hidden_states(made, number[inside]).clip(SMALLEST, 1 - SMALLEST)
    names = [f"state_{place}" for place in range(share.shape[1])]
    found = pd.DataFrame(np.nan, index=case_ids.index, columns=names)
    found.iloc[inside] = logit(share)
    return found


@dataclass(frozen=True)
class Learnt:
    """What a model of a plan learns from: features with the state, what happened, folds."""

    features: pd.DataFrame
    label: np.ndarray
    fold: np.ndarray


def learnt_from(records: fs.Records, plan: fs.Plan) -> Learnt:
    """Give the cases before the test year and its embargo, counted back from the last known one.

    A plan's own split has one day more: 7 to 18 cases.
    """
    cases = study_cases(records, plan)
    known = cases.labels["label"].notna()
    last = cases.cohort["as_of"][known].max()
    before = cases.cohort["as_of"] < last - pd.Timedelta(days=plan.test_days + plan.within_days)
    rows = (before & known).to_numpy()
    state = state_of(records, cases.cohort["case_id"])
    household = split_groups(cases.cohort, cases.households)["household"]
    fold = household_fold(household, n_folds=plan.n_folds, seed=plan.seed)
    return Learnt(
        cases.features.join(state)[rows], cases.labels.loc[rows, "label"].to_numpy(), fold[rows]
    )


def scores(learnt: Learnt, asked: pd.DataFrame, names: list[str], plan: fs.Plan) -> np.ndarray:
    """Score cases by trees that learnt from the named columns, as many as a plan would keep."""
    recipe = Recipe(names, [0] * len(names), plan.booster, plan.seed)
    fitted = fit_trees(
        learnt.features[names].to_numpy(np.float32),
        learnt.label,
        recipe,
        fold=learnt.fold,
        fitting=np.ones(len(learnt.label), dtype=bool),
        progress=False,
    )
    return fitted.booster.margin(asked[names].to_numpy(np.float32))


def main() -> None:
    """Learn, ask, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--children", type=int, default=1_200_000)
    parser.add_argument("--resamples", type=int, default=200)
    wanted = parser.parse_args()
    plans = {name: plan_of(name, 0) for name in ("plan, at referral", "care, at referral")}
    larger = fs.make_authority(children=wanted.children, years=8, seed=FRESH)
    asked = {}
    for name, plan in plans.items():
        cases = cases_of(larger, larger, plan)
        asked[name] = cases.join(state_of(larger, pd.Series(cases.index, index=cases.index)))
    del larger
    rows = []
    for seed in wanted.seeds:
        authority = fs.make_authority(years=8, seed=seed)
        for name, plan in plans.items():
            learnt = learnt_from(authority, plan)
            both = list(learnt.features)
            state = [column for column in both if column.startswith("state_")]
            features = [column for column in both if column not in state]
            for told, names in {"features": features, "features and state": both,
                                "age and state": [*AGE, *state]}.items():  # fmt: skip
                found = measure(
                    asked[name], scores(learnt, asked[name], names, plan), wanted.resamples
                )
                about = {"model": name, "seed": seed, "children": wanted.children, "told": told}
                rows.append({**about, "learnt_from": len(learnt.label), **found})
                print(json.dumps(rows[-1]), flush=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
