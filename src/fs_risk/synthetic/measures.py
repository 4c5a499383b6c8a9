"""Measures of a synthetic authority: how many, from whom, and who the children are."""

import numpy as np
import pandas as pd

from fs_risk.records.codes import FACTORS, SOURCE_GROUPS
from fs_risk.records.dates import working_calendar
from fs_risk.synthetic.view import View, percent, shares

AGES = ("unborn", "under_1", "1_to_4", "5_to_9", "10_to_15", "16_and_over")
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
TRIO = {
    "domestic abuse": ("3A", "3B", "3C"),
    "parental mental ill-health": ("4B",),
    "parental substance misuse": ("1B", "2B"),
}
"""The parts of the trio and the factor codes that count for each."""
_AGE_STARTS = np.array([0.0, 1.0, 5.0, 10.0, 16.0])
_YEAR_DAYS = 365.25


def volumes(view: View) -> dict[str, float]:
    """Count what happens in a year, and what is open at its end, per 10,000 children."""
    plans, care = view.table("cp_plans"), view.table("care_periods")
    started = view.within("care_periods", "start_date")
    applied = view.within("care_episodes", "start_date")
    applied = applied[applied["legal_status"].eq("C1")].drop_duplicates("care_period_id")
    return {
        "contacts": view.rate(len(view.within("contacts", "contact_date"))),
        "early_help": view.rate(len(view.within("early_help", "start_date"))),
        "referrals": view.rate(len(view.within("referrals", "referral_date"))),
        "assessments": view.rate(len(view.within("assessments", "authorised_date"))),
        "section47": view.rate(len(view.within("section47", "start_date"))),
        "conferences": view.rate(len(view.within("conferences", "conference_date"))),
        "cp_plan_starts": view.rate(len(view.within("cp_plans", "start_date"))),
        "cp_plans_at_year_end": view.stock(plans, "start_date", "end_date"),
        "care_starts": view.rate(len(started)),
        "care_starts_unaccompanied": percent(started["child_id"].isin(view.unaccompanied)),
        "care_at_year_end": view.stock(care, "start_date", "end_date"),
        "court_applications_children": view.rate(len(applied)),
        "need_at_year_end": 10_000
        * float(np.mean([len(now) for now in view.in_need]))
        / view.children,
        "need_at_year_end_in_records": view.stock(view.taken_up, "referral_date", "close_date"),
        "care_leavers_at_year_end": view.stock(view.care_leavers, "start_date", "close_date"),
        "need_starts": view.rate(
            len(view.need[view.need["referral_date"].between(view.first, view.last)])
        ),
    }


def referral_outcomes(view: View) -> dict[str, float]:
    """Say what became of referrals whose decision and first assessment are over."""
    referrals = view.within("referrals", "referral_date")
    referrals = referrals[referrals["referral_date"] < view.last - pd.Timedelta(days=120)]
    dropped = percent(referrals["no_further_action"])
    closed = percent(referrals["close_reason"].isin(["RC8", "RC9"]))
    return {
        "referrals_no_further_action": dropped,
        "referrals_not_in_need": closed,
        "referrals_in_need": 100 - dropped - closed,
    }


def sources(view: View) -> dict[str, float]:
    """Share of referrals by group of source, per cent."""
    groups = {code: name for name, codes in SOURCE_GROUPS.items() for code in codes}
    source = view.within("referrals", "referral_date")["source"].map(groups)
    return {
        f"source_{name}": share
        for name, share in zip(SOURCE_GROUPS, shares(source, list(SOURCE_GROUPS)), strict=True)
    }


def months(view: View) -> dict[str, float]:
    """Referrals per working day in each month, relative to the year."""
    dates = view.within("referrals", "referral_date")["referral_date"]
    days = pd.date_range(view.first, view.last)
    working = np.is_busday(days.to_numpy().astype("datetime64[D]"), busdaycal=working_calendar())
    made = np.bincount(dates.dt.month - 1, minlength=12)
    due = np.bincount(days[working].month - 1, minlength=12)
    index = made / due / max(made.sum() / due.sum(), 1e-12)
    return {f"month_{name}": float(value) for name, value in zip(MONTHS, index, strict=True)}


def needs(view: View) -> dict[str, float]:
    """Primary need of the children in need at year ends, per cent."""
    now = [
        view.open_on(view.taken_up, "referral_date", "close_date", day) for day in view.year_ends
    ]
    codes = ["N1", "N5", "N2", "N4"]
    found = shares(pd.concat(now)["primary_need"], codes)
    named = {f"primary_need_{code}": value for code, value in zip(codes, found, strict=True)}
    return {**named, "primary_need_other": 100 - sum(found)}


def factors(view: View) -> dict[str, float]:
    """Share of assessments with each factor, of those with a factor recorded, per cent."""
    codes = recorded_factors(view)
    held = codes["assessment_id"].nunique()
    counts = codes["code"].value_counts()
    having = trio_parts(codes)
    found = {f"factor_{code}": 100 * int(counts.get(code, 0)) / max(held, 1) for code in FACTORS}
    return {
        **found,
        "factors_per_assessment": len(codes) / max(held, 1),
        "any_trio": 100 * len(set.union(*having.values())) / max(held, 1),
        "all_three_trio": 100 * len(set.intersection(*having.values())) / max(held, 1),
    }


def recorded_factors(view: View) -> pd.DataFrame:
    """Give the factors of assessments that ended in the years measured, but "none found"."""
    ended = view.within("assessments", "authorised_date")
    codes = view.table("factors").merge(ended[["assessment_id"]], on="assessment_id")
    return codes[codes["code"] != "21"]


def trio_parts(codes: pd.DataFrame) -> dict[str, set[str]]:
    """Give the assessments with each part of the trio, by its name."""
    return {
        name: set(codes.loc[codes["code"].isin(part), "assessment_id"])
        for name, part in TRIO.items()
    }


def categories(view: View) -> dict[str, float]:
    """Share of plans in force at year ends by initial category, per cent."""
    plans = view.table("cp_plans")
    now = [view.open_on(plans, "start_date", "end_date", day) for day in view.year_ends]
    codes = ["NEG", "EMO", "PHY", "SAB", "MUL"]
    found = shares(pd.concat(now)["initial_category"], codes)
    return {f"plan_category_{code}": value for code, value in zip(codes, found, strict=True)}


def age_bands(view: View, children: pd.Series, days: pd.Series) -> pd.Series:
    """Give the age band of children on given days."""
    born = view.births.reindex(children).to_numpy()
    age = (days.to_numpy() - born) / np.timedelta64(1, "D") / _YEAR_DAYS
    return pd.Series(np.asarray(AGES)[np.searchsorted(_AGE_STARTS, age, side="right")])


def ages(view: View) -> dict[str, float]:
    """Ages of children in need and on plans at year ends, and of those who come into care."""
    plans = view.table("cp_plans")
    stocks = {
        "need": view.in_need,
        "plan": [view.open_on(plans, "start_date", "end_date", day) for day in view.year_ends],
    }
    found: dict[str, float] = {}
    for name, stock in stocks.items():
        bands = pd.concat(
            age_bands(view, now["child_id"], pd.Series(day, index=now.index))
            for day, now in zip(view.year_ends, stock, strict=True)
        )
        for age, share in zip(AGES, shares(bands, list(AGES)), strict=True):
            found[f"{name}_age_{age}"] = share
    starts = view.within("care_periods", "start_date")
    bands_now = age_bands(view, starts["child_id"], starts["start_date"])
    for age, share in zip(AGES[1:], shares(bands_now, list(AGES[1:])), strict=True):
        found[f"care_start_age_{age}"] = share
    return found


def families(view: View) -> dict[str, float]:
    """Children referred for each family referred."""
    referred = view.within("referrals", "referral_date")["child_id"].drop_duplicates()
    links = view.table("family_links")
    links = links[links["child_id"].isin(referred)]
    return {"children_per_family": len(links) / max(links["family_id"].nunique(), 1)}
