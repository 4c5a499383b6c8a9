"""Counts in windows and days since: one compiled pass for all streams of a point of view."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fs_risk.features.kernels import count_windows
from fs_risk.features.measures import Count, DaysSince, Share
from fs_risk.features.sight import Sight
from fs_risk.features.streams import STREAMS
from fs_risk.records.dates import MISSING_DAY

Placed = tuple[int, Count | DaysSince]


@dataclass(frozen=True)
class WindowPlan:
    """Which counts one pass computes, and which features they fill.

    Attributes
    ----------
    whom : str
        One of `sight.POINTS_OF_VIEW`.
    first_column : int32 (n_streams + 1,)
        The count columns of each stream, by ascending window.
    target : int32 (n_columns,)
        The feature that each column fills.
    step_of : int16 (longest window + 1,)
        For an age in days, the shortest of all windows that holds it.
    column_of : int32 (n_streams, n_windows)
        The first column of a stream whose window is that long or longer.
    since : int32 (n_since, 3)
        Days since: stream, window, feature.
    repeats : tuple of (int, int)
        Features that ask what another one asks: feature, the other.
    """

    whom: str
    first_column: np.ndarray
    target: np.ndarray
    step_of: np.ndarray
    column_of: np.ndarray
    since: np.ndarray
    repeats: tuple[tuple[int, int], ...]


def plan_windows(placed: Sequence[Placed], whom: str) -> WindowPlan:
    """Lay the count columns of one pass out by stream and ascending window.

    Parameters
    ----------
    placed : sequence of (int, measure)
        Feature columns and what they measure, all of one point of view.
    whom : str
        One of `sight.POINTS_OF_VIEW`.

    Returns
    -------
    WindowPlan
    """
    names = list(STREAMS)
    number = {name: place for place, name in enumerate(names)}
    filled: dict[tuple[int, int], int] = {}
    repeats = []
    for feature, measure in placed:
        if isinstance(measure, Count):
            asked = number[measure.stream], measure.window_days
            if filled.setdefault(asked, feature) != feature:
                repeats.append((feature, filled[asked]))
    columns = sorted(filled)
    steps = np.unique([measure.window_days for _, measure in placed])
    stream_of = np.array([stream for stream, _ in columns], dtype=np.int32)
    first_column = np.searchsorted(stream_of, np.arange(len(names) + 1)).astype(np.int32)
    return WindowPlan(
        whom=whom,
        first_column=first_column,
        target=np.array([filled[asked] for asked in columns], dtype=np.int32),
        step_of=np.searchsorted(steps, np.arange(steps[-1] + 1)).astype(np.int16),
        column_of=_column_of(columns, steps, len(names)),
        since=np.array(
            [
                (number[measure.stream], measure.window_days, feature)
                for feature, measure in placed
                if isinstance(measure, DaysSince)
            ],
            dtype=np.int32,
        ).reshape(-1, 3),
        repeats=tuple(repeats),
    )


def _column_of(columns: Sequence[tuple[int, int]], steps: np.ndarray, n_streams: int) -> np.ndarray:
    """Give the first column of each stream that holds each step; one past the last for none."""
    column_of = np.full((n_streams, steps.size), len(columns), dtype=np.int32)
    for column in range(len(columns) - 1, -1, -1):
        stream, window = columns[column]
        column_of[stream, steps <= window] = column
    return column_of


def fill_windows(sight: Sight, plan: WindowPlan, values: np.ndarray) -> None:
    """Fill the columns of counts and days since.

    Parameters
    ----------
    sight : Sight
    plan : WindowPlan
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    count_windows(
        *sight.arrays("events", plan.whom),
        True,
        plan.first_column,
        plan.target,
        plan.step_of,
        plan.column_of,
        plan.since,
        0,
        sight.key.size,
        values.T,
    )
    for feature, other in plan.repeats:
        values[:, feature] = values[:, other]


@dataclass(frozen=True)
class SharePlan:
    """Which features are shares, and the counts of which they are made.

    Attributes
    ----------
    counts : WindowPlan
        Of days with an event, in columns of their own.
    part, whole : ndarray of int (n_shares,)
        Their columns.
    target : ndarray of int (n_shares,)
        The feature that each fills.
    """

    counts: WindowPlan
    part: np.ndarray
    whole: np.ndarray
    target: np.ndarray


def plan_shares(placed: Sequence[tuple[int, Share]], whom: str) -> SharePlan:
    """Lay out the counts of which some shares are made, each counted once.

    Parameters
    ----------
    placed : sequence of (int, Share)
        Feature columns and what they measure, all of one point of view.
    whom : str
        One of `sight.POINTS_OF_VIEW`.

    Returns
    -------
    SharePlan
    """
    asked: dict[Count, int] = {}

    def column(stream: str, days: int) -> int:
        return asked.setdefault(Count(stream, days), len(asked))

    part = [column(share.stream, share.window_days) for _, share in placed]
    whole = [column(share.of, share.window_days) for _, share in placed]
    return SharePlan(
        counts=plan_windows([(place, count) for count, place in asked.items()], whom),
        part=np.array(part),
        whole=np.array(whole),
        target=np.array([feature for feature, _ in placed]),
    )


def fill_shares(sight: Sight, plan: SharePlan, values: np.ndarray) -> None:
    """Fill the columns of shares, in per cent; missing where there is nothing to share.

    Parameters
    ----------
    sight : Sight
    plan : SharePlan
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    n_counts = plan.counts.target.size
    counts = np.empty((len(values), n_counts), dtype=np.float32, order="F")
    fill_windows(sight, plan.counts, counts)
    days = counts.T[plan.whole]
    days[days == 0] = np.nan
    values.T[plan.target] = 100 * counts.T[plan.part] / days


def days_before(day: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Give the days from `event` to `day` as float32, NaN where there is no event."""
    days = day.astype(np.float32) - event.astype(np.float32)
    days[event == MISSING_DAY] = np.nan
    return days
