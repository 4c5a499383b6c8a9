"""The public shape of the ceiling, and that it agrees with the truth of an authority."""

import numpy as np
import pandas as pd
import pytest

from fs_risk.errors import RecordsError, SettingError
from fs_risk.records.records import Records
from fs_risk.synthetic.authority import make_authority
from fs_risk.synthetic.ceiling import ceiling_probabilities, has_ceiling


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
    np.testing.assert_allclose(plans["given_everything"], expected, atol=1e-12)


@pytest.mark.parametrize(("outcome", "days"), [("care", 548), ("section47", 365)])
def test_values_moved_backward_equal_those_moved_forward(authority, cohort, outcome, days):
    found = ceiling_probabilities(authority, cohort, outcome=outcome, within_days=days)
    expected = truth_of(authority, cohort, f"prob_{outcome}_{days}")

    np.testing.assert_allclose(found["given_everything"], expected, atol=1e-12)


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
