"""Whom the Family Safeguarding trial's measures are about: one row for each child."""

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError
from fs_risk.outcomes.cohorts import closure_cohort, referral_cohort
from fs_risk.records.dates import DATE_DTYPE
from fs_risk.records.records import Records

OLDEST = 12
"""Children who had turned 13 by the referral are not in the trial."""

TRIO_FACTORS = ("1B", "2B", "3A", "3B", "3C", "4B")


def first_referrals(records: Records, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """List each child's first referral in a period, if aged 0 to 12 on its day.

    Children not yet born, and those whose birth date is missing, are left out: the
    source gives no rule for them.

    Parameters
    ----------
    records : Records
    first, last : Timestamp

    Returns
    -------
    DataFrame
    """
    return _young(records, _firsts(referral_cohort(records), first, last))


def first_referrals_with_the_trio(
    records: Records, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    """List the same of referrals whose assessment found one of the trio in an adult or child.

    Parameters
    ----------
    records : Records
    first, last : Timestamp

    Returns
    -------
    DataFrame
    """
    factors, assessments = records["factors"], records["assessments"]
    found = factors.loc[factors["code"].isin(TRIO_FACTORS).to_numpy(), "assessment_id"]
    assessed = assessments.loc[assessments["assessment_id"].isin(found), "referral_id"]
    cohort = referral_cohort(records)
    cohort = cohort[cohort["case_id"].isin(assessed.dropna()).to_numpy()]
    return _young(records, _firsts(cohort, first, last))


def closures_after_a_plan(
    records: Records, first: pd.Timestamp, last: pd.Timestamp
) -> pd.DataFrame:
    """List each child's first closure, in a period, of a case that held a protection plan.

    Parameters
    ----------
    records : Records
    first, last : Timestamp

    Returns
    -------
    DataFrame
    """
    plans, referrals = records["cp_plans"], records["referrals"]
    episodes = referrals[["referral_id", "child_id", "referral_date", "close_date"]].dropna()
    pairs = episodes.merge(plans[["child_id", "start_date"]], on="child_id")
    during = (pairs["start_date"] >= pairs["referral_date"]) & (
        pairs["start_date"] <= pairs["close_date"]
    )
    cohort = closure_cohort(records)
    held = cohort["case_id"].isin(pairs.loc[during.to_numpy(), "referral_id"])
    return _firsts(cohort[held.to_numpy()], first, last)


def first_plans(records: Records, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """List each child's first protection plan begun in a period; the case is the plan.

    Parameters
    ----------
    records : Records
    first, last : Timestamp

    Returns
    -------
    DataFrame
    """
    plans = records["cp_plans"]
    own = ~plans["other_authority"].fillna(False).to_numpy(dtype=bool)
    return _begun(records, "cp_plans", plans[own], "cp_plan_id", "start_date", first, last)


def first_meetings(records: Records, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """List each child's first pre-proceedings meeting with parents in a period.

    Parameters
    ----------
    records : Records
    first, last : Timestamp

    Returns
    -------
    DataFrame
    """
    legal = records["pre_proceedings"]
    return _begun(
        records, "pre_proceedings", legal, "pre_proceedings_id", "meeting_date", first, last
    )


def _begun(
    records: Records,
    table: str,
    frame: pd.DataFrame,
    case: str,
    day: str,
    first: pd.Timestamp,
    last: pd.Timestamp,
) -> pd.DataFrame:
    window = records.coverage.get(table)
    if window is None:
        raise OutcomeError(
            f"These records hold no {table}.",
            where=f"returns {', '.join(records.origin.returns)}",
            fix=f"Read a return that holds {table}.",
        )
    names = {case: "case_id", "child_id": "child_id", day: "as_of"}
    rows = frame[list(names)].rename(columns=names).dropna(subset="as_of")
    seen = rows["as_of"].between(window.observed_from, window.observed_to)
    rows = rows[seen.to_numpy()].astype({"as_of": DATE_DTYPE})
    return _firsts(rows, first, last)


def _firsts(cohort: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    inside = cohort[cohort["as_of"].between(first, last).to_numpy()]
    order = np.lexsort(
        [inside["case_id"].to_numpy(dtype=object), inside["as_of"].to_numpy(dtype="int64")]
    )
    return inside.iloc[order].drop_duplicates("child_id").reset_index(drop=True)


def _young(records: Records, cohort: pd.DataFrame) -> pd.DataFrame:
    children = records["children"].drop_duplicates("child_id").set_index("child_id")
    born = children["birth_date"].reindex(cohort["child_id"]).to_numpy().astype("datetime64[D]")
    day = cohort["as_of"].to_numpy().astype("datetime64[D]")
    thirteen = born.astype("datetime64[M]") + np.timedelta64(12 * (OLDEST + 1), "M")
    into_month = born - born.astype("datetime64[M]").astype("datetime64[D]")
    young = (born <= day) & (day < thirteen.astype("datetime64[D]") + into_month)
    return cohort[young].reset_index(drop=True)
