"""Counts of events by period, in total, by team and by source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fs_risk.demand.series_measures import Measure, events_of
from fs_risk.outcomes.indicator_teams import of_teams
from fs_risk.records.codes import SOURCE_GROUPS
from fs_risk.records.dates import to_days
from fs_risk.records.records import Records

NOT_RECORDED = "not recorded"


@dataclass(frozen=True)
class Count:
    """One series, before it is laid out.

    Attributes
    ----------
    measure, kind, tier, to_tier, team, source, need : str
        Empty text where they do not apply.
    values : ndarray of int64, shape (n_periods,)
    observed : ndarray of bool, shape (n_periods,)
        Whether the whole period was.
    held : bool
        Whether the return holds the table at all.
    clocks : (Series, Series) or None
        When each event happened and was known, where clocks were recorded.
    """

    measure: str
    values: np.ndarray
    observed: np.ndarray
    kind: str = "flow"
    tier: str = ""
    to_tier: str = ""
    team: str = ""
    source: str = ""
    need: str = ""
    held: bool = True
    clocks: tuple[pd.Series, pd.Series] | None = None

    @property
    def unique_id(self) -> str:
        """Name the series: the measure and what it is split by."""
        parts = {
            "tier": self.tier,
            "to": self.to_tier,
            "need": self.need,
            "team": self.team,
            "source": self.source,
        }
        return "/".join([self.measure, *(f"{name}={part}" for name, part in parts.items() if part)])


def observed_periods(
    records: Records, table: str, edges: np.ndarray, *, days_before: int = 0
) -> np.ndarray:
    """Say which periods a table observes in full, shape (n_periods,)."""
    window = records.coverage.get(table)
    if window is None:
        return np.zeros(len(edges) - 1, dtype=bool)
    first = np.datetime64(window.observed_from.date(), "D") + days_before
    last = np.datetime64(min(window.observed_to, records.extract_date).date(), "D")
    whole: np.ndarray = (edges[:-1] >= first) & (edges[1:] - 1 <= last)
    return whole


def in_period(day: pd.Series, edges: np.ndarray) -> np.ndarray:
    """Give the period of each day; -1 outside all."""
    days = to_days(day).astype(np.int64)
    period = np.searchsorted(edges.astype(np.int64), days, side="right") - 1
    return np.where(period < len(edges) - 1, period, -1)


def event_counts(
    records: Records, measures: Sequence[Measure], edges: np.ndarray, by: Sequence[str]
) -> Iterator[Count]:
    """Count events of each measure.

    Parameters
    ----------
    records : Records
    measures : sequence of Measure
    edges : ndarray of datetime64[D], shape (n_periods + 1,)
    by : sequence of {"team", "source"}

    Yields
    ------
    Count
    """
    for measure in measures:
        held = records.coverage.get(measure.table) is not None
        observed = observed_periods(records, measure.table, edges, days_before=measure.days_before)
        events = events_of(records, measure)
        clocks = None
        if "recorded" in events and events["recorded"].any():
            clocks = (events["day"], events["known"])
        yield Count(measure.name, _counted(events, edges), observed, held=held, clocks=clocks)
        if not held:
            continue
        for name in by:
            for label, part in _parts(records, events, name):
                counted = _counted(part, edges)
                if name == "team":
                    yield Count(measure.name, counted, observed, team=label)
                else:
                    yield Count(measure.name, counted, observed, source=label)


def _counted(events: pd.DataFrame, edges: np.ndarray) -> np.ndarray:
    period = in_period(events["day"], edges)
    return np.bincount(period[period >= 0], minlength=len(edges) - 1)


def _parts(records: Records, events: pd.DataFrame, by: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Split events so that each is in one part; none where the table does not say."""
    if by == "source":
        if "source" not in events:
            return
        label = source_group(events["source"])
    else:
        if "team" not in events:
            events = of_teams(records, events)
        label = events["team"].astype(object).fillna(NOT_RECORDED)
    for name, part in events.groupby(label.to_numpy(dtype=object), sort=True):
        yield str(name), part


def source_group(source: pd.Series) -> pd.Series:
    """Give the group of each referral source; `NOT_RECORDED` where there is none."""
    groups = {code: name for name, codes in SOURCE_GROUPS.items() for code in codes}
    return source.astype(object).map(groups).fillna(NOT_RECORDED)
