"""Days that a person gives: year first or not at all, in every argument and every cohort."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fs_risk as fs
from fs_risk.errors import FsRiskError, SettingError
from fs_risk.records.dates import day_given, days_given, days_of_rows
from fs_risk.triage.front_door_codes import front_door_codes

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))
NO_DAYS = ["04/03/2024", "31/03/2024", "2024", "March 2024", "20240304", "2024-13-01",
           20240304, 45000, 45000.5, np.int64(45000), True, "soon", "", None, pd.NaT]  # fmt: skip


@given(DAYS)
def test_a_day_is_the_same_however_it_is_held(day):
    held = [day, str(day), pd.Timestamp(day), np.datetime64(day, "D"),
            pd.Timestamp(day).to_pydatetime()]  # fmt: skip

    assert {day_given(each, argument="on") for each in held} == {pd.Timestamp(day)}


@pytest.mark.parametrize("given", NO_DAYS, ids=str)
def test_what_nobody_can_tell_the_day_of_is_refused(given):
    with pytest.raises(SettingError, match="on is not a day") as raised:
        day_given(given, argument="on")

    assert "year first" in raised.value.fix


def test_several_days_are_read_and_one_that_is_none_refuses_all():
    several = pd.date_range("2024-03-04", periods=2)

    assert days_given(several, argument="on") == tuple(several)
    assert days_given("2024-03-04", argument="on") == (several[0],)
    with pytest.raises(SettingError):
        days_given(["2024-03-04", "04/03/2024"], argument="on")


@given(st.lists(st.one_of(DAYS, st.none()), max_size=8))
def test_days_of_rows_are_read_whatever_holds_them(days):
    expected = pd.Series(pd.to_datetime(pd.Series(days, dtype="object"))).astype("datetime64[s]")
    as_text = pd.Series([None if day is None else str(day) for day in days], dtype="object")

    for column in (expected, pd.Series(days, dtype="object"), as_text):
        read, unread = days_of_rows(column)
        pd.testing.assert_series_equal(read, expected, check_names=False)
        assert not unread.any()


def test_rows_that_hold_no_day_are_marked_and_missing_ones_are_not():
    _, unread = days_of_rows(pd.Series(["2024-03-04", "04/03/2024", 20240304, None]))
    _, numbers = days_of_rows(pd.Series([20240304, 45000]))

    assert unread.tolist() == [False, True, True, False]
    assert numbers.all()


@pytest.mark.parametrize("given", ["04/03/2024", 20240304])
@pytest.mark.parametrize("asked", ["open_case_cohort", "demand_series", "outcome_indicators",
                                   "family_help", "front_door_codes", "check_drift", "prioritise",
                                   "build_features", "label_outcome"])  # fmt: skip
def test_no_argument_takes_a_day_month_first(asked, given, small_authority, small_model):
    """4 March is never read as 3 April, nor a number as a moment of 1970; no day is shown."""
    cohort = fs.referral_cohort(small_authority).tail(3).assign(as_of=given)
    calls = {
        "open_case_cohort": lambda: fs.open_case_cohort(small_authority, on=given),
        "demand_series": lambda: fs.demand_series(small_authority, breaks=[given]),
        "family_help": lambda: fs.demand_series(small_authority, family_help_from=given),
        "outcome_indicators": lambda: fs.outcome_indicators(small_authority, go_live=given),
        "front_door_codes": lambda: front_door_codes(
            small_authority, model=small_model, since=given
        ),
        "check_drift": lambda: fs.check_drift(None, small_model, small_authority, since=given),
        "prioritise": lambda: fs.prioritise(
            [],
            records=small_authority,
            model=small_model,
            capacity=3,
            purpose="second_read",
            on=given,
        ),
        "build_features": lambda: fs.build_features(small_authority, cohort),
        "label_outcome": lambda: fs.label_outcome(small_authority, cohort, outcome="cp_plan"),
    }
    with pytest.raises(FsRiskError, match=r"(is not a day|that is no day)") as raised:
        calls[asked]()

    assert str(given) not in str(raised.value)


def test_check_of_drift_is_of_no_day_before_the_last_one_watched(small_authority, small_model):
    """A typing error in the year would hide an approval that has ended."""
    with pytest.raises(SettingError, match="before the last day watched"):
        fs.check_drift(None, small_model, small_authority, on=date(1980, 1, 1))


def test_check_of_drift_that_can_judge_little_says_so(small_model):
    tiny = fs.make_authority(children=40, years=8, seed=1)
    check = fs.check_drift(None, small_model, tiny)
    little = list(check.verdicts.values()).count("not enough evidence")

    assert little > len(check.verdicts) / 2
    assert check.verdict == "not enough evidence"
    assert f"{little} of {len(check.verdicts)} checks rest on too little" in check.text()


def test_table_without_a_history_is_observed_as_known_on_a_day(small_authority):
    """Where everything is as it was at the extract, no first day is made up."""
    page = small_authority._repr_html_()

    assert "1900" not in page
    assert f"as known on {small_authority.extract_date.date()}" in page
