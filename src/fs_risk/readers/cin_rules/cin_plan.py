"""Rules about child in need plans, alone and beside child protection plans."""

import numpy as np
import pandas as pd

from fs_risk.readers.cin_rules.census import (
    Census,
    more_than_one,
    outside,
    starts_during_earlier,
)
from fs_risk.readers.cin_rules.registry import rule

_START, _END = "CINPlanStartDate", "CINPlanEndDate"
_BOTH = "A CIN plan and a child protection plan are open at the same time."
_BOTH_FIX = "End one of the two plans."


@rule(
    "4010",
    "cin_plans",
    "The plan's start is missing or after the census year.",
    "Correct the plan's start.",
)
def _plan_starts_by_the_end(census: Census) -> pd.Series:
    started = census["cin_plans"][_START]
    return started.isna() | (started > census.end)


@rule("4011", "cin_plans", "The plan ends before it starts.", "Correct one of the two dates.")
def _plan_ends_after_start(census: Census) -> pd.Series:
    return census["cin_plans"][_END] < census["cin_plans"][_START]


@rule("4012Q", "cin_plans", "The plan starts and ends on the same day.", "Check the dates.")
def _plan_lasts_a_day(census: Census) -> pd.Series:
    return census["cin_plans"][_END] == census["cin_plans"][_START]


@rule("4013", "cin_plans", "The plan's end is outside the census year.", "Correct the plan's end.")
def _plan_ends_in_the_year(census: Census) -> pd.Series:
    return outside(census["cin_plans"][_END], census)


@rule("4014", "cin_plans", "Plans of a child overlap.", "Correct the dates of the plans.")
def _plans_are_apart(census: Census) -> pd.Series:
    frame = census["cin_plans"]
    child = census.positions("cin_plans", "children")
    return starts_during_earlier(frame[_START], frame[_END], child)


@rule("4015", "cin_plans", "The plan starts before the referral.", "Correct the plan's start.")
def _plan_after_referral(census: Census) -> pd.Series:
    referred = census.outer("cin_plans", "episodes", "CINreferralDate")
    return census["cin_plans"][_START] < referred


@rule("4004", "cin_plans", "The child has more than one open CIN plan.", "End the earlier one.")
def _one_open_plan(census: Census) -> pd.Series:
    child = census.positions("cin_plans", "children")
    return more_than_one(census["cin_plans"][_END].isna(), child)


def _pairs(census: Census) -> pd.DataFrame:
    """Give each CIN plan with each child protection plan of the same child."""
    sides = []
    for block, name, start, end in (
        ("cin_plans", "cin", _START, _END),
        ("cp_plans", "cp", "CPPstartDate", "CPPendDate"),
    ):
        frame = census[block]
        columns = {
            "child": census.positions(block, "children"),
            name: np.arange(len(frame)),
            f"{name}_start": frame[start],
            f"{name}_end": frame[end].fillna(census.end + pd.Timedelta(days=1)),
            f"{name}_open": frame[end].isna(),
        }
        sides.append(pd.DataFrame(columns))
    return sides[0].merge(sides[1], on="child")


def _marked(census: Census, block: str, rows: pd.Series) -> pd.Series:
    marked = np.zeros(len(census[block]), dtype=bool)
    marked[rows.to_numpy()] = True
    return pd.Series(marked, index=census[block].index)


@rule("4001", "cin_plans", _BOTH, _BOTH_FIX)
def _not_both_open(census: Census) -> pd.Series:
    pairs = _pairs(census)
    return _marked(census, "cin_plans", pairs.loc[pairs["cin_open"] & pairs["cp_open"], "cin"])


@rule("4016", "cin_plans", _BOTH, _BOTH_FIX)
def _does_not_start_during_cp_plan(census: Census) -> pd.Series:
    pairs = _pairs(census)
    during = (pairs["cin_start"] >= pairs["cp_start"]) & (pairs["cin_start"] < pairs["cp_end"])
    return _marked(census, "cin_plans", pairs.loc[during, "cin"])


@rule("4017", "cp_plans", _BOTH, _BOTH_FIX)
def _cp_plan_does_not_start_during_it(census: Census) -> pd.Series:
    pairs = _pairs(census)
    during = (pairs["cp_start"] >= pairs["cin_start"]) & (pairs["cp_start"] < pairs["cin_end"])
    return _marked(census, "cp_plans", pairs.loc[during, "cp"])


@rule(
    "4003",
    "reviews",
    "A child protection review was held while a CIN plan was open.",
    "Correct the date of the review, or the plan.",
)
def _no_review_during_it(census: Census) -> pd.Series:
    reviews = pd.DataFrame(
        {
            "child": census.positions("reviews", "children"),
            "review": np.arange(len(census["reviews"])),
            "date": census["reviews"]["CPPreviewDate"],
        }
    )
    plans = pd.DataFrame(
        {
            "child": census.positions("cin_plans", "children"),
            "start": census["cin_plans"][_START],
            "end": census["cin_plans"][_END].fillna(census.end + pd.Timedelta(days=1)),
        }
    )
    pairs = reviews.merge(plans, on="child")
    during = (pairs["date"] > pairs["start"]) & (pairs["date"] < pairs["end"])
    return _marked(census, "reviews", pairs.loc[during, "review"])
