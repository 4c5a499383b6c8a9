"""Whole days, UK local: working days, reporting years, days as integers."""

import re
from collections.abc import Iterable
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from fs_risk.errors import SettingError

EPOCH = np.datetime64("1970-01-01", "D")
MISSING_DAY = np.iinfo(np.int32).min
NEVER = np.iinfo(np.int32).max
DATE_DTYPE = "datetime64[s]"

_SECONDS_A_DAY = 86_400

_FIRST_YEAR, _LAST_YEAR = 1990, 2060

_YEAR_FIRST = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
_DAY_IN_FRONT = r"^(\d{4}-\d{2}-\d{2})(?:[ T].*)?$"


@lru_cache(maxsize=1)
def bank_holidays() -> np.ndarray:
    """List the bank holidays of England, 1990 to 2060, as ``datetime64[D]``.

    References
    ----------
    .. [1] Banking and Financial Dealings Act 1971, schedule 1; the `holidays`
       library, country GB, subdivision ENG.
    """
    import holidays

    days = holidays.country_holidays("GB", subdiv="ENG", years=range(_FIRST_YEAR, _LAST_YEAR + 1))
    return np.array(sorted(days), dtype="datetime64[D]")


@lru_cache(maxsize=1)
def working_calendar() -> np.busdaycalendar:
    """Give numpy's calendar of Monday to Friday without England's bank holidays."""
    return np.busdaycalendar(holidays=bank_holidays())


def add_working_days(dates: pd.Series, days: int) -> pd.Series:
    """Move each date forward by a number of working days.

    A date on a weekend or bank holiday counts from the next working day back,
    so that one working day after a Saturday is the Monday.

    Parameters
    ----------
    dates : Series of datetime64
        Missing dates stay missing.
    days : int
        How many working days.

    Returns
    -------
    Series of datetime64[s]
        Same index as `dates`.

    Examples
    --------
    >>> add_working_days(pd.Series(pd.to_datetime(["2024-03-28"])), 1).dt.date.to_list()
    [datetime.date(2024, 4, 2)]
    """
    values = dates.to_numpy().astype("datetime64[D]")
    moved = np.full(values.shape, np.datetime64("NaT"), dtype="datetime64[D]")
    known = ~np.isnat(values)
    moved[known] = np.busday_offset(
        values[known], days, roll="backward", busdaycal=working_calendar()
    )
    return pd.Series(moved.astype(DATE_DTYPE), index=dates.index, name=dates.name)


def working_days_between(starts: pd.Series, ends: pd.Series) -> pd.Series:
    """Count the working days after each start, up to and with each end.

    Parameters
    ----------
    starts, ends : Series of datetime64
        Of the same length; a missing date gives a missing count.

    Returns
    -------
    Series of float64
    """
    first = starts.to_numpy().astype("datetime64[D]")
    last = ends.to_numpy().astype("datetime64[D]")
    known = ~(np.isnat(first) | np.isnat(last))
    counts = np.full(first.shape, np.nan)
    counts[known] = np.busday_count(first[known] + 1, last[known] + 1, busdaycal=working_calendar())
    return pd.Series(counts, index=starts.index)


def to_days(dates: pd.Series) -> np.ndarray:
    """Turn dates into whole days since 1970 as int32; a missing date becomes `MISSING_DAY`."""
    seconds = dates.to_numpy().astype(DATE_DTYPE, copy=False).view(np.int64)
    # by plain integers: numpy's own change of unit takes several times as long
    days: np.ndarray = np.floor_divide(seconds, _SECONDS_A_DAY).astype(np.int32)
    days[seconds == np.iinfo(np.int64).min] = MISSING_DAY
    return days


def from_days(days: np.ndarray) -> np.ndarray:
    """Turn whole days since 1970 back into ``datetime64[s]``; `MISSING_DAY` becomes NaT."""
    values = EPOCH + days.astype("timedelta64[D]")
    values[np.asarray(days) == MISSING_DAY] = np.datetime64("NaT")
    return values.astype(DATE_DTYPE)


def day_given(day: object, *, argument: str) -> pd.Timestamp:
    """Read a day that a person gave as an argument.

    Parameters
    ----------
    day : date, Timestamp or str
        Text is read year first only: of 01/02/2025 nobody can tell the month.
    argument : str
        Its name, for the error.

    Returns
    -------
    Timestamp
        Midnight.

    Raises
    ------
    SettingError
        If it is no day.

    Examples
    --------
    >>> day_given("2025-03-31", argument="extract_date")
    Timestamp('2025-03-31 00:00:00')
    """
    whole = not isinstance(day, str) or _YEAR_FIRST.match(day.strip())
    try:
        moment = pd.Timestamp(day.strip() if isinstance(day, str) else day)
        known = bool(whole) and not pd.isna(moment)
    except (TypeError, ValueError, OverflowError):
        known = False
    # a whole number would be a moment of 1970
    if not known or isinstance(day, bool | int | float | np.number):
        raise SettingError(
            f"{argument} is not a day.",
            where=f"{argument}=",
            fix=f'Give it year first, as in {argument}="2025-03-31".',
        )
    return moment.tz_localize(None).normalize()


def days_given(days: object, *, argument: str) -> tuple[pd.Timestamp, ...]:
    """Read one day, or several, that a person gave as an argument.

    Parameters
    ----------
    days : date, Timestamp, str, or iterable of them
    argument : str
        Its name, for the error.

    Returns
    -------
    tuple of Timestamp
        In the order given.

    Raises
    ------
    SettingError
        If one is no day.

    Examples
    --------
    >>> [day.month for day in days_given(["2025-03-31", date(2025, 4, 1)], argument="on")]
    [3, 4]
    """
    each = days if isinstance(days, Iterable) and not isinstance(days, str) else [days]
    return tuple(day_given(day, argument=argument) for day in each)


def days_of_rows(dates: pd.Series) -> tuple[pd.Series, np.ndarray]:
    """Read a column of days that a person made: dates, moments, or text year first.

    Parameters
    ----------
    dates : Series

    Returns
    -------
    days : Series of datetime64[s]
        Missing where they were, or cannot be read.
    unread : ndarray of bool, shape (n,)
        Where something is written that is no day: whole numbers among it.

    Examples
    --------
    >>> days, unread = days_of_rows(pd.Series(["2024-03-04", "04/03/2024", None]))
    >>> days.dt.month.tolist(), unread.tolist()
    ([3.0, nan, nan], [False, True, False])
    """
    if dates.dtype == DATE_DTYPE:
        return dates, np.zeros(len(dates), dtype=bool)
    if pd.api.types.is_datetime64_any_dtype(dates.dtype):
        return dates.dt.tz_localize(None).astype(DATE_DTYPE), np.zeros(len(dates), dtype=bool)
    missing = dates.isna().to_numpy()
    text = dates.astype("str").str.strip().str.extract(_DAY_IN_FRONT)[0]
    days = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").astype(DATE_DTYPE)
    return days, np.asarray(days.isna().to_numpy() & ~missing)


def reporting_year(day: date) -> int:
    """Give the year in which the reporting year (1 April to 31 March) of a day ends.

    Examples
    --------
    >>> reporting_year(date(2024, 3, 31)), reporting_year(date(2024, 4, 1))
    (2024, 2025)
    """
    return day.year + (day.month >= 4)
