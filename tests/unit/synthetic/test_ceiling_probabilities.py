"""The public shape of the ceiling, and that it agrees with the truth of an authority."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import RecordsError, SettingError
from fs_risk.records.records import Records
from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.ceiling import ceiling_probabilities, has_ceiling
from fs_risk.synthetic.ceiling_answers import COUNTED
from fs_risk.synthetic.closures import CLOSURE_OUTCOMES
from fs_risk.synthetic.open_values import OPEN_CASE_OUTCOMES
from fs_risk.synthetic.remade import remake

ADOPTED_SINCE = 1e-4
"""The truth leaves out what befalls children of five or more after they are adopted."""


@pytest.fixture(scope="module")
def authority():
    return make_authority(children=1_500, years=3, seed=4, shocks={"threshold": 0.9})


@pytest.fixture(scope="module", autouse=True)
def held(authority):
    """Hold the world meanwhile, so that it is made anew but once."""
    return remake(authority)


@pytest.fixture(scope="module")
def cohort(authority):
    referrals = authority["referrals"].sample(frac=0.5, random_state=1)
    return pd.DataFrame(
        {
            "case_id": referrals["referral_id"],
            "child_id": referrals["child_id"],
            "as_of": referrals["referral_date"],
        }
    )


@pytest.fixture(scope="module")
def plans(authority, cohort):
    return ceiling_probabilities(authority, cohort, outcome="cp_plan", within_days=365)


def truth_of(authority, cohort, column):
    truth = authority.truth["referrals"].set_index("referral_id")[column]
    return truth.reindex(cohort["case_id"]).to_numpy()


def test_given_everything_is_the_truth_of_the_authority(authority, cohort, plans):
    expected = truth_of(authority, cohort, "prob_cp_plan_365")

    assert plans.index.equals(cohort.index)
    np.testing.assert_allclose(plans["given_everything"], expected, atol=ADOPTED_SINCE)


@pytest.mark.parametrize(
    ("outcome", "days", "within"), [("care", 548, 1e-12), ("section47", 365, ADOPTED_SINCE)]
)
def test_values_moved_backward_equal_those_moved_forward(authority, cohort, outcome, days, within):
    found = ceiling_probabilities(authority, cohort, outcome=outcome, within_days=days)
    expected = truth_of(authority, cohort, f"prob_{outcome}_{days}")

    np.testing.assert_allclose(found["given_everything"], expected, atol=within)


def test_ceiling_is_missing_where_the_chain_does_not_apply(authority, cohort, plans):
    apart = np.isnan(truth_of(authority, cohort, "prob_cp_plan_365"))

    assert (plans.isna().to_numpy() == apart[:, None]).all()
    assert plans["given_recorded"].dropna().between(0, 1).all()


def test_an_unknown_referral_has_no_ceiling(authority, cohort):
    other = cohort.head(3).assign(case_id=["nobody", "no one", "none"])
    found = ceiling_probabilities(authority, other, outcome="cp_plan", within_days=365)

    assert found.isna().all(axis=None)


def test_recorded_facts_say_more_than_none_and_less_than_all(plans):
    spread = plans.dropna().std()

    assert 0 < spread["given_recorded"] < spread["given_everything"]


@pytest.mark.parametrize("outcome", OPEN_CASE_OUTCOMES)
def test_open_cases_have_a_ceiling(authority, outcome):
    cohort = fs.open_case_cohort(authority, on=["2022-11-01", "2023-05-01", "2023-12-01"])
    label = fs.label_outcome(authority, cohort, outcome=outcome, within_days=365)["label"]
    known = ceiling_probabilities(authority, cohort, outcome=outcome, within_days=365)
    both = known[label.notna()].dropna()

    assert len(both) > 0.98 * label.notna().sum()
    assert both.ge(0).all(axis=None)
    assert both.le(1).all(axis=None)
    # that recorded facts tell less on average is for test_ceiling_of_authority: this is one sample
    assert both.corr().iloc[0, 1] > 0.5


@pytest.fixture(scope="module")
def closures(authority):
    """The closures, and their ceiling for an outcome, made once."""
    cohort = fs.closure_cohort(authority)
    return cohort, cache(
        lambda outcome: ceiling_probabilities(
            authority, cohort, outcome=outcome, within_days=365, kind="closure"
        )
    )


@pytest.mark.parametrize("outcome", CLOSURE_OUTCOMES)
def test_closures_have_a_ceiling(authority, closures, outcome):
    cohort, ceiling = closures
    label = fs.label_outcome(authority, cohort, outcome=outcome, within_days=365)["label"]
    known = ceiling(outcome)
    both = known[label.notna()].dropna()

    assert has_ceiling(authority, outcome, 365, "closure")
    assert len(both) > 0.95 * label.notna().sum()
    assert both.ge(0).all(axis=None)
    assert both.le(1).all(axis=None)


def test_sustained_closure_is_what_re_referral_leaves(authority, closures):
    """Of children who neither come of age nor may have been adopted."""
    cohort, ceiling = closures
    again = ceiling("re_referral")
    stays = ceiling_probabilities(authority, cohort, outcome="sustained_closure", within_days=365)
    pd.testing.assert_frame_equal(stays, ceiling("sustained_closure"))  # the kind follows from it
    total = (again + stays)["given_everything"].dropna()

    assert (np.abs(total - 1.0) < 1e-12).mean() > 0.7
    assert (total[np.abs(total - 1.0) >= 1e-12] < 1.6).all()


@pytest.mark.parametrize("fact", COUNTED)
def test_a_fact_that_is_left_out_tells_less(authority, cohort, plans, fact):
    without = ceiling_probabilities(
        authority, cohort, outcome="cp_plan", within_days=365, without=[fact]
    )
    moved = (without["given_recorded"] - plans["given_recorded"]).dropna()

    assert moved.abs().max() > 0
    assert abs(moved.mean()) < 0.02  # summed over, not set aside: the level stays
    pd.testing.assert_series_equal(without["given_everything"], plans["given_everything"])


def test_a_fact_that_does_not_count_anyway_is_refused(authority, cohort):
    with pytest.raises(SettingError, match="no kind of fact 'team'"):
        ceiling_probabilities(
            authority, cohort, outcome="cp_plan", within_days=365, without=["team"]
        )


def test_a_world_that_is_held_is_not_made_again(authority, held):
    assert remake(authority) is held


def test_phases_lived_again_are_those_at_the_referrals(authority):
    made = remake(authority)
    referrals = made.lived.timeline.referrals
    family = made.lived.people.family[referrals["child"]]

    assert (made.phases[referrals["step"], family] == referrals["phase"]).all()


@pytest.mark.parametrize(
    ("kind", "outcome", "cure"),
    [
        ("referral", "step_down", "open_case_cohort"),
        ("referral", "sustained_closure", "closure_cohort"),
        ("open_case", "sustained_closure", "closure_cohort"),
        ("closure", "step_down", "sustained_closure"),
    ],
)
def test_what_has_no_meaning_is_refused_with_the_cure(authority, cohort, kind, outcome, cure):
    assert not has_ceiling(authority, outcome, 365, kind)
    with pytest.raises(SettingError, match=r"tier|closure") as refused:
        ceiling_probabilities(authority, cohort, outcome=outcome, within_days=365, kind=kind)
    assert cure in refused.value.fix


def test_contacts_and_unknown_cohorts_have_no_ceiling(authority):
    assert not has_ceiling(authority, "cp_plan", 365, "contact")


def test_real_records_have_no_ceiling(cohort):
    records = Records.from_frames(
        {"children": pd.DataFrame({"child_id": ["A"]})}, extract_date="2024-01-01"
    )

    assert not has_ceiling(records, "cp_plan", 365)
    with pytest.raises(RecordsError, match="not of a synthetic authority"):
        ceiling_probabilities(records, cohort, outcome="cp_plan", within_days=365)


@pytest.mark.parametrize(("outcome", "days"), [("proceedings", 365), ("cp_plan", 14)])
def test_an_outcome_that_the_chain_cannot_answer_is_refused(authority, cohort, outcome, days):
    with pytest.raises(SettingError, match="is not known"):
        ceiling_probabilities(authority, cohort, outcome=outcome, within_days=days)
