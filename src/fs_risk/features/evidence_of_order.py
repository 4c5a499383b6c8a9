"""The events behind a feature of counts, of time since, or of the order of events."""

from collections.abc import Mapping

import numpy as np

from fs_risk.features.cases import Cases, view
from fs_risk.features.measures import (
    Change,
    Count,
    CountSince,
    DaysSince,
    DaysSinceFirst,
    DaysWithout,
    Distinct,
    FurthestStep,
    Gap,
    OnlySiblings,
    Rhythm,
    Share,
    StepChange,
    Weighted,
)
from fs_risk.features.streams import STREAMS
from fs_risk.features.timeline import Facts, History

Ordered = Count | Share | DaysSince | Rhythm | OnlySiblings
"""Measures of events."""

_NUMBER = {name: number for number, name in enumerate(STREAMS)}

Picked = Mapping[str, np.ndarray]
"""For each stream, which of the rows are behind the value."""


class Seen:
    """The facts of one key that a case may see, those of each stream found once.

    Parameters
    ----------
    as_of : int
        The case's day.
    facts : Facts
    rows : slice
        Those of the key.
    visible : bool (n_rows,)
        Which of them the case may see: before its day, all of them.
    """

    def __init__(self, as_of: np.int32, facts: Facts, rows: slice, visible: np.ndarray) -> None:
        self.facts, self.rows, self.visible = facts, rows, visible
        self.day, self.kind = facts.day[rows], facts.kind[rows]
        self.age = as_of - self.day
        self._of: dict[str, np.ndarray] = {}

    def of(self, stream: str, low: int, high: int) -> np.ndarray:
        """Mark the events of a stream at ages ``low < age <= high``."""
        if stream not in self._of:
            self._of[stream] = self.visible & (self.kind == _NUMBER[stream])
        marked: np.ndarray = self._of[stream] & (self.age <= high)
        return marked & (self.age > low) if low > 0 else marked

    def days(self, chosen: np.ndarray) -> int:
        """Count the days among chosen events."""
        return int(np.unique(self.day[chosen]).size)


def events_behind(history: History, cases: Cases, seen: Seen, measure: Ordered) -> Picked:
    """Choose the events that a value rests on; none behind a balance or an absence.

    Parameters
    ----------
    history : History
    cases : Cases
        A single case.
    seen : Seen
        What it sees.
    measure : measure

    Returns
    -------
    mapping of str to ndarray of bool
    """
    age = seen.age
    window = measure.window_days
    match measure:
        case Count() | Weighted() | Gap():
            return {measure.stream: seen.of(measure.stream, 0, window)}
        case Share():
            return _of_share(seen, measure, int(cases.episode_day[0]))
        case DaysSince():
            return {measure.stream: _at(age, seen.of(measure.stream, 0, window), np.min)}
        case DaysSinceFirst():
            return {measure.stream: _at(age, seen.of(measure.stream, 0, window), np.max)}
        case CountSince():
            return {measure.stream: _since_reset(seen, measure)}
        case Change():
            return _of_change(seen, measure)
        case Distinct():
            found = {stream: seen.of(stream, 0, window) for stream in measure.streams}
            return {s: rows for s, rows in found.items() if seen.days(rows) >= measure.at_least}
        case FurthestStep():
            return _furthest(seen, measure.streams, 0, window)[1]
        case StepChange():
            return _of_step_change(seen, measure)
        case DaysWithout():
            found = {stream: seen.of(stream, 0, window) for stream in measure.streams}
            last = _at(age, np.any(list(found.values()), axis=0), np.min)
            return {stream: rows & last for stream, rows in found.items()}
        case OnlySiblings():
            own = _own_days(history, cases, measure)
            return {} if own else {measure.stream: seen.of(measure.stream, 0, window)}


def _of_share(seen: Seen, measure: Share, episode_day: int) -> Picked:
    """Choose what the share is of; all that it is a share of, where there is none of it."""

    def early(stream: str) -> np.ndarray:
        found = seen.of(stream, 0, measure.window_days)
        return found & (seen.day < episode_day) if measure.episode == "before" else found

    part = early(measure.stream)
    return {measure.stream: part} if part.any() else {measure.of: early(measure.of)}


def _at(age: np.ndarray, chosen: np.ndarray, end: np.ufunc | object) -> np.ndarray:
    """Keep of some events those of the first or last day."""
    if not chosen.any():
        return chosen
    extreme = end(age[chosen])  # type: ignore[operator]
    kept: np.ndarray = chosen & (age == extreme)
    return kept


def _since_reset(seen: Seen, measure: CountSince) -> np.ndarray:
    numbers = [_NUMBER[stream] for stream in measure.resets]
    resets = seen.visible & np.isin(seen.kind, numbers)
    counted = seen.of(measure.stream, measure.at_least_days_ago - 1, measure.window_days)
    if resets.any():
        counted = counted & (seen.day > seen.day[resets].max())
    return counted


def _of_change(seen: Seen, measure: Change) -> Picked:
    now = seen.of(measure.stream, 0, measure.recent_days)
    before = seen.of(measure.stream, measure.recent_days, measure.window_days)
    if seen.days(now) == seen.days(before):
        return {}
    return {measure.stream: now if seen.days(now) > seen.days(before) else before}


def _furthest(seen: Seen, streams: tuple[str, ...], low: int, high: int) -> tuple[int, Picked]:
    for step in range(len(streams), 0, -1):
        rows = seen.of(streams[step - 1], low, high)
        if rows.any():
            return step, {streams[step - 1]: rows}
    return 0, {}


def _of_step_change(seen: Seen, measure: StepChange) -> Picked:
    now, behind_now = _furthest(seen, measure.streams, 0, measure.recent_days)
    before, behind_before = _furthest(
        seen, measure.streams, measure.recent_days, measure.window_days
    )
    if now == before:
        return {}
    return behind_now if now > before else behind_before


def _own_days(history: History, cases: Cases, measure: OnlySiblings) -> int:
    """Count the child's own days with an event, as the case may see them."""
    own = view(history, cases, "child")
    key = int(own.key[0])
    if key < 0:
        return 0
    facts = own.events
    rows = slice(int(facts.starts[key]), int(facts.starts[key + 1]))
    age = cases.day[0] - facts.day[rows]
    chosen = (age > 0) & (age <= measure.window_days) & (facts.known[rows] < cases.cut[0])
    chosen &= facts.kind[rows] == _NUMBER[measure.stream]
    chosen &= history.retain[facts.owner[rows]] >= cases.day[0]
    return int(np.unique(facts.day[rows][chosen]).size)
