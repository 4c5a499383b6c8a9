"""Late recording: what share of a period's events has been recorded by now.

Every row has two clocks, when it happened and when the service knew it. The delays of rows
recorded so far are short of the long ones of late events; counting back from the extract,
each delay is compared only with events old enough to have shown it.
"""

import numpy as np
import pandas as pd

from fs_risk.records.dates import MISSING_DAY, to_days

LONGEST_DELAY = 180
"""Delays beyond so many days are taken as never coming."""

LOOK_BACK = 730
"""Delays are learnt from events of so many days before the extract."""

INCOMPLETE = 0.95
"""Below this a period is marked."""


def delay_distribution(event: pd.Series, known: pd.Series, extract: pd.Timestamp) -> np.ndarray:
    """Estimate the share of events that are recorded within each number of days.

    Parameters
    ----------
    event, known : Series of datetime64
        The two clocks of each row recorded by the extract.
    extract : Timestamp

    Returns
    -------
    ndarray of float64, shape (LONGEST_DELAY + 1,)
        By delay in days from 0 on; NaN where there are no rows.

    References
    ----------
    .. [1] Lawless, J. F. (1994). Adjustments for reporting delays and the prediction of
       occurred but not reported events. Canadian Journal of Statistics 22, 15-31: the hazard
       in reverse time of right-truncated delays.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-01", "2024-03-01"]))
    >>> known = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-11", "2024-03-01"]))
    >>> delay_distribution(days, known, pd.Timestamp("2024-03-05"))[[0, 9, 10]].round(2)
    array([0.5, 0.5, 1. ])
    """
    happened, learnt = to_days(event).astype(np.int64), to_days(known).astype(np.int64)
    last = int(to_days(pd.Series([extract]))[0])
    told = (happened != MISSING_DAY) & (learnt != MISSING_DAY)
    told &= (happened > last - LOOK_BACK) & (happened <= last) & (learnt <= last)
    delay = np.clip(learnt - happened, 0, None)[told]
    could = (last - happened)[told]  # the longest delay that could have been seen
    inside = delay <= LONGEST_DELAY
    delay, could = delay[inside], np.minimum(could[inside], LONGEST_DELAY)
    if not len(delay):
        return np.full(LONGEST_DELAY + 1, np.nan)
    size = LONGEST_DELAY + 1
    exactly = np.bincount(delay, minlength=size)
    # at risk of delay d, in reverse time: delay at most d, and old enough to have shown d
    at_risk = np.cumsum(exactly) - np.r_[0, np.cumsum(np.bincount(could, minlength=size))[:-1]]
    hazard = np.divide(exactly, at_risk, out=np.zeros(size), where=at_risk > 0)
    later = np.cumprod((1.0 - hazard)[::-1])[::-1]
    return np.append(later[1:], 1.0)


def completeness(
    event: pd.Series, known: pd.Series, edges: np.ndarray, extract: pd.Timestamp
) -> np.ndarray:
    """Estimate the share of each period's events that is recorded by the extract.

    Parameters
    ----------
    event, known : Series of datetime64
    edges : ndarray of datetime64[D], shape (n_periods + 1,)
    extract : Timestamp

    Returns
    -------
    ndarray of float64, shape (n_periods,)
        The mean over the period's days up to the extract; 1 for periods older than
        `LONGEST_DELAY`, NaN where no clock says anything.
    """
    share = delay_distribution(event, known, extract)
    days = np.arange(edges[0], edges[-1])
    ago = np.datetime64(extract.date(), "D").astype(np.int64) - days.astype(np.int64)
    by_day = np.where(ago < 0, np.nan, share[np.clip(ago, 0, LONGEST_DELAY)])
    period = np.searchsorted(edges, days, side="right") - 1
    seen = np.isfinite(by_day)
    n = len(edges) - 1
    total = np.bincount(period[seen], by_day[seen], n)
    count = np.bincount(period[seen], minlength=n)
    return np.asarray(np.divide(total, count, out=np.full(n, np.nan), where=count > 0))
