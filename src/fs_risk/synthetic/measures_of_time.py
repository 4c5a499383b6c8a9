"""Measures of a synthetic authority: how long things last, and what follows what."""

import numpy as np
import pandas as pd

from fs_risk.records.dates import working_days_between
from fs_risk.synthetic.view import View, percent

BANDS = ("up_to_3", "3_to_6", "6_to_12", "12_to_24", "over_24")
_OF_AGE = ("RC6", "RC7")
_EDGES = np.array([91.5, 183.0, 365.5, 730.5])


def _by_length(days: pd.Series, name: str) -> dict[str, float]:
    """Share of durations in each published band, per cent."""
    band = np.searchsorted(_EDGES, days.to_numpy(dtype=float), side="left")
    counts = np.bincount(band, minlength=len(BANDS))
    total = max(int(counts.sum()), 1)
    return {
        f"{name}_{label}_months": 100 * int(count) / total
        for label, count in zip(BANDS, counts, strict=True)
    }


def assessments(view: View) -> dict[str, float]:
    """Working days from referral to authorisation, and from enquiry to conference."""
    ended = view.within("assessments", "authorised_date")
    days = working_days_between(ended["start_date"], ended["authorised_date"])
    lower, median, upper = days.quantile([0.25, 0.5, 0.75])
    held = view.within("conferences", "conference_date")
    held = held[~held["transfer_in"].fillna(False)]
    began = view.table("section47").set_index("section47_id")["start_date"]
    start = pd.Series(began.reindex(held["section47_id"]).to_numpy(), index=held.index)
    wait = working_days_between(start, held["conference_date"])
    return {
        "assessment_days_lower_quartile": float(lower),
        "assessment_days_median": float(median),
        "assessment_days_upper_quartile": float(upper),
        "assessments_within_45_days": percent(days <= 45),
        "conferences_within_15_days": percent(wait <= 15),
    }


def plans(view: View) -> dict[str, float]:
    """How long child protection plans last, and how many are not the first."""
    ended = view.within("cp_plans", "end_date")
    started = view.within("cp_plans", "start_date")
    return {
        **_by_length((ended["end_date"] - ended["start_date"]).dt.days, "cp_plans_ended"),
        "cp_plans_second_or_later": percent(started["previous_plans"] > 0),
    }


def need(view: View) -> dict[str, float]:
    """How long episodes of need last: those that ended, and those open at year ends."""
    closed = view.need[view.need["close_date"].between(view.first, view.last)]
    leavers = view.care_leavers
    of_age = closed["child_id"].isin(leavers["child_id"]) & closed["close_reason"].isin(_OF_AGE)
    grown = leavers[leavers["close_date"].between(view.first, view.last)]
    columns = ["referral_date", "close_date"]
    closed = pd.concat([closed.loc[~of_age, columns], grown[columns]])
    found = _by_length((closed["close_date"] - closed["referral_date"]).dt.days, "need_ended")
    so_far = []
    for day, now in zip(view.year_ends, view.in_need, strict=True):
        so_far.append((day - now["referral_date"]).dt.days)
    return {**found, **_by_length(pd.concat(so_far), "need_open")}


def re_referrals(view: View) -> dict[str, float]:
    """Referrals that follow another, and closures that another follows, per cent."""
    referrals = view.table("referrals").sort_values(["child_id", "referral_date"])
    by_child = referrals.groupby("child_id")
    before = referrals["referral_date"] - by_child["referral_date"].shift()
    after = by_child["referral_date"].shift(-1) - referrals["close_date"]
    measured = referrals["referral_date"].between(view.first, view.last)
    again = (before <= pd.Timedelta(days=365))[measured]
    return {
        "re_referrals_12_months": percent(again),
        "re_referred_12_months_after_closure": _followed(view, referrals, after, 365),
        "re_referred_6_years_after_closure": _followed(view, referrals, after, 2_191),
    }


def _followed(view: View, referrals: pd.DataFrame, after: pd.Series, days: int) -> float:
    """Share of closures that a referral follows, of children under 18 at the horizon."""
    horizon = referrals["close_date"] + pd.Timedelta(days=days)
    adult = view.births.reindex(referrals["child_id"]).to_numpy() + np.timedelta64(6_574, "D")
    observed = referrals["close_date"] >= view.first_observed
    could = observed & (horizon <= view.last) & (horizon.to_numpy() <= adult)
    return percent((after <= pd.Timedelta(days=days))[could])


def outcomes(view: View) -> dict[str, float]:
    """Share of referrals and of plans that a plan or care follows, per cent."""
    referrals = view.accompanied(view.table("referrals"))
    referrals = referrals[referrals["referral_date"] >= view.first]
    starts = view.within("cp_plans", "start_date")
    return {
        "referral_to_plan_12_months": _reached(view, referrals, "referral_date", "cp_plans", 365),
        "referral_to_care_12_months": _reached(
            view, referrals, "referral_date", "care_periods", 365
        ),
        "referral_to_care_18_months": _reached(
            view, referrals, "referral_date", "care_periods", 548
        ),
        "plan_to_care_12_months": _reached(view, starts, "start_date", "care_periods", 365),
    }


def _reached(view: View, cases: pd.DataFrame, start: str, table: str, days: int) -> float:
    """Share of cases, old enough to tell, that an event of a table follows in time."""
    cases = cases[cases[start] + pd.Timedelta(days=days) <= view.last].reset_index(drop=True)
    if cases.empty:
        return float("nan")
    events = view.table(table)[["child_id", "start_date"]].rename(columns={"start_date": "event"})
    pairs = cases[["child_id", start]].assign(case=cases.index).merge(events, on="child_id")
    gap = (pairs["event"] - pairs[start]).dt.days
    reached = pairs.loc[(gap > 0) & (gap <= days), "case"].nunique()
    return float(100 * reached / len(cases))
