"""Rules about child protection plans and their reviews."""

import numpy as np
import pandas as pd

from fs_risk.readers.cin_rules.census import (
    Census,
    more_than_one,
    outside,
    starts_during_earlier,
    upper,
)
from fs_risk.readers.cin_rules.registry import rule
from fs_risk.records import codes
from fs_risk.records.dates import to_days

_START, _END = "CPPstartDate", "CPPendDate"
_DAYS_APART = 10_000_000


def _episode_days(positions: np.ndarray, dates: pd.Series) -> np.ndarray:
    """Give one number for each pair of episode and day."""
    numbers: np.ndarray = positions.astype(np.int64) * _DAYS_APART + to_days(dates)
    return numbers


@rule("1105", "cp_plans", "The plan starts before the referral.", "Correct the plan's start.")
def _plan_after_referral(census: Census) -> pd.Series:
    referred = census.outer("cp_plans", "episodes", "CINreferralDate")
    return census["cp_plans"][_START] < referred


@rule(
    "8720",
    "cp_plans",
    "The plan's start is missing or after the census year.",
    "Correct the plan's start.",
)
def _plan_starts_by_the_end(census: Census) -> pd.Series:
    started = census["cp_plans"][_START]
    return started.isna() | (started > census.end)


@rule("8925", "cp_plans", "The plan ends before it starts.", "Correct one of the two dates.")
def _plan_ends_after_start(census: Census) -> pd.Series:
    return census["cp_plans"][_END] < census["cp_plans"][_START]


@rule("8930", "cp_plans", "The plan's end is outside the census year.", "Correct the plan's end.")
def _plan_ends_in_the_year(census: Census) -> pd.Series:
    return outside(census["cp_plans"][_END], census)


@rule("8840", "cp_plans", "The plan starts and ends on the same day.", "Correct the dates.")
def _plan_lasts_a_day(census: Census) -> pd.Series:
    return census["cp_plans"][_END] == census["cp_plans"][_START]


@rule("8905", "cp_plans", "The initial category is missing or not valid.", "Give a valid code.")
def _initial_category_is_valid(census: Census) -> pd.Series:
    category = upper(census["cp_plans"]["InitialCategoryOfAbuse"])
    return ~category.isin(list(codes.ABUSE_CATEGORIES))


@rule("8910", "cp_plans", "The latest category is missing or not valid.", "Give a valid code.")
def _latest_category_is_valid(census: Census) -> pd.Series:
    category = upper(census["cp_plans"]["LatestCategoryOfAbuse"])
    return ~category.isin(list(codes.ABUSE_CATEGORIES))


@rule("8730", "cp_plans", "The number of earlier plans is missing.", "Give it, 0 if there is none.")
def _earlier_plans_present(census: Census) -> pd.Series:
    return census["cp_plans"]["NumberOfPreviousCPP"].isna()


@rule("8935", "cp_plans", "The child has more than one open plan.", "End the earlier one.")
def _one_open_plan(census: Census) -> pd.Series:
    child = census.positions("cp_plans", "children")
    return more_than_one(census["cp_plans"][_END].isna(), child)


@rule("8940", "cp_plans", "Plans of a child overlap.", "Correct the dates of the plans.")
def _plans_are_apart(census: Census) -> pd.Series:
    frame = census["cp_plans"]
    child = census.positions("cp_plans", "children")
    return starts_during_earlier(frame[_START], frame[_END], child)


@rule(
    "2885",
    "cp_plans",
    "The plan does not start on the day of an initial conference of its episode.",
    "Correct the plan's start, or the conference's date.",
)
def _plan_starts_at_a_conference(census: Census) -> pd.Series:
    frame = census["cp_plans"]
    held = _episode_days(census.conferences["episodes"].to_numpy(), census.conferences["date"])
    started = _episode_days(frame["episodes"].to_numpy(), frame[_START])
    this_year = frame[_START].notna() & ~outside(frame[_START], census)
    return this_year & ~pd.Series(np.isin(started, held), index=frame.index)


@rule(
    "8841",
    "reviews",
    "The review is on or before the day the plan starts.",
    "Correct the date of the review.",
)
def _review_after_start(census: Census) -> pd.Series:
    started = census.outer("reviews", "cp_plans", _START)
    return census["reviews"]["CPPreviewDate"] <= started


@rule("8842Q", "reviews", "A review has no date.", "Give the date of the review.")
def _review_has_a_date(census: Census) -> pd.Series:
    return census["reviews"]["CPPreviewDate"].isna()


@rule("8842Q", "review_groups", "Reviews holds no review.", "Give the dates of the reviews.")
def _reviews_hold_a_review(census: Census) -> pd.Series:
    dated = census.any_within("cp_plans", "reviews")
    groups = census["review_groups"]
    return ~dated.take(groups["cp_plans"].to_numpy()).set_axis(groups.index)
