"""The public shape of the ceiling, and that it agrees with the truth of an authority."""

import numpy as np
import pandas as pd
import pytest

import fs_risk as fs
from fs_risk.errors import RecordsError, SettingError
from fs_risk.records.records import Records
from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.ceiling import ceiling_probabilities, has_ceiling
from fs_risk.synthetic.remade import remake

ADOPTED_SINCE = 1e-4
"""The truth leaves out what befalls children of five or more after they are adopted."""


@pytest.fixture(scope="module")
def authority():
    return make_authority(children=1_500, years=3, seed=4, shocks={"threshold": 0.9})


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


@pytest.mark.parametrize("outcome", ["cp_plan", "care", "step_up", "section47", "pre_proceedings"])
def test_open_cases_have_a_ceiling(authority, outcome):
    cohort = fs.open_case_cohort(authority, on=["2022-11-01", "2023-05-01", "2023-12-01"])
    label = fs.label_outcome(authority, cohort, outcome=outcome, within_days=365)["label"]
    known = ceiling_probabilities(authority, cohort, outcome=outcome, within_days=365)
    both = known[label.notna()].dropna()
    # children in care on the day have no ceiling
    asked = label.notna() & ~in_care(authority, cohort)

    assert len(both) > 0.8 * asked.sum()
    assert both.gt(0).all(axis=None)
    assert both.lt(1).all(axis=None)
    # that recorded facts tell less on average is for test_ceiling_of_authority: this is one sample
    assert both.corr().iloc[0, 1] > 0.5


def in_care(authority, cohort):
    """Which cases are of a child in care on the day."""
    periods = authority["care_periods"][["child_id", "start_date", "end_date"]]
    pairs = cohort.reset_index().merge(periods, on="child_id")
    inside = (pairs["start_date"] < pairs["as_of"]) & ~(pairs["end_date"] < pairs["as_of"])
    return cohort.index.isin(pairs.loc[inside, "index"])


def test_phases_lived_again_are_those_at_the_referrals(authority):
    made = remake(authority)
    referrals = made.lived.timeline.referrals
    family = made.lived.people.family[referrals["child"]]

    assert (made.phases[referrals["step"], family] == referrals["phase"]).all()


def test_re_referral_of_an_open_case_is_refused(authority):
    cohort = fs.open_case_cohort(authority, on="2023-05-01")

    assert not has_ceiling(authority, "re_referral", 365, "open_case")
    assert not has_ceiling(authority, "cp_plan", 365, "closure")
    with pytest.raises(SettingError, match="is not known"):
        ceiling_probabilities(authority, cohort, outcome="re_referral", within_days=365)


def test_real_records_have_no_ceiling(cohort):
    records = Records.from_frames(
        {"children": pd.DataFrame({"child_id": ["A"]})}, extract_date="2024-01-01"
    )

    assert not has_ceiling(records, "cp_plan", 365)
    with pytest.raises(RecordsError, match="not of a synthetic authority"):
        ceiling_probabilities(records, cohort, outcome="cp_plan", within_days=365)


@pytest.mark.parametrize(("outcome", "days"), [("step_down", 365), ("cp_plan", 14)])
def test_an_outcome_that_the_chain_cannot_answer_is_refused(authority, cohort, outcome, days):
    with pytest.raises(SettingError, match="is not known"):
        ceiling_probabilities(authority, cohort, outcome=outcome, within_days=days)
