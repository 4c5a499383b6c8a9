"""What a hidden Markov model of households' histories would bring, no truth about any family told.

`way_told_the_state.py` hands trees the exact posterior of the family's class and phase, which
nobody has. Here a model of types and phases is fitted to the records of the fit period alone
(`hidden_markov/`), without labels and without the tested households, and says of each referral
how likely each type and phase is on the day. Then are asked, about the cases and with the ways
and intervals of `way_to_ceiling.py --family-declared --lag 0`:

- the trees of a plan on its features;
- a penalised logistic regression on types, phases and the band of the child's age alone;
- trees of the same settings on the features and the shares, grown from that regression.

It is no part of the library: see decision 15.

Run: ``python evaluation/way_of_household_states.py [--seeds 0 1 2 3 4] [--children 1200000]``
(half an hour). Results: ``evaluation/results/way_of_household_states.json``.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from hidden_markov.fitting import fit_household_states
from hidden_markov.histories import read_households, shares_of
from hidden_markov.states import AGES, HouseholdStates
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from way_to_ceiling import FRESH, cases_of, measure, plan_of

import fs_risk as fs
from fs_risk.api import study_cases
from fs_risk.features.cases import as_cases
from fs_risk.model.booster import Recipe, all_threads
from fs_risk.model.fitting import fit_trees
from fs_risk.model.folds import split_groups
from fs_risk.model.splits import ForwardHouseholdSplit

RESULTS = Path(__file__).parent / "results" / "way_of_household_states.json"
NAMES = ("plan, at referral", "care, at referral")
N_TYPES = 8
PENALTY = 0.003
"""Inverse strength, as scikit-learn's C: seventeen columns, from 500 outcomes on."""


@dataclass(frozen=True)
class Learnt:
    """What is learnt from: features, shares of types and phases, what happened, folds."""

    features: pd.DataFrame
    shares: np.ndarray
    label: np.ndarray
    fold: np.ndarray
    states: HouseholdStates


def learnt_from(records: fs.Records, plan: fs.Plan) -> Learnt:
    """Give the cases of a plan's fit period, and fit the states to its households."""
    study = study_cases(records, plan)
    known = study.labels["label"].notna().to_numpy()
    cohort = study.cohort[known]
    groups = split_groups(cohort, study.households)
    slices = ForwardHouseholdSplit(
        horizon_days=plan.within_days, n_folds=plan.n_folds, test_days=plan.test_days,
        extract_lag_days=plan.extract_lag_days, seed=plan.seed,
    ).slices(groups)  # fmt: skip
    history = fs.History.from_records(records)
    tested = set(groups["household"][slices.testing])
    one_each = study.households[~study.households.isin(tested)].drop_duplicates()
    as_known = pd.DataFrame(
        {
            "case_id": one_each.to_numpy(),
            "child_id": one_each.index,
            "as_of": cohort["as_of"][slices.testing].min(),
        }
    )
    found = read_households(history, as_cases(history, as_known, lag_days=0), referred=False)
    states = fit_household_states(found, n_types=N_TYPES, seed=plan.seed)
    fitting = slices.fitting
    return Learnt(
        features=study.features[known][fitting],
        shares=shares(history, cohort[fitting], states),
        label=study.labels.loc[known, "label"].to_numpy()[fitting],
        fold=slices.fold[fitting],
        states=states,
    )


def shares(history: fs.History, cohort: pd.DataFrame, states: HouseholdStates) -> np.ndarray:
    """Give the chance of each type and phase at referrals."""
    found = read_households(history, as_cases(history, cohort, lag_days=0), referred=True)
    return shares_of(found, states, referred=True)


def with_age(found: np.ndarray, features: pd.DataFrame) -> np.ndarray:
    """Put bands of the child's age beside the shares; before birth is a band of its own."""
    age = features["child_age_years"].to_numpy(dtype=np.float64)
    band = np.where(np.isnan(age), 0, 1 + np.searchsorted(AGES, age, side="right"))
    return np.column_stack([found, np.eye(len(AGES) + 2)[band]])


def trees_from(
    line: np.ndarray, matrix: np.ndarray, learnt: Learnt, plan: fs.Plan
) -> lightgbm.Booster:
    """Grow a plan's trees from a first score, as many as households held out gain from."""
    names = [f"column_{place}" for place in range(matrix.shape[1])]
    settings = Recipe(names, [0] * len(names), plan.booster, plan.seed).parameters(len(matrix))
    settings["num_threads"] = all_threads()
    curves, sizes = [], []
    for number in range(plan.n_folds):
        learn, hold = learnt.fold != number, learnt.fold == number
        data = lightgbm.Dataset(matrix[learn], learnt.label[learn], init_score=line[learn])
        check = lightgbm.Dataset(
            matrix[hold], learnt.label[hold], init_score=line[hold], reference=data
        )
        kept: dict[str, dict[str, list[float]]] = {}
        lightgbm.train(
            settings, data, plan.booster.max_rounds // 2, valid_sets=[check],
            valid_names=["held_out"], callbacks=[lightgbm.record_evaluation(kept)],
        )  # fmt: skip
        curves.append(kept["held_out"]["binary_logloss"])
        sizes.append(int(hold.sum()))
    rounds = int(np.average(curves, axis=0, weights=sizes).argmin()) + 1
    whole = lightgbm.Dataset(matrix, learnt.label, init_score=line)
    return lightgbm.train(settings, whole, rounds)


def scores(
    learnt: Learnt, plan: fs.Plan, asked: pd.DataFrame, told: np.ndarray
) -> dict[str, np.ndarray]:
    """Score the cases asked about in each of the three ways."""
    names = list(learnt.features)
    matrix = learnt.features.to_numpy(np.float32)
    other = asked[names].to_numpy(np.float32)
    plain = fit_trees(
        matrix, learnt.label, Recipe(names, [0] * len(names), plan.booster, plan.seed),
        fold=learnt.fold, fitting=np.ones(len(matrix), dtype=bool), progress=False,
    )  # fmt: skip
    line = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=2_000))
    line.fit(with_age(learnt.shares, learnt.features), learnt.label)
    first = line.decision_function(with_age(learnt.shares, learnt.features))
    then = line.decision_function(with_age(told, asked))
    grown = trees_from(first, np.column_stack([matrix, learnt.shares]), learnt, plan)
    more = np.asarray(grown.predict(np.column_stack([other, told]), raw_score=True))
    return {
        "features": plain.booster.margin(other),
        "types, phases and age": then,
        "all, grown from these": then + more,
    }


def main() -> None:
    """Learn, ask, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--children", type=int, default=1_200_000)
    parser.add_argument("--resamples", type=int, default=200)
    wanted = parser.parse_args()
    plans = {name: plan_of(name, 0, family_declared=True) for name in NAMES}
    larger = fs.make_authority(children=wanted.children, years=8, seed=FRESH)
    asked = {name: cases_of(larger, larger, plan) for name, plan in plans.items()}
    cohort = fs.referral_cohort(larger, family_declared=True).set_index("case_id", drop=False)
    history = fs.History.from_records(larger)
    del larger
    rows = []
    for seed in wanted.seeds:
        authority = fs.make_authority(years=8, seed=seed)
        for name, plan in plans.items():
            learnt = learnt_from(authority, plan)
            told = shares(history, cohort.loc[asked[name].index], learnt.states)
            for way, score in scores(learnt, plan, asked[name], told).items():
                about = {"model": name, "seed": seed, "children": wanted.children, "told": way}
                found = measure(asked[name], score, wanted.resamples)
                rows.append({**about, "learnt_from": len(learnt.label), **found})
                print(json.dumps(rows[-1]), flush=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
