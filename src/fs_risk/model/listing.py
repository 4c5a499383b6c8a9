"""Who would be on each period's list: the highest scores, up to capacity, ties shared."""

import numpy as np
import pandas as pd

from fs_risk.records.dates import to_days

MONDAY = 4
"""1 January 1970 was a Thursday: day 4 is the first Monday."""


def list_periods(as_of: pd.Series, list_period: str) -> np.ndarray:
    """Give each case the number of the list that it falls into.

    Parameters
    ----------
    as_of : Series of datetime64
    list_period : {"day", "week", "month"}
        Weeks run from Monday to Sunday.

    Returns
    -------
    ndarray of int64, shape (n,)

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2024-03-03", "2024-03-04", "2024-03-10"]))
    >>> np.diff(list_periods(days, "week")).tolist()
    [1, 0]
    """
    days = to_days(as_of).astype(np.int64)
    if list_period == "day":
        return days
    if list_period == "week":
        return (days - MONDAY) // 7
    months: np.ndarray = as_of.to_numpy().astype("datetime64[M]").astype(np.int64)
    return months


def share_listed(score: np.ndarray, period: np.ndarray, capacity: float) -> np.ndarray:
    """Give each case's chance of being on its period's list.

    Parameters
    ----------
    score : ndarray of float, shape (n,)
        Higher comes first.
    period : ndarray of int, shape (n,)
        As `list_periods` gives it.
    capacity : int or float
        Children on each list; or, in (0, 1), the share of the period's cases.

    Returns
    -------
    ndarray of float64, shape (n,)
        1 for the cases certainly listed, 0 for those certainly not; cases tied at
        the last places share these equally.

    Examples
    --------
    >>> share_listed(np.array([3.0, 1.0, 1.0, 0.0]), np.zeros(4), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    if not len(score):
        return np.zeros(0)
    order = np.lexsort([-score, period])
    s, p = score[order], period[order]
    new_period = np.r_[True, p[1:] != p[:-1]]
    new_tie = new_period | np.r_[True, s[1:] != s[:-1]]
    tie = np.cumsum(new_tie) - 1
    size = np.bincount(tie)
    first = np.flatnonzero(new_period)
    which = np.cumsum(new_period) - 1
    before = np.flatnonzero(new_tie) - first[which[new_tie]]
    places = np.full(len(first), float(capacity))
    if 0 < capacity < 1:
        places = capacity * np.bincount(which)
    taken = np.clip(places[which[new_tie]] - before, 0, size)
    share = np.empty(len(score))
    share[order] = (taken / size)[tie]
    return share
