"""Periods and what they hold of England's calendar: working days, school weeks, bank holidays."""

from functools import lru_cache

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError
from fs_risk.records.dates import DATE_DTYPE, bank_holidays, working_calendar

FREQUENCIES = {"MS": "MS", "W": "W-MON", "W-MON": "W-MON"}
"""Months, or weeks that begin on a Monday."""

_CLOSED = ((101, 103), (214, 220), (526, 601), (722, 901), (1025, 1031), (1221, 1231))
"""Usual school holidays of England as month and day. Terms are each school's and
authority's own; pass your own days where they matter."""

_DAYS_BEFORE_EASTER, _DAYS_AFTER_GOOD_FRIDAY = 4, 9


def check_frequency(freq: str) -> str:
    """Give pandas' name of a frequency.

    Raises
    ------
    SettingError
        If it is neither months nor weeks.
    """
    if freq not in FREQUENCIES:
        raise SettingError(
            f"freq={freq!r} is not possible.",
            where="freq",
            fix="Pass 'MS' for months or 'W-MON' for weeks.",
        )
    return FREQUENCIES[freq]


def period_edges(first: pd.Timestamp, last: pd.Timestamp, freq: str) -> np.ndarray:
    """Give the first days of the periods from one day to another, and of the next one.

    Parameters
    ----------
    first, last : Timestamp
    freq : str
        As `check_frequency` gives it.

    Returns
    -------
    ndarray of datetime64[D], shape (n_periods + 1,)

    Examples
    --------
    >>> period_edges(pd.Timestamp("2024-01-10"), pd.Timestamp("2024-02-01"), "MS").astype(str)
    array(['2024-01-01', '2024-02-01', '2024-03-01'], dtype='<U28')
    """
    start, end = (np.datetime64(day.date(), "D") for day in (first, last))
    if freq == "MS":
        months = np.arange(start.astype("datetime64[M]"), end.astype("datetime64[M]") + 2)
        return months.astype("datetime64[D]")
    monday = start - (start.astype(np.int64) + 3) % 7
    return np.arange(monday, end + 8, 7)


def exposure(edges: np.ndarray, *, school_closed: np.ndarray | None = None) -> pd.DataFrame:
    """Count what each period holds of the calendar.

    Parameters
    ----------
    edges : ndarray of datetime64[D], shape (n_periods + 1,)
    school_closed : ndarray of datetime64[D], optional
        Days on which schools are closed, in the place of the usual holidays.

    Returns
    -------
    DataFrame
        ``ds`` (datetime64[s]), ``working_days`` and ``bank_holidays`` (int64; holidays that
        fall on Monday to Friday), ``school_weeks`` (float64, fifths of school days).

    References
    ----------
    .. [1] Banking and Financial Dealings Act 1971, schedule 1, by the `holidays` library.
    .. [2] School holidays: the usual terms of England, no published list; a rule.

    Examples
    --------
    >>> exposure(period_edges(pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-31"), "MS"))[
    ...     ["working_days", "bank_holidays", "school_weeks"]].iloc[0].to_list()
    [21.0, 2.0, 3.4]
    """
    days = np.arange(edges[0], edges[-1])
    working = np.is_busday(days, busdaycal=working_calendar())
    weekday = (days.astype(np.int64) + 3) % 7 < 5
    closed = _usual_holidays(days) if school_closed is None else np.isin(days, school_closed)
    period = np.searchsorted(edges, days, side="right") - 1
    n = len(edges) - 1
    return pd.DataFrame(
        {
            "ds": edges[:-1].astype(DATE_DTYPE),
            "working_days": np.bincount(period[working], minlength=n),
            "bank_holidays": np.bincount(period[weekday & ~working], minlength=n),
            "school_weeks": np.bincount(period[working & ~closed], minlength=n) / 5,
        }
    )


def _usual_holidays(days: np.ndarray) -> np.ndarray:
    months = days.astype("datetime64[M]")
    month_day = (months.astype(np.int64) % 12 + 1) * 100 + (days - months).astype(np.int64) + 1
    closed = np.isin(days, _easter_weeks())
    for first, last in _CLOSED:
        closed |= (month_day >= first) & (month_day <= last)
    return closed


@lru_cache(maxsize=1)
def _easter_weeks() -> np.ndarray:
    holidays = bank_holidays()
    months = holidays.astype("datetime64[M]")
    month_day = (months.astype(np.int64) % 12 + 1) * 100 + (holidays - months).astype(np.int64) + 1
    friday = (holidays.astype(np.int64) + 3) % 7 == 4
    good_fridays = holidays[friday & (month_day >= 319) & (month_day <= 424)]
    around = np.arange(-_DAYS_BEFORE_EASTER, _DAYS_AFTER_GOOD_FRIDAY + 1)
    days: np.ndarray = (good_fridays[:, None] + around).ravel()
    return days
