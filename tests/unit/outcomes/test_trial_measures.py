"""The trial's measures, on drawn families, and days on plans against counting days."""

import numpy as np
import pandas as pd
import pytest

from drawn import authority
from fs_risk.errors import OutcomeError
from fs_risk.model.plan import Plan
from fs_risk.outcomes.plan_days import plan_days
from fs_risk.outcomes.presets import TRIAL_MEASURES, trial_measure

WINDOW = ("2015-01-01", "2024-12-31")
TABLES = ("referrals", "cp_plans", "pre_proceedings", "care_periods", "assessments", "factors")
RECORDS = authority(
    dict.fromkeys(TABLES, WINDOW),
    children="""
        child_id | birth_date
        A        | 2012-01-01
        B        | 2007-03-01
        C        | 2021-06-01
        D        | 2010-01-01""",
    referrals="""
        referral_id | child_id | referral_date | close_date | close_reason
        R0          | A        | 2018-03-01    | 2018-05-01 | RC7
        R1          | A        | 2020-04-01    | 2020-12-01 | RC7
        R2          | A        | 2021-04-01    | -          | -
        R3          | B        | 2020-04-01    | -          | -
        R4          | C        | 2021-04-01    | -          | -
        R5          | D        | 2020-05-01    | -          | -""",
    assessments="""
        assessment_id | child_id | referral_id | start_date | authorised_date
        S1            | A        | R1          | 2020-04-02 | 2020-05-01
        S5            | D        | R5          | 2020-05-02 | 2020-06-01""",
    factors="""
        assessment_id | code
        S1            | 3B
        S5            | 16A""",
    cp_plans="""
        cp_plan_id | child_id | start_date | end_date
        P1         | A        | 2020-05-01 | 2020-11-01
        P2         | A        | 2021-05-01 | 2021-05-11""",
    pre_proceedings="""
        pre_proceedings_id | child_id | start_date | meeting_date | end_date   | court_date
        L1                 | A        | 2021-06-01 | 2021-06-10   | 2021-08-01 | 2021-09-01
        L2                 | D        | 2021-06-01 | -            | -          | -""",
    care_periods="""
        care_period_id | child_id | start_date | legal_status
        K1             | D        | 2021-10-30 | C1""",
)
PERIOD = {"first": "2020-03-01", "last": "2022-11-30"}


def measured(name):
    measure = trial_measure(name)
    cohort = measure.cohort(RECORDS, **PERIOD)
    return cohort, measure.measure(RECORDS, cohort)


def test_primary_is_care_within_548_days_of_the_first_referral_at_0_to_12():
    """A child referred on the 13th birthday or before birth is not in it."""
    cohort, labels = measured("care")

    assert cohort["case_id"].to_list() == ["R1", "R5"]
    assert labels["label"].to_list() == [0.0, 1.0]
    assert (pd.Timestamp("2021-10-30") - pd.Timestamp("2020-05-01")).days == 547


def test_primary_is_a_plan_too():
    plan = Plan(**trial_measure().plan_settings)

    assert (plan.outcome, plan.within_days, plan.cohort) == ("care", 548, "referral")


def test_measure_found_after_the_referral_is_no_plan():
    with pytest.raises(OutcomeError, match="no plan can be made of it"):
        trial_measure("re_referral").plan_settings  # noqa: B018 - the access is the test


def test_re_referral_where_the_trio_was_found():
    cohort, labels = measured("re_referral")

    assert cohort["case_id"].to_list() == ["R1"]
    assert labels["label"].to_list() == [1.0]


def test_return_after_a_plan_is_a_closure_not_sustained():
    cohort, labels = measured("return_after_plan")

    assert cohort["case_id"].to_list() == ["R1"]
    assert labels["label"].to_list() == [0.0]


def test_proceedings_within_sixteen_weeks_of_the_meeting():
    cohort, labels = measured("proceedings")

    assert cohort["case_id"].to_list() == ["L1"]
    assert labels["label"].to_list() == [1.0]


def test_days_on_plans():
    _, single = measured("days_on_plan")
    _, every = measured("days_on_plans")

    assert single["days"].to_list() == [184.0]
    assert every["days"].to_list() == [194.0]


def test_every_measure_states_the_trials_words_and_where_it_differs():
    for measure in TRIAL_MEASURES.values():
        assert measure.meaning.startswith(("primary: ", "secondary: "))
        assert measure.differs


def test_unknown_measure_names_the_nearest():
    with pytest.raises(OutcomeError, match="Did you mean 'proceedings'"):
        trial_measure("proceeding")


def test_measure_of_what_the_records_lack_is_refused():
    bare = authority(referrals="referral_id | child_id | referral_date\nR | A | 2021-01-01")
    with pytest.raises(OutcomeError, match="hold no cp_plans"):
        trial_measure("days_on_plan").cohort(bare)


def test_days_on_plans_agree_with_counting_days():
    rng = np.random.default_rng(2)
    start = rng.integers(0, 900, 60)
    length = rng.integers(0, 300, 60)
    base = np.datetime64("2020-01-01")
    plans = pd.DataFrame(
        {
            "cp_plan_id": [f"P{number}" for number in range(60)],
            "child_id": [f"C{number % 9}" for number in range(60)],
            "start_date": (base + start).astype("datetime64[s]"),
            "end_date": (base + start + length).astype("datetime64[s]"),
        }
    )
    records = type(RECORDS).from_frames(
        {"cp_plans": plans}, extract_date="2024-12-31", coverage={"cp_plans": WINDOW}
    )
    cohort = pd.DataFrame(
        {
            "case_id": plans["cp_plan_id"],
            "child_id": plans["child_id"],
            "as_of": plans["start_date"],
        }
    )
    for only_own in (True, False):
        found = plan_days(records, cohort, within_days=200, only_own=only_own)["days"]
        expected = [
            sum(
                any(
                    start[other] <= day < start[other] + length[other]
                    for other in range(60)
                    if (other == row if only_own else other % 9 == row % 9)
                )
                for day in range(start[row], start[row] + 200)
            )
            for row in range(60)
        ]
        assert found.to_list() == expected


def test_days_not_wholly_seen_are_missing():
    """T6."""
    cohort = pd.DataFrame(
        {"case_id": ["P"], "child_id": ["A"], "as_of": pd.to_datetime(["2024-06-01"])}
    )
    row = plan_days(RECORDS, cohort, within_days=365).iloc[0]

    assert np.isnan(row["days"])
    assert row["reason"] == "immature"


def test_days_need_a_horizon():
    with pytest.raises(OutcomeError, match="whole number of days"):
        plan_days(RECORDS, trial_measure().cohort(RECORDS), within_days=0)
