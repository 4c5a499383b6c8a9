"""Spells open on the day: plans, care, early help, as far as their ends were known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fs_risk.features.kernels import open_spells
from fs_risk.features.measures import DaysOpen, Overdue, Spell, SpellDays, SpellsOpen
from fs_risk.features.sight import Sight
from fs_risk.features.spell_kernels import days_open
from fs_risk.features.streams import STREAMS
from fs_risk.features.windows import days_before
from fs_risk.features.working_days import working_days
from fs_risk.records.dates import MISSING_DAY


@dataclass(frozen=True)
class SpellPlan:
    """Which spells one pass finds, and which features they fill.

    Attributes
    ----------
    whom : {"child", "siblings"}
    place_of : int32 (n_streams,)
        The place of each stream among those asked for; -1 for one that is not.
    n_asked : int
    opened, ran : ndarray of int, shape (2, n)
        Features of how many are open, and of how long: feature, place of the stream.
    overdue : tuple of (int, int, int)
        Feature, place of the stream, working days allowed.
    stream, window : int32 (n_windowed,)
    column : int64 (n_windowed,)
        Features of days open within windows.
    """

    whom: str
    place_of: np.ndarray
    n_asked: int
    opened: np.ndarray
    ran: np.ndarray
    overdue: tuple[tuple[int, int, int], ...]
    stream: np.ndarray
    window: np.ndarray
    column: np.ndarray


def plan_spells(placed: Sequence[tuple[int, Spell]], whom: str) -> SpellPlan:
    """Lay out the features of one point of view by what is asked of which stream.

    Parameters
    ----------
    placed : sequence of (int, measure)
        Feature columns and what they measure.
    whom : {"child", "siblings"}

    Returns
    -------
    SpellPlan
    """
    number = {name: place for place, name in enumerate(STREAMS)}
    asked = list(dict.fromkeys(m.stream for _, m in placed if not isinstance(m, DaysOpen)))
    place_of = np.full(len(number), -1, dtype=np.int32)
    place_of[[number[name] for name in asked]] = np.arange(len(asked))

    def pairs(kind: type) -> np.ndarray:
        found = [(column, asked.index(m.stream)) for column, m in placed if isinstance(m, kind)]
        return np.array(found, dtype=np.intp).reshape(-1, 2).T

    windowed = [(column, m) for column, m in placed if isinstance(m, DaysOpen)]
    return SpellPlan(
        whom=whom,
        place_of=place_of,
        n_asked=len(asked),
        opened=pairs(SpellsOpen),
        ran=pairs(SpellDays),
        overdue=tuple(
            (column, asked.index(m.stream), m.working_days)
            for column, m in placed
            if isinstance(m, Overdue)
        ),
        stream=np.array([number[m.stream] for _, m in windowed], dtype=np.int32),
        window=np.array([m.window_days for _, m in windowed], dtype=np.int32),
        column=np.array([column for column, _ in windowed], dtype=np.int64),
    )


def fill_spells(sight: Sight, plan: SpellPlan, values: np.ndarray) -> None:
    """Fill the columns of open spells, how long they have run, and days open in windows.

    Parameters
    ----------
    sight : Sight
    plan : SpellPlan
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    facts, cases = sight.facts("spells", plan.whom), sight.cases
    shape = (cases.day.size, plan.n_asked)
    n_open = np.zeros(shape, dtype=np.float32)
    since = np.empty(shape, dtype=np.int32)
    arrays = sight.arrays("spells", plan.whom)
    open_spells(*arrays, facts.end_known, plan.place_of, n_open, since)
    columns = values.T
    columns[plan.opened[0]] = n_open.T[plan.opened[1]]
    columns[plan.ran[0]] = days_before(cases.day, since.T[plan.ran[1]])
    for column, place, allowed in plan.overdue:
        values[:, column] = _is_overdue(since[:, place], cases.day, allowed)
    if plan.column.size:
        days_open(
            *arrays[:-1],
            facts.end,
            facts.end_known,
            plan.stream,
            plan.window,
            plan.column,
            values,
        )


def _is_overdue(since: np.ndarray, day: np.ndarray, allowed: int) -> np.ndarray:
    """Tell whether the last day allowed was over before the day."""
    run = working_days(since, (day - 1).astype(np.int32))
    overdue: np.ndarray = (since != MISSING_DAY) & (run >= allowed)
    return overdue
