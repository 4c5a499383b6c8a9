"""How much of a step's outcomes has fallen by a day, for each way a day is decided."""

from collections.abc import Callable

import numpy as np

from fs_risk.synthetic.calendar import LONGEST, Calendar
from fs_risk.synthetic.parameters import Parameters
from fs_risk.synthetic.timeline import conference_day, conference_lags, enquiry_at_entry
from fs_risk.synthetic.transitions import DayKind

_REACH = 2 * LONGEST
"""An outcome falls by the end of the step after its own."""


def share_by_day(
    calendar: Calendar, parameters: Parameters
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Tabulate the shares once, and give a function that looks them up.

    Parameters
    ----------
    calendar : Calendar
    parameters : Parameters

    Returns
    -------
    callable
        Of steps and limits (days of the grid), both shape (n,), to shares of shape
        (len(DayKind), n): the part of each kind of outcome in the step that falls
        on or before the limit.
    """
    table = _tables(calendar, parameters)

    def shares(step: np.ndarray, limit: np.ndarray) -> np.ndarray:
        reached = np.clip(limit - calendar.starts[step], -1, _REACH - 1)
        found = table[:, step, np.maximum(reached, 0)]
        return np.where(reached < 0, 0.0, found)

    return shares


def _tables(calendar: Calendar, parameters: Parameters) -> np.ndarray:
    """Cumulative shares, shape (len(DayKind), steps, _REACH); the last step is left at one."""
    n_steps = len(calendar.starts) - 1
    steps = np.arange(n_steps - 1)
    lags = conference_lags(parameters)
    gaps = parameters.array("enquiry.gap_days")
    working = np.diff(calendar.working_shares[:-1], axis=1, prepend=0.0)
    referred = np.diff(calendar.referral_shares[:-1], axis=1, prepend=0.0)
    enquired = np.zeros((n_steps - 1, _REACH))
    days = np.minimum(calendar.starts[:-2, None] + np.arange(LONGEST), calendar.starts[-1] - 1)
    for gap, share in enumerate(gaps):
        _add(enquired, calendar, enquiry_at_entry(calendar, days, gap), share * referred)
    table = np.ones((len(DayKind), n_steps, _REACH))
    table[DayKind.WORKING, :-1] = _wide(working)
    table[DayKind.REFERRAL, :-1] = _wide(referred)
    table[DayKind.ENTRY_ENQUIRY, :-1] = np.cumsum(enquired, axis=1)
    for kind, weight in (
        (DayKind.CONFERENCE, _wide(working, total=False)),
        (DayKind.ENTRY_CONFERENCE, enquired),
    ):
        table[kind, :-1] = np.cumsum(_after_lag(weight, calendar, steps, lags), axis=1)
    return table


def _wide(weight: np.ndarray, *, total: bool = True) -> np.ndarray:
    """Widen daily shares of one step to the reach of two; add them up if `total`."""
    wide = np.zeros((len(weight), _REACH))
    wide[:, :LONGEST] = weight
    return np.cumsum(wide, axis=1) if total else wide


def _add(table: np.ndarray, calendar: Calendar, days: np.ndarray, share: np.ndarray) -> None:
    """Add shares at days of the grid, row by row counted from the step's first day."""
    rows = np.broadcast_to(np.arange(len(table))[:, None], days.shape)
    into = np.clip(days - calendar.starts[:-2, None], 0, _REACH - 1)
    np.add.at(table, (rows, into), share)


def _after_lag(
    weight: np.ndarray, calendar: Calendar, steps: np.ndarray, lags: np.ndarray
) -> np.ndarray:
    """Move daily shares of enquiries on to the days of their conferences."""
    moved = np.zeros_like(weight)
    days = np.minimum(calendar.starts[:-2, None] + np.arange(_REACH), calendar.starts[-1] - 1)
    step = np.broadcast_to(steps[:, None], days.shape)
    for lag in np.flatnonzero(lags):
        held = conference_day(calendar, days.ravel(), step.ravel(), int(lag))
        _add(moved, calendar, held.reshape(days.shape), weight * lags[lag])
    return moved
