"""What befell each family in the last years, counted as the rates count it."""

from collections.abc import Callable

import numpy as np

from fs_risk.synthetic.calendar import Calendar
from fs_risk.synthetic.history import History
from fs_risk.synthetic.people import People
from fs_risk.synthetic.states import (
    BANDS,
    CLASSES,
    ENQUIRIES,
    STEPS_A_YEAR,
    Kind,
    Status,
    band,
    has_plan,
    in_care,
)
from fs_risk.synthetic.timeline import NONE, spans

MONTHS = 12
"""The first so many counts are referrals by month."""

_YEARS = 5
"""The last years, over which rates are measured."""

_PLAN_STEPS = np.array([4, 7, 13, 26])
_NEED_STEPS = np.array([3, 6, 13, 26])
"""Last step of each published band of lengths."""


def befell(people: People, history: History, calendar: Calendar, number: np.ndarray) -> np.ndarray:
    """Count what befell families in the last years, of all that rates are made of.

    Parameters
    ----------
    people : People
    history : History
    calendar : Calendar
    number : ndarray of int, shape (n_families,)
        Row of each family; -1 for those whom nothing befell.

    Returns
    -------
    ndarray of float32, shape (n_rows, k)
    """
    first = calendar.steps - _YEARS * STEPS_A_YEAR
    ends = calendar.steps - STEPS_A_YEAR * np.arange(_YEARS)
    counts = np.stack(
        [
            *_referrals(people, history, number, first, calendar),
            *_moves(people, history, number, first),
            *_plans(people, history, number, first, ends),
            *_episodes(people, history, number, first, ends),
            *_stays_in_care(people, history, number, ends),
        ]
    )
    return np.ascontiguousarray(counts.T)


class _Counts:
    """Counts by family: of all, by something, and by class of family."""

    def __init__(self, people: People, child: np.ndarray, number: np.ndarray) -> None:
        family = people.family[child]
        self._row, self._size = number[family], int(number.max(initial=-1)) + 1
        self.kind = people.family_class[family]
        self.slope = 5.5 - people.family_decile[family]

    def of(self, chosen: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        """Count the things chosen."""
        heavy = None if weight is None else weight[chosen]
        return np.bincount(self._row[chosen], heavy, minlength=self._size).astype(np.float32)

    def by(self, group: np.ndarray, groups: int, chosen: np.ndarray) -> list[np.ndarray]:
        """Count the things chosen in each group."""
        return [self.of(chosen & (group == each)) for each in range(groups)]


def _referrals(
    people: People, history: History, number: np.ndarray, first: int, calendar: Calendar
) -> list[np.ndarray]:
    child, step = history.referrals["child"], history.referrals["step"]
    kind = history.referrals["kind"]
    order = np.lexsort((step, child))
    again = np.zeros(len(child), dtype=bool)
    soon = (np.diff(step[order]) <= STEPS_A_YEAR) & (np.diff(child[order]) == 0)
    again[order[1:]] = soon
    counts, late = _Counts(people, child, number), step >= first
    bands = band(step - people.birth_step[child])
    month = calendar.dates[history.referrals["day"]].astype("datetime64[M]").astype(np.int64) % 12
    return [
        *counts.by(month, MONTHS, late),
        counts.of(late & again),
        counts.of(late & (kind == Kind.NO_FURTHER_ACTION)),
        *counts.by(bands, len(BANDS), late),
        *counts.by(counts.kind, len(CLASSES), late),
    ]


def _moves(people: People, history: History, number: np.ndarray, first: int) -> list[np.ndarray]:
    events = history.events
    child, step, kind = (events[name] for name in ("child", "step", "kind"))
    counts, late = _Counts(people, child, number), step >= first
    bands = band(step - people.birth_step[child])
    plan, care = late & (kind == Kind.PLAN), late & (kind == Kind.CARE)
    return [
        *(counts.of(late & (kind == each)) for each in (*ENQUIRIES, Kind.NOT_IN_NEED)),
        counts.of(plan & (events["previous"] > 0)),
        *counts.by(bands, len(BANDS), care),
        *counts.by(counts.kind, len(CLASSES), care),
    ]


def _stock(
    people: People, child: np.ndarray, begun: np.ndarray, over: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List what is open at the ends of years: which, at what age, and for how long."""
    which, year = np.nonzero((begun[:, None] < ends) & (over[:, None] >= ends))
    bands = band(ends[year] - people.birth_step[child[which]])
    return which, bands, ends[year] - begun[which]


def _spans(
    history: History, inside: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    events = history.events
    starts, closes = spans(events, inside)
    over = np.where(closes == NONE, np.iinfo(np.int32).max, events["step"][closes])
    return events["child"][starts], events["step"][starts], over


def _plans(
    people: People, history: History, number: np.ndarray, first: int, ends: np.ndarray
) -> list[np.ndarray]:
    child, begun, over = _spans(history, has_plan)
    which, bands, _ = _stock(people, child, begun + 1, over, ends)
    now, counts = _Counts(people, child[which], number), _Counts(people, child, number)
    every = np.ones(len(which), dtype=bool)
    ended = (over >= first) & (over < ends[0])
    lengths = np.searchsorted(_PLAN_STEPS, over - begun, side="left")
    return [
        *now.by(bands, len(BANDS), every),
        *now.by(now.kind, len(CLASSES), every),
        now.of(every, now.slope),
        *counts.by(lengths, len(_PLAN_STEPS) + 1, ended),
    ]


def _episodes(
    people: People, history: History, number: np.ndarray, first: int, ends: np.ndarray
) -> list[np.ndarray]:
    child, begun, over = _spans(history, lambda status: status != Status.CLOSED)
    which, bands, since = _stock(people, child, begun, over, ends)
    now, counts = _Counts(people, child[which], number), _Counts(people, child, number)
    every = np.ones(len(which), dtype=bool)
    ended = (over >= first) & (over < ends[0])
    lengths = np.searchsorted(_NEED_STEPS, over - begun, side="left")
    so_far = np.searchsorted(_NEED_STEPS, since, side="left")
    return [
        *now.by(bands, len(BANDS), every),
        *now.by(now.kind, len(CLASSES), every),
        *now.by(so_far, len(_NEED_STEPS) + 1, every),
        *counts.by(lengths, len(_NEED_STEPS) + 1, ended),
    ]


def _stays_in_care(
    people: People, history: History, number: np.ndarray, ends: np.ndarray
) -> list[np.ndarray]:
    child, begun, over = _spans(history, in_care)
    which, _, _ = _stock(people, child, begun, over, ends)
    now = _Counts(people, child[which], number)
    every = np.ones(len(which), dtype=bool)
    return [now.of(every), now.of(every, now.slope)]
