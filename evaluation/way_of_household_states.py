"""What a hidden Markov model of households' histories would bring, no truth about any family told.

`way_told_the_state.py` hands trees the exact posterior of the family's class and phase, which
nobody has. Here a model of types and phases is fitted to the records of the fit period alone
(`hidden_markov/`), without labels and without the tested households, and says of each case
how likely each type and phase is on the day. Then are asked, about the cases and with the ways
and intervals of `way_to_ceiling.py --family-declared --lag 0`:

- the trees of a plan on its features;
- a line in log-odds on types, phases and the child's age (at reviews also on what is open for
  how long), learnt from what happened (`hidden_markov/lines.py`);
- at referral, the same averaged with a line that learnt in which types and phases it happened,
  these told by what came after too;
- trees of the same settings on the features and the shares, grown from the last of these.

It is no part of the library: see decision 15.

Run: ``python evaluation/way_of_household_states.py [--seeds 0 1 2 3 4] [--children 1200000]``
(an hour and a half). Results: ``evaluation/results/way_of_household_states.json``.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import lightgbm
import numpy as np
import pandas as pd
from hidden_markov.fitting import fit_household_states
from hidden_markov.histories import Histories, read_households, shares_looking_back, shares_of
from hidden_markov.lines import (
    at_referral,
    at_review,
    learn_line,
    learn_looking_back,
    of_states,
)
from hidden_markov.states import HouseholdStates
from way_to_ceiling import FRESH, cases_of, halves_of, measure, plan_of, stored

import fs_risk as fs
from fs_risk.api import study_cases
from fs_risk.features.cases import as_cases
from fs_risk.model.booster import Recipe, all_threads
from fs_risk.model.fitting import fit_trees

RESULTS = Path(__file__).parent / "results" / "way_of_household_states.json"
NAMES = ("plan, at referral", "care, at referral", "plan, at review")
N_TYPES = 8


@dataclass(frozen=True)
class Learnt:
    """What is learnt from: features, histories, states on the day and as told later, folds."""

    features: pd.DataFrame
    found: Histories
    share: np.ndarray
    told_later: np.ndarray
    label: np.ndarray
    fold: np.ndarray
    states: HouseholdStates


def learnt_from(records: fs.Records, plan: fs.Plan) -> Learnt:
    """Give the cases of a plan's fit period, and fit the states to its households."""
    study = study_cases(records, plan)
    halves = halves_of(study, plan)
    cohort, groups, slices = halves.cohort, halves.groups, halves.slices
    history = fs.History.from_records(records)
    one_each = study.households.drop_duplicates()
    end = cohort["as_of"][slices.testing].min()
    as_known = pd.DataFrame(
        {"case_id": one_each.to_numpy(), "child_id": one_each.index, "as_of": end}
    )
    tested = as_known["case_id"].isin(set(groups["household"][slices.testing]))
    states = fit_household_states(
        histories(history, as_known[~tested], referred=False), n_types=N_TYPES, seed=plan.seed
    )
    fitting = slices.fitting
    referred = plan.cohort == "referral"
    found = histories(history, cohort[fitting], referred=referred)
    place = pd.Series(np.arange(len(as_known)), index=as_known["case_id"])
    told_later = shares_looking_back(
        histories(history, as_known, referred=False),
        states,
        household=place[groups["household"][fitting]].to_numpy(),
        days_ago=(end - cohort["as_of"][fitting]).dt.days.to_numpy(),
    )
    return Learnt(
        features=study.features[halves.known][fitting],
        found=found,
        share=shares_of(found, states, referred=referred),
        told_later=told_later,
        label=study.labels.loc[halves.known, "label"].to_numpy()[fitting],
        fold=slices.fold[fitting],
        states=states,
    )


def histories(history: fs.History, cohort: pd.DataFrame, *, referred: bool) -> Histories:
    """Read households' histories as known on the day of each case."""
    return read_households(history, as_cases(history, cohort, lag_days=0), referred=referred)


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
    learnt: Learnt, plan: fs.Plan, asked: pd.DataFrame, then: Histories
) -> dict[str, np.ndarray]:
    """Score the cases asked about in each of the ways."""
    referred = plan.cohort == "referral"
    names = list(learnt.features)
    matrix, other = learnt.features.to_numpy(np.float32), asked[names].to_numpy(np.float32)
    plain = fit_trees(
        matrix, learnt.label, Recipe(names, [0] * len(names), plan.booster, plan.seed),
        fold=learnt.fold, fitting=np.ones(len(matrix), dtype=bool), progress=False,
    )  # fmt: skip
    share = shares_of(then, learnt.states, referred=referred)
    if referred:
        columns = at_referral(learnt.share, np.diff(learnt.found.first_step), learnt.features)
        asked_columns = at_referral(share, np.diff(then.first_step), asked)
    else:
        columns, asked_columns = at_review(learnt.share, learnt.features), at_review(share, asked)
    line = learn_line(columns, learnt.label)
    ways = {
        "features": plain.booster.margin(other),
        "types, phases and age": line.of(asked_columns),
    }
    if referred:
        line = line.between(
            learn_looking_back(
                columns, learnt.share, learnt.told_later, learnt.features, learnt.label
            )
        )
        ways["types, phases and age, looking back too"] = line.of(asked_columns)
    grown = trees_from(
        line.of(columns), np.column_stack([matrix, of_states(learnt.share)]), learnt, plan
    )
    more = np.asarray(grown.predict(np.column_stack([other, of_states(share)]), raw_score=True))
    return {**ways, "all, grown from these": line.of(asked_columns) + more}


def then_of(records: fs.Records, asked: pd.DataFrame, plan: fs.Plan) -> Histories:
    """Give the histories of the households of the cases asked about, as known on their days."""
    if plan.cohort == "referral":
        cohort = fs.referral_cohort(records, family_declared=True)
    else:
        cohort = fs.open_case_cohort(records, on=pd.DatetimeIndex(asked["as_of"].unique()))
    rows = pd.MultiIndex.from_arrays([asked.index, asked["as_of"]])
    cohort = cohort.set_index(["case_id", "as_of"], drop=False).loc[rows].reset_index(drop=True)
    history = fs.History.from_records(records)
    return histories(history, cohort, referred=plan.cohort == "referral")


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
    then = {name: then_of(larger, asked[name], plan) for name, plan in plans.items()}
    del larger
    rows = []
    for seed in wanted.seeds:
        authority = fs.make_authority(years=8, seed=seed)
        for name, plan in plans.items():
            learnt = learnt_from(authority, plan)
            for way, score in scores(learnt, plan, asked[name], then[name]).items():
                about = {"model": name, "seed": seed, "children": wanted.children, "told": way}
                found = measure(asked[name], score, wanted.resamples)
                rows.append({**about, "learnt_from": len(learnt.label), **found})
                print(json.dumps(rows[-1]), flush=True)
        stored(rows, RESULTS, by=("children", "seed", "model"))


if __name__ == "__main__":
    main()
