"""How far models come that are told the exact posterior of the family's hidden state.

Nobody has it outside an invented authority: it is the ceiling's own view of what kind of
family this is and how it fares, from every recorded fact. Trees learn from default size's
cases and what happened, as any model must, three times: from all features; from these and
the state; from the state and the child's age alone. Settings and number of trees are those
of a plan, but for limits of direction, which a state has not. At reviews, where it matters
too what is open and for how long, a line in log-odds (`hidden_markov/lines.py`) on state, age
and that is asked besides. Cases asked about, ways and intervals are those of
`way_to_ceiling.py --family-declared --lag 0`.

Run: ``python evaluation/way_told_the_state.py [--seeds 0 1 2 3 4] [--children 1200000]``
(three quarters of an hour). Results: ``evaluation/results/way_told_the_state.json``.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from hidden_markov.lines import at_review, learn_line
from scipy.special import logit
from way_to_ceiling import FRESH, cases_of, halves_of, measure, plan_of, stored

import fs_risk as fs
from fs_risk.api import study_cases
from fs_risk.model.booster import Recipe
from fs_risk.model.fitting import fit_trees
from fs_risk.synthetic.ceiling_answers import hidden_states
from fs_risk.synthetic.remade import remake
from fs_risk.synthetic.states import PHASES

RESULTS = Path(__file__).parent / "results" / "way_told_the_state.json"
NAMES = ("plan, at referral", "care, at referral", "plan, at review")
AGE = ["child_age_years"]
SMALLEST = 1e-6


def state_of(records: fs.Records, cohort: pd.DataFrame) -> pd.DataFrame:
    """Give the chance of each class and phase on the day of each case; missing outside the chain.

    Parameters
    ----------
    records : Records
    cohort : DataFrame
        ``case_id`` and ``as_of``.
    """
    made = remake(records)
    number, day = made.referrals(cohort["case_id"]), made.days_of(cohort)
    reviewed = bool((day > made.day_of(number))[number >= 0].all())
    inside = np.flatnonzero(number >= 0)
    share = hidden_states(made, number[inside], day=day[inside] if reviewed else None)
    names = [f"state_{place}" for place in range(share.shape[1])]
    found = pd.DataFrame(np.nan, index=cohort.index, columns=names)
    found.iloc[inside] = share
    return found


@dataclass(frozen=True)
class Learnt:
    """What a model of a plan learns from: features, states, what happened, folds."""

    features: pd.DataFrame
    state: pd.DataFrame
    label: np.ndarray
    fold: np.ndarray


def learnt_from(records: fs.Records, plan: fs.Plan) -> Learnt:
    """Give the cases of a plan's fit period."""
    study = study_cases(records, plan)
    halves = halves_of(study, plan)
    rows = halves.slices.fitting
    return Learnt(
        study.features[halves.known][rows],
        state_of(records, halves.cohort[rows]),
        study.labels.loc[halves.known, "label"].to_numpy()[rows],
        halves.slices.fold[rows],
    )


def scores(
    learnt: Learnt, asked: pd.DataFrame, state: pd.DataFrame, plan: fs.Plan
) -> dict[str, np.ndarray]:
    """Score cases in each of the ways."""
    features, other = learnt.features, asked[list(learnt.features)]
    told, other_told = (logit(each.clip(SMALLEST, 1 - SMALLEST)) for each in (learnt.state, state))
    ways = {
        "features": (features, other),
        "features and state": (features.join(told), other.join(other_told)),
        "age and state": (features[AGE].join(told), other[AGE].join(other_told)),
    }
    found = {name: _by_trees(*frames, learnt, plan) for name, frames in ways.items()}
    if plan.cohort == "open_case":
        found["line on age, state and what is open"] = _by_line(learnt, asked, state)
    return found


def _by_trees(
    columns: pd.DataFrame, asked: pd.DataFrame, learnt: Learnt, plan: fs.Plan
) -> np.ndarray:
    """Score by trees of a plan's settings, as many as a plan would keep."""
    names = list(columns)
    fitted = fit_trees(
        columns.to_numpy(np.float32),
        learnt.label,
        Recipe(names, [0] * len(names), plan.booster, plan.seed),
        fold=learnt.fold,
        fitting=np.ones(len(learnt.label), dtype=bool),
        progress=False,
    )
    return fitted.booster.margin(asked.to_numpy(np.float32))


def _by_line(learnt: Learnt, asked: pd.DataFrame, state: pd.DataFrame) -> np.ndarray:
    """Score by a line learnt from the cases whose state is known."""
    known = learnt.state.notna().all(axis=1).to_numpy()
    line = learn_line(
        at_review(_by_class(learnt.state[known]), learnt.features[known]), learnt.label[known]
    )
    return line.of(at_review(_by_class(state), asked))


def _by_class(state: pd.DataFrame) -> np.ndarray:
    """Lay the chances out by class and phase."""
    return state.to_numpy().reshape(len(state), -1, len(PHASES))


def main() -> None:
    """Learn, ask, print and store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--children", type=int, default=1_200_000)
    parser.add_argument("--resamples", type=int, default=200)
    wanted = parser.parse_args()
    plans = {name: plan_of(name, 0, family_declared=True) for name in NAMES}
    larger = fs.make_authority(children=wanted.children, years=8, seed=FRESH)
    held = remake(larger)
    asked, states = {}, {}
    for name, plan in plans.items():
        cases = cases_of(larger, larger, plan).reset_index()
        states[name] = state_of(larger, cases)
        told = states[name].notna().all(axis=1)
        asked[name], states[name] = cases[told], states[name][told]
    del larger, held
    rows = []
    for seed in wanted.seeds:
        authority = fs.make_authority(years=8, seed=seed)
        for name, plan in plans.items():
            learnt = learnt_from(authority, plan)
            for way, score in scores(learnt, asked[name], states[name], plan).items():
                about = {"model": name, "seed": seed, "children": wanted.children, "told": way}
                found = measure(asked[name], score, wanted.resamples)
                rows.append({**about, "learnt_from": len(learnt.label), **found})
                print(json.dumps(rows[-1]), flush=True)
        stored(rows, RESULTS, by=("children", "seed", "model"))


if __name__ == "__main__":
    main()
