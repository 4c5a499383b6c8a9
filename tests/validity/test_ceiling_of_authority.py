"""The ceiling of an authority: calibrated, above what models reach and below the whole truth."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

import fs_risk as fs
from fs_risk.synthetic.ceiling import ceiling_probabilities
from fs_risk.synthetic.ceiling_answers import hidden_states
from fs_risk.synthetic.remade import remake

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

SEEDS = (21, 22)
ASKED = {"cp_plan": 365, "care": 548, "re_referral": 365}


@pytest.fixture(
    scope="module",
    params=[SEEDS[:1], pytest.param(SEEDS, marks=pytest.mark.nightly)],
    ids=["one authority", "two authorities"],
)
def authorities(request):
    """One for each change, and at night two: 30 % smaller errors for twice the time."""
    return [fs.make_authority(children=40_000, seed=seed) for seed in request.param]


@pytest.fixture(scope="module")
def worlds(authorities):
    """The worlds made anew: while they are held, all ceilings are asked of them."""
    return [remake(records) for records in authorities]


@pytest.fixture(scope="module")
def cases(authorities, worlds):
    """Label, both probabilities and family of every mature referral, by outcome."""
    found = {}
    for outcome, within in ASKED.items():
        parts = []
        for seed, records in enumerate(authorities):
            cohort = fs.referral_cohort(records)
            label = fs.label_outcome(records, cohort, outcome=outcome, within_days=within)["label"]
            cohort = cohort[label.notna()]
            known = ceiling_probabilities(records, cohort, outcome=outcome, within_days=within)
            family = records["family_links"].drop_duplicates("child_id").set_index("child_id")
            family = f"{seed} " + family["family_id"].reindex(cohort["child_id"]).to_numpy()
            parts.append(known.assign(label=label[label.notna()], family=family).dropna())
        found[outcome] = pd.concat(parts, ignore_index=True)
    return found


def deviation(rows, effect=2.0):
    """Observed less expected, in standard errors that allow for siblings and repeats."""
    chance = rows["given_recorded"]
    return (rows["label"] - chance).sum() / np.sqrt(effect * (chance * (1 - chance)).sum())


@pytest.mark.parametrize("outcome", ASKED)
def test_outcomes_occur_as_often_as_the_ceiling_says(outcome, cases):
    rows = cases[outcome]
    tenth = pd.qcut(rows["given_recorded"], 10, labels=False, duplicates="drop")
    away = [deviation(part) for _, part in rows.groupby(tenth)]

    assert abs(deviation(rows)) < 3.5
    assert np.abs(away).max() < 4.0, away


OPEN = ("cp_plan", "care", "step_up", "section47", "re_referral", "step_down")
CLOSED = ("re_referral", "sustained_closure", "step_up", "section47", "care")


@pytest.fixture(scope="module")
def open_cases(authorities, worlds):
    """The same of open cases, twice a year, and of closures."""
    asked = [("open_case", outcome) for outcome in OPEN]
    asked += [("closure", outcome) for outcome in CLOSED]
    dates = pd.date_range("2017-07-01", "2024-03-01", freq="6MS")
    found = {}
    for kind, outcome in asked:
        parts = []
        for seed, records in enumerate(authorities):
            closed = fs.closure_cohort(records)
            cohort = fs.open_case_cohort(records, on=dates) if kind == "open_case" else closed
            label = fs.label_outcome(records, cohort, outcome=outcome, within_days=365)["label"]
            cohort = cohort[label.notna()]
            known = ceiling_probabilities(
                records, cohort, outcome=outcome, within_days=365, kind=kind
            )
            family = records["family_links"].drop_duplicates("child_id").set_index("child_id")
            family = f"{seed} " + family["family_id"].reindex(cohort["child_id"]).to_numpy()
            parts.append(known.assign(label=label[label.notna()], family=family).dropna())
        found[kind, outcome] = pd.concat(parts, ignore_index=True)
    return found


NIGHTLY = [*(("open_case", name) for name in OPEN), *(("closure", name) for name in CLOSED)]


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize(("kind", "outcome"), NIGHTLY)
@pytest.mark.parametrize("given", ["given_everything", "given_recorded"])
def test_outcomes_of_open_cases_and_closures_occur_as_often_as_is_said(
    kind, outcome, given, open_cases
):
    """Cases of one family, and one case on several days, go together."""
    rows = open_cases[kind, outcome]
    surprise = (rows["label"] - rows[given]).groupby(rows["family"]).sum()
    away = surprise.sum() / np.sqrt((surprise**2).sum())

    assert abs(away) < 3.5, (rows["label"].mean(), rows[given].mean())


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize(("kind", "outcome"), NIGHTLY)
def test_recorded_facts_of_open_cases_and_closures_tell_less_than_everything(
    kind, outcome, open_cases
):
    rows = open_cases[kind, outcome]
    recorded, everything = (
        average_precision_score(rows["label"], rows[f"given_{name}"])
        for name in ("recorded", "everything")
    )

    assert rows["label"].mean() < recorded < everything
    below, above = (
        roc_auc_score(rows["label"], rows[f"given_{name}"]) for name in ("recorded", "everything")
    )
    assert 0.5 < below < above


@pytest.mark.parametrize("outcome", ASKED)
def test_recorded_facts_tell_less_than_everything(outcome, cases):
    rows = cases[outcome]
    recorded, everything = (
        average_precision_score(rows["label"], rows[f"given_{name}"])
        for name in ("recorded", "everything")
    )

    assert rows["label"].mean() < recorded < everything


@pytest.mark.parametrize(
    ("outcome", "low", "high"), [("care", 0.70, 0.78), ("re_referral", 0.60, 0.65)]
)
def test_achievable_discrimination_is_modest(outcome, low, high, cases):
    rows = cases[outcome]

    assert low < roc_auc_score(rows["label"], rows["given_recorded"]) < high


@pytest.mark.parametrize("reviewed", [False, True])
def test_posterior_of_the_class_is_calibrated(reviewed, authorities):
    """Given what was recorded, each class is the true one as often as its probability says.

    Of referrals made while they were observed, and of open cases at later reviews: earlier
    referrals are recorded only where their episode lasted, which tells of the class.
    """
    records = authorities[0]
    made = remake(records)
    seen = fs.referral_cohort(records)
    if reviewed:
        days = pd.date_range("2021-01-01", periods=4, freq="183D")
        open_cases = fs.open_case_cohort(records, on=days)
        seen = open_cases[open_cases["case_id"].isin(seen["case_id"])]
    number = made.referrals(seen["case_id"])
    inside = number >= 0
    day = made.days_of(seen)[inside] if reviewed else None
    number = number[inside]
    posterior = hidden_states(made, number, day=day).reshape(len(number), -1, 3).sum(axis=2)
    child = made.lived.timeline.referrals["child"][number]
    true = np.eye(8)[made.lived.people.child_class[child]]
    surprise = pd.DataFrame(true - posterior).groupby(made.lived.people.family[child]).sum()
    away = surprise.sum() / np.sqrt((surprise**2).sum())

    assert len(number) > 500
    assert np.abs(away).max() < 3.5, away.to_list()
