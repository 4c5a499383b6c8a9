"""What else ends a case: counted, and never taken for a no that was not seen."""

import numpy as np
import pandas as pd
import pytest

from drawn import authority, case
from fs_risk.outcomes.cohorts import closure_cohort, referral_cohort
from fs_risk.outcomes.ends import eighteenth_birthdays
from fs_risk.outcomes.ends_table import outcome_ends, rate_bounds
from fs_risk.outcomes.labels import label_outcome
from fs_risk.outcomes.reviews import monthly_review_cohort, review_days

WINDOW = ("2015-01-01", "2024-12-31")
OBSERVED = dict.fromkeys(("cp_plans", "pre_proceedings", "care_periods"), WINDOW)


def family(reason="RC7", closed="2021-06-01", born="2010-01-01", died="-", **tables):
    return authority(
        OBSERVED,
        referrals=f"""
            referral_id | child_id | referral_date | close_date | close_reason
            R           | A        | 2021-03-01    | {closed}   | {reason}""",
        children=f"""
            child_id | birth_date | death_date
            A        | {born}     | {died}""",
        **tables,
    )


PLAN_LATER = """
    cp_plan_id | child_id | start_date
    P          | A        | 2021-09-01"""


def label(records, outcome="cp_plan", cohort=None):
    cohort = referral_cohort(records) if cohort is None else cohort
    return label_outcome(records, cohort, outcome=outcome).iloc[0]


def test_child_who_left_the_area_has_no_label():
    row = label(family("RC5"))

    assert np.isnan(row["label"])
    assert row["reason"] == "left the area"


def test_child_who_left_and_came_back_with_a_plan_had_the_outcome():
    assert label(family("RC5", cp_plans=PLAN_LATER))["label"] == 1.0


@pytest.mark.parametrize(
    ("reason", "missing"), [("E3", "left the area"), ("E16", "left the area"), ("E11", "adopted")]
)
def test_care_that_ends_out_of_sight_is_censored(reason, missing):
    care = f"""
        care_period_id | child_id | start_date | end_date   | end_reason | legal_status
        K              | A        | 2021-04-01 | 2021-05-01 | {reason}   | C2"""

    assert label(family(care_periods=care))["reason"] == missing


def test_child_who_died_or_turned_18_without_the_outcome_is_a_no_and_says_so():
    for records, end in (
        (family(died="2021-07-01"), "died"),
        (family("RC2"), "died"),
        (family(born="2003-07-01"), "turned 18"),
    ):
        row = label(records)

        assert row["label"] == 0.0
        assert row["competing_end"] == end


def test_move_after_the_18th_birthday_changes_nothing():
    assert label(family("RC5", born="2003-05-01"))["competing_end"] == "turned 18"


def test_closed_case_is_still_seen():
    row = label(family())

    assert (row["label"], row["competing_end"]) == (0.0, "closed")
    assert label(family(cp_plans=PLAN_LATER))["label"] == 1.0


def test_adult_and_dead_child_are_no_case():
    assert label(family(born="2003-03-01"))["reason"] == "turned 18"
    assert label(family(died="2021-03-01"))["reason"] == "died"


def test_closure_by_transfer_cannot_be_followed_by_a_re_referral_that_is_seen():
    for outcome in ("re_referral", "sustained_closure"):
        records = family("RC5")

        assert label(records, outcome, closure_cohort(records))["reason"] == "left the area"


def test_closure_that_ends_with_the_18th_birthday_was_not_sustained_by_the_family():
    records = family(born="2003-08-01")
    closures = closure_cohort(records)

    assert label(records, "sustained_closure", closures)["reason"] == "turned 18"
    assert label(records, "re_referral", closures)["label"] == 0.0


class TestStepDown:
    PLAN = """
        cp_plan_id | child_id | start_date | end_date
        P          | A        | 2021-03-10 | 2021-09-10"""

    def row(self, records, as_of="2021-05-03"):
        return label(records, "step_down", case("A", as_of, "R"))

    def test_end_of_a_plan_and_closure_of_a_child_in_need_are_step_downs(self):
        assert self.row(family())["label"] == 1.0
        assert self.row(family(closed="2024-01-01", cp_plans=self.PLAN))["label"] == 1.0

    def test_plan_that_ends_as_care_begins_is_a_step_up(self):
        care = """
            care_period_id | child_id | start_date | legal_status
            K              | A        | 2021-09-10 | C1"""
        row = self.row(family(closed="-", reason="-", cp_plans=self.PLAN, care_periods=care))

        assert (row["label"], row["competing_end"]) == (0.0, "stepped up")

    def test_pre_proceedings_that_end_in_court_are_none(self):
        legal = """
            pre_proceedings_id | child_id | start_date | end_date   | court_date
            L                  | A        | 2021-03-10 | 2021-07-01 | 2021-07-20"""
        row = self.row(family(closed="-", reason="-", pre_proceedings=legal))

        assert (row["label"], row["competing_end"]) == (0.0, "went to court")

    def test_plan_that_ends_with_a_transfer_is_none(self):
        records = family("RC5", closed="2021-09-10", cp_plans=self.PLAN)

        assert self.row(records)["reason"] == "left the area"

    def test_end_on_the_next_working_day_is_decided_at_once(self):
        """T11: 2021-05-31 was a bank holiday Monday, the case closed on the Tuesday."""
        assert self.row(family(), "2021-05-28")["reason"] == "decided at once"
        assert self.row(family(), "2021-05-27")["label"] == 1.0

    def test_case_that_is_not_open_has_none(self):
        assert self.row(family(), "2021-07-01")["reason"] == "not open"
        assert self.row(family(), "2021-03-01")["reason"] == "not open"


class TestTableOfEnds:
    RECORDS = authority(
        OBSERVED,
        referrals="""
            referral_id | child_id | referral_date | close_date | close_reason
            R1          | A        | 2021-03-01    | 2021-06-01 | RC7
            R2          | B        | 2021-03-01    | -          | -
            R3          | C        | 2021-03-01    | 2021-06-01 | RC5
            R4          | D        | 2024-03-01    | -          | -
            R5          | E        | 2021-03-01    | -          | -
            R6          | F        | 2021-03-01    | -          | -""",
        cp_plans="""
            cp_plan_id | child_id | start_date
            P          | E        | 2021-08-01
            Q          | F        | 2021-03-02""",
    )

    def ends(self):
        return outcome_ends(self.RECORDS, referral_cohort(self.RECORDS), outcome="cp_plan")

    def test_every_case_is_in_one_line(self):
        """T11: decisions at once have a line of their own; T6: so have immature rows."""
        assert dict(zip(self.ends()["end"], self.ends()["count"], strict=True)) == {
            "the outcome": 1,
            "closed": 1,
            "seen to the last day without it": 1,
            "decided at once": 1,
            "immature": 1,
            "left the area": 1,
        }

    def test_shares_are_of_labelled_rows(self):
        assert self.ends()["share"].sum() == pytest.approx(1.0)

    def test_bounds_hold_what_the_unseen_may_have_had(self):
        assert rate_bounds(self.ends()) == (0.25, 0.5)

    def test_empty_cohort_has_no_bounds(self):
        ends = outcome_ends(self.RECORDS, referral_cohort(self.RECORDS).head(0), outcome="care")

        assert ends.empty
        assert np.isnan(rate_bounds(ends)).all()


def test_18th_birthday_by_the_calendar():
    born = pd.Series(pd.to_datetime(["2003-07-15", "2004-02-29", "2006-02-28"]))
    found = np.datetime64("1970-01-01") + eighteenth_birthdays(born)

    assert [str(day) for day in found] == ["2021-07-15", "2022-03-01", "2024-02-28"]


def test_monthly_review_meets_each_open_case_on_the_first_of_the_month():
    cohort = monthly_review_cohort(family())

    assert cohort["as_of"].dt.strftime("%Y-%m-%d").to_list() == [
        "2021-04-01", "2021-05-01", "2021-06-01",
    ]  # fmt: skip
    assert set(cohort["case_id"]) == {"R"}


def test_review_days_stay_within_what_was_observed():
    days = review_days(family())

    assert str(days[0].date()) == "2015-02-01"
    assert str(days[-1].date()) == "2024-12-01"
