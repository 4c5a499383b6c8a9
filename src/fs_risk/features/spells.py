"""Spells open on the day: plans, care, early help, as far as their ends were known."""

from collections.abc import Sequence

import numpy as np

from fs_risk.features.kernels import open_spells
from fs_risk.features.measures import DaysOpen, Overdue, Spell, SpellDays, SpellsOpen
from fs_risk.features.sight import Sight
from fs_risk.features.spell_kernels import days_open
from fs_risk.features.windows import days_before
from fs_risk.features.working_days import working_days
from fs_risk.records.dates import MISSING_DAY


def fill_spells(
    sight: Sight,
    placed: Sequence[tuple[int, Spell]],
    whom: str,
    values: np.ndarray,
) -> None:
    """Fill the columns of open spells, how long they have run, and days open in windows.

    Parameters
    ----------
    sight : Sight
    placed : sequence of (int, measure)
        Feature columns and what they measure, all of one point of view.
    whom : {"child", "siblings"}
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    facts, cases = sight.facts("spells", whom), sight.cases
    streams = sight.history.streams
    asked = list(dict.fromkeys(m.stream for _, m in placed if not isinstance(m, DaysOpen)))
    place_of = np.full(len(streams), -1, dtype=np.int32)
    place_of[[streams.index(name) for name in asked]] = np.arange(len(asked))
    shape = (cases.day.size, len(asked))
    n_open = np.zeros(shape, dtype=np.float32)
    since = np.empty(shape, dtype=np.int32)
    open_spells(*sight.arrays("spells", whom), facts.end_known, place_of, n_open, since)
    for column, measure in placed:
        match measure:
            case SpellsOpen():
                values[:, column] = n_open[:, asked.index(measure.stream)]
            case SpellDays():
                begun = since[:, asked.index(measure.stream)]
                values[:, column] = days_before(cases.day, begun)
            case Overdue():
                begun = since[:, asked.index(measure.stream)]
                values[:, column] = _is_overdue(begun, cases.day, measure.working_days)
    windowed = [(column, measure) for column, measure in placed if isinstance(measure, DaysOpen)]
    if windowed:
        _fill_days_open(sight, windowed, whom, values)


def _is_overdue(since: np.ndarray, day: np.ndarray, allowed: int) -> np.ndarray:
    """Tell whether the last day allowed was over before the day."""
    run = working_days(since, (day - 1).astype(np.int32))
    overdue: np.ndarray = (since != MISSING_DAY) & (run >= allowed)
    return overdue


def _fill_days_open(
    sight: Sight,
    placed: Sequence[tuple[int, DaysOpen]],
    whom: str,
    values: np.ndarray,
) -> None:
    facts = sight.facts("spells", whom)
    days_open(
        *sight.arrays("spells", whom)[:-1],
        facts.end,
        facts.end_known,
        np.array([sight.history.streams.index(m.stream) for _, m in placed], dtype=np.int32),
        np.array([m.window_days for _, m in placed], dtype=np.int32),
        np.array([column for column, _ in placed], dtype=np.int64),
        values,
    )
