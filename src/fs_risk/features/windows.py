"""Counts in windows and days since: one compiled pass for all streams of a point of view."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fs_risk.features.cases import Cases, view
from fs_risk.features.kernels import count_windows
from fs_risk.features.measures import Count, DaysSince
from fs_risk.features.streams import STREAMS
from fs_risk.features.timeline import History
from fs_risk.records.dates import MISSING_DAY

Placed = tuple[int, Count | DaysSince]


@dataclass(frozen=True)
class WindowPlan:
    """Which count columns one pass computes, and which features they fill.

    Attributes
    ----------
    whom : {"child", "siblings"}
    first_column : int32 (n_streams + 1,)
    windows : int32 (n_columns,)
    column_of : dict
        Column of the pass for a stream and window.
    features : tuple of (int, measure)
        Feature column and what it measures.
    """

    whom: str
    first_column: np.ndarray
    windows: np.ndarray
    column_of: dict[tuple[str, int], int]
    features: tuple[Placed, ...]

    @property
    def wants_latest(self) -> bool:
        """Whether any feature asks for the latest event."""
        return any(isinstance(measure, DaysSince) for _, measure in self.features)


def plan_windows(placed: Sequence[Placed], whom: str) -> WindowPlan:
    """Lay the count columns of one pass out by stream and ascending window.

    Parameters
    ----------
    placed : sequence of (int, measure)
        Feature columns and what they measure, all of one point of view.
    whom : {"child", "siblings"}

    Returns
    -------
    WindowPlan
    """
    asked = {(m.stream, m.window_days) for _, m in placed if isinstance(m, Count)}
    by_stream = {name: sorted(days for stream, days in asked if stream == name) for name in STREAMS}
    ordered = [(name, days) for name, windows in by_stream.items() for days in windows]
    sizes = [len(windows) for windows in by_stream.values()]
    return WindowPlan(
        whom=whom,
        first_column=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        windows=np.array([days for _, days in ordered], dtype=np.int32),
        column_of={key: column for column, key in enumerate(ordered)},
        features=tuple(placed),
    )


def fill_windows(history: History, cases: Cases, plan: WindowPlan, values: np.ndarray) -> None:
    """Fill the columns of counts and days since.

    Parameters
    ----------
    history : History
    cases : Cases
    plan : WindowPlan
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    seen = view(history, cases, plan.whom)
    facts = seen.events
    counts = np.empty((cases.day.size, plan.windows.size), dtype=np.float32)
    rows = cases.day.size if plan.wants_latest else 0
    latest = np.empty((rows, plan.first_column.size - 1), dtype=np.int32)
    count_windows(
        facts.starts,
        facts.day,
        facts.known,
        facts.kind,
        facts.owner,
        history.retain,
        seen.key,
        cases.day,
        cases.cut,
        seen.exclude,
        np.argsort(seen.key, kind="stable"),
        plan.first_column,
        plan.windows,
        counts,
        latest,
    )
    for column, measure in plan.features:
        if isinstance(measure, Count):
            values[:, column] = counts[:, plan.column_of[measure.stream, measure.window_days]]
        else:
            event = latest[:, history.streams.index(measure.stream)]
            days = days_before(cases.day, event)
            values[:, column] = np.where(days > measure.window_days, np.nan, days)


def days_before(day: np.ndarray, event: np.ndarray) -> np.ndarray:
    """Give the days from `event` to `day` as float32, NaN where there is no event."""
    days = day.astype(np.float32) - event.astype(np.float32)
    days[event == MISSING_DAY] = np.nan
    return days
