"""Who is asked about, and on which day: one row per case and `as_of`."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd

from fs_risk.errors import OutcomeError
from fs_risk.records.arguments import RECORDS, takes
from fs_risk.records.dates import DATE_DTYPE, day_given, days_given
from fs_risk.records.records import Records, Window

COLUMNS = ("case_id", "child_id", "as_of")
"""The columns of every cohort; its key is (case_id, as_of)."""


@takes(records=RECORDS)
def referral_cohort(records: Records, *, family_declared: bool = False) -> pd.DataFrame:
    """List each referral on the day it was made.

    Parameters
    ----------
    records : Records
    family_declared : bool, default=False
        Whether to give the family that each referral names (`named_families`).

    Returns
    -------
    DataFrame
        ``case_id`` (the referral), ``child_id``, ``as_of`` (its date), by date;
        only referrals made while their return was observed. Where asked for,
        ``family_id``.

    Raises
    ------
    OutcomeError
        If the records hold no referrals.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["R2", "R1"], "child_id": ["A", "B"],
    ...     "referral_date": pd.to_datetime(["2024-03-02", "2024-03-01"])})
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")
    >>> referral_cohort(records)["case_id"].to_list()
    ['R1', 'R2']
    """
    cohort = _dated(records, "referrals", "referral_id", "referral_date")
    if not family_declared:
        return cohort
    return cohort.assign(family_id=named_families(records, cohort["child_id"], cohort["as_of"]))


def named_families(records: Records, child_id: pd.Series, on: pd.Series) -> pd.Series:
    """Give the family that a referral of a child names: the one linked by the end of the day.

    A front door that takes a referral of a child asks whose child it is, and the link is
    recorded that day. A link that became known later is not read.

    Parameters
    ----------
    records : Records
    child_id : Series of str, shape (n,)
    on : Series of datetime64, shape (n,)
        Day of each referral.

    Returns
    -------
    Series of str, shape (n,)
        The link known first, of several of one day the first by its id, so that the order
        of the rows makes no difference; missing where none was known.

    Examples
    --------
    >>> links = pd.DataFrame({"child_id": ["A", "B"], "family_id": ["F", "F"],
    ...     "known_date": pd.to_datetime(["2024-03-01", "2024-06-01"])})
    >>> records = Records.from_frames({"family_links": links}, extract_date="2024-12-31")
    >>> days = pd.Series(pd.to_datetime(["2024-03-01", "2024-03-01"]))
    >>> named_families(records, pd.Series(["A", "B"]), days).fillna("-").to_list()
    ['F', '-']
    """
    links = records["family_links"].dropna(subset=["family_id"])
    # an undated link was always there
    links = links.sort_values(["known_date", "family_id"], na_position="first")
    found = links.drop_duplicates("child_id").set_index("child_id").reindex(child_id)
    there = found["known_date"].isna().to_numpy() | (
        found["known_date"].to_numpy() <= on.to_numpy().astype(found["known_date"].dtype)
    )
    return found["family_id"].where(there).set_axis(child_id.index)


@takes(records=RECORDS)
def contact_cohort(records: Records) -> pd.DataFrame:
    """List each contact with the front door on its day.

    Parameters
    ----------
    records : Records

    Returns
    -------
    DataFrame
        ``case_id`` (the contact), ``child_id``, ``as_of``; only contacts made
        while they were observed.

    Raises
    ------
    OutcomeError
        If the records hold no contacts.

    Examples
    --------
    >>> contacts = pd.DataFrame({"contact_id": ["1"], "child_id": ["A"],
    ...     "contact_date": ["2024-03-01"]})
    >>> records = Records.from_frames({"contacts": contacts}, extract_date="2024-12-31")
    >>> contact_cohort(records)["child_id"].to_list()
    ['A']
    """
    return _dated(records, "contacts", "contact_id", "contact_date")


@takes(records=RECORDS)
def closure_cohort(records: Records) -> pd.DataFrame:
    """List each closure of an episode of need on its day.

    A referral that came to no further action opened no episode and has no closure.

    Parameters
    ----------
    records : Records

    Returns
    -------
    DataFrame
        ``case_id`` (the referral that opened the episode), ``child_id``, ``as_of``
        (the day it closed); only closures while referrals were observed.

    Raises
    ------
    OutcomeError
        If the records hold no referrals.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["R1", "R2"], "child_id": ["A", "B"],
    ...     "referral_date": ["2024-03-01", "2024-03-02"], "close_date": ["2024-05-15", None]})
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")
    >>> closure_cohort(records)["child_id"].to_list()
    ['A']
    """
    referrals = _rows(records, "referrals")
    opened = ~referrals["no_further_action"].fillna(False).to_numpy(dtype=bool)
    return _cohort(records, "referrals", referrals[opened], "referral_id", "close_date")


@takes(records=RECORDS)
def open_case_cohort(
    records: Records, *, on: date | str | Sequence[date | str] | pd.DatetimeIndex
) -> pd.DataFrame:
    """List each case that was open on each day, as far as the service then knew.

    Open on a day: referred before it, not known before it to be closed, nor to have
    come to no further action. A child with two open episodes is one case, the
    later one.

    Parameters
    ----------
    records : Records
    on : date, str or sequence of them
        For example the days of monthly group supervision.

    Returns
    -------
    DataFrame
        ``case_id`` (the referral that opened the episode), ``child_id``, ``as_of``.

    Raises
    ------
    OutcomeError
        If the records hold no referrals, or did not observe them on a day asked for.
    SettingError
        If one is no day.

    Examples
    --------
    >>> referrals = pd.DataFrame({"referral_id": ["R1"], "child_id": ["A"],
    ...     "referral_date": ["2024-03-01"], "close_date": ["2024-05-15"]})
    >>> records = Records.from_frames({"referrals": referrals}, extract_date="2024-12-31")
    >>> cases = open_case_cohort(records, on=["2024-04-01", "2024-05-01", "2024-06-01"])
    >>> cases["as_of"].dt.month.to_list()
    [4, 5]
    """
    referrals = _rows(records, "referrals").sort_values(["referral_date", "referral_id"])
    days = pd.DatetimeIndex(days_given(on, argument="on")).unique().sort_values()
    window = _window(records, "referrals")
    outside = int(((days < window.observed_from) | (days > window.observed_to)).sum())
    if outside:
        raise OutcomeError(
            f"Referrals were not observed on {outside} of the {len(days)} days asked for.",
            where=f"table referrals, observed {_days(window)}",
            fix="Ask for days within the window.",
        )
    frames = [_open_on(referrals, day) for day in days]
    return _ordered(pd.concat(frames, ignore_index=True)) if frames else _empty()


def open_cases_known(records: Records, day: date | str) -> pd.DataFrame:
    """List the cases open on a day as far as the records know, though they end before it.

    For use on the day: an extract is always some days old. A study asks
    `open_case_cohort`, which refuses days that were not observed.

    Parameters
    ----------
    records : Records
    day : date or str

    Returns
    -------
    DataFrame
        As `open_case_cohort`.

    Raises
    ------
    OutcomeError
        If the records hold no referrals.
    """
    referrals = _rows(records, "referrals").sort_values(["referral_date", "referral_id"])
    return _ordered(_open_on(referrals, day_given(day, argument="day")))


def _open_on(referrals: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    refused = referrals["no_further_action"].fillna(False).to_numpy(dtype=bool)
    refused &= (referrals["decision_known_date"] < day).to_numpy()
    closed = (referrals["end_known_date"] < day).to_numpy()
    begun = (referrals["referral_date"] < day) & (referrals["known_date"] < day)
    latest = referrals[begun.to_numpy() & ~closed & ~refused].drop_duplicates(
        "child_id", keep="last"
    )
    return _as_cohort(latest["referral_id"], latest["child_id"], day)


def _rows(records: Records, table: str) -> pd.DataFrame:
    _window(records, table)
    return records[table]


def _window(records: Records, table: str) -> Window:
    window = records.coverage.get(table)
    if window is None:
        raise OutcomeError(
            f"These records hold no {table}.",
            where=f"returns {', '.join(records.origin.returns)}",
            fix=f"Read a return that holds {table}.",
        )
    return window


def _dated(records: Records, table: str, case: str, day: str) -> pd.DataFrame:
    return _cohort(records, table, _rows(records, table), case, day)


def _cohort(records: Records, table: str, rows: pd.DataFrame, case: str, day: str) -> pd.DataFrame:
    window = _window(records, table)
    last = min(window.observed_to, records.extract_date)
    seen = rows[(rows[day] >= window.observed_from) & (rows[day] <= last)]
    return _ordered(_as_cohort(seen[case], seen["child_id"], seen[day]))


def _as_cohort(
    cases: pd.Series, children: pd.Series, as_of: pd.Series | pd.Timestamp
) -> pd.DataFrame:
    frame = pd.DataFrame({"case_id": cases, "child_id": children})
    frame["as_of"] = as_of
    return frame.astype({"case_id": "str", "child_id": "str", "as_of": DATE_DTYPE})


def _ordered(cohort: pd.DataFrame) -> pd.DataFrame:
    """Put rows in an order that does not depend on the order of the records (M8)."""
    order = np.lexsort([cohort["case_id"].to_numpy(dtype=object), cohort["as_of"].to_numpy()])
    return cohort.iloc[order].reset_index(drop=True)


def _empty() -> pd.DataFrame:
    none = pd.Series(dtype="str")
    return _as_cohort(none, none, pd.Series(dtype=DATE_DTYPE))


def _days(window: Window) -> str:
    return f"{window.observed_from.date()} to {window.observed_to.date()}"
