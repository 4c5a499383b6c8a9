"""Factors over several assessments: by episode, how often, together, and their trend."""

from collections.abc import Sequence

import numpy as np

from fs_risk.features.factor_kernels import latest_assessments
from fs_risk.features.measures import (
    CURRENT_DAYS,
    EpisodeFactor,
    FactorsTogether,
    FactorTimes,
    FactorTrend,
)
from fs_risk.features.sight import Sight
from fs_risk.features.stream_rows import factor_mask
from fs_risk.records.dates import MISSING_DAY

FactorHistory = EpisodeFactor | FactorTimes | FactorsTogether | FactorTrend
"""Measures filled here."""


def fill_factor_history(
    sight: Sight,
    placed: Sequence[tuple[int, FactorHistory]],
    values: np.ndarray,
) -> None:
    """Fill the columns, one pass for each range of assessments.

    Parameters
    ----------
    sight : Sight
    placed : sequence of (int, measure)
        Feature columns and what they measure.
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    for asked in sorted({_range_of(measure) for _, measure in placed}):
        mine = [(column, m) for column, m in placed if _range_of(m) == asked]
        found = Assessments(sight, asked[0], asked[1], [_factors(m) for _, m in mine])
        for place, (column, measure) in enumerate(mine):
            values[:, column] = _value(measure, found, place)


def _range_of(measure: FactorHistory) -> tuple[str, int]:
    """Name the episodes a measure reads, and its look-back."""
    if isinstance(measure, EpisodeFactor):
        return measure.episode, measure.window_days
    episode = "before" if isinstance(measure, FactorTimes) else "any"
    return episode, measure.window_days


def _factors(measure: FactorHistory) -> tuple[str, ...]:
    if isinstance(measure, EpisodeFactor | FactorTimes):
        return measure.factors
    return tuple(code for group in measure.groups for code in group)


class Assessments:
    """The latest two assessments of a range, and how often each group was recorded.

    Parameters
    ----------
    sight : Sight
    episode : {"any", "before", "this"}
        All, those authorised before the current episode, or those since.
    window_days : int
        Look-back.
    groups : sequence of tuple of str
        Factor codes to count.
    """

    def __init__(
        self,
        sight: Sight,
        episode: str,
        window_days: int,
        groups: Sequence[tuple[str, ...]],
    ) -> None:
        cases, facts = sight.cases, sight.facts("assessments", "child")
        n = cases.day.size
        begun = cases.episode_day
        first = (cases.day - window_days).astype(np.int32)
        self.first = np.maximum(first, begun) if episode == "this" else first
        self.before = begun if episode == "before" else cases.day
        self.bits = np.array([factor_mask(group) for group in groups], dtype=np.uint64)
        self.age = np.full(n, np.iinfo(np.int32).max, dtype=np.int32)
        days = np.empty((n, 2), dtype=np.int32)
        self.masks = np.empty((n, 3), dtype=np.uint64)
        self.times = np.empty((n, len(groups)), dtype=np.float32)
        latest_assessments(
            facts.starts,
            facts.day,
            facts.known,
            facts.mask,
            facts.owner,
            sight.retain,
            sight.key,
            cases.day,
            cases.cut,
            self.first,
            self.before,
            self.bits,
            days,
            self.masks,
            self.times,
        )
        self.assessed = days[:, 0] != MISSING_DAY
        self.assessed_twice = days[:, 1] != MISSING_DAY
        np.subtract(cases.day, days[:, 0], out=self.age, where=self.assessed)


def _value(measure: FactorHistory, found: Assessments, place: int) -> np.ndarray:
    match measure:
        case EpisodeFactor():
            bits = found.bits[place]
            current = (found.age <= CURRENT_DAYS) & (found.masks[:, 0] & bits != 0)
            earlier = (found.masks[:, 2] & bits != 0) & ~current
            chosen = current if measure.state == "current" else earlier
            return np.where(found.assessed, chosen, np.nan)
        case FactorTimes():
            return np.where(found.assessed, found.times[:, place], np.nan)
        case FactorsTogether():
            together = _recorded(found.masks[:, 0], measure.groups) == len(measure.groups)
            return np.where(found.assessed, together, np.nan)
        case FactorTrend():
            now = _recorded(found.masks[:, 0], measure.groups)
            before = _recorded(found.masks[:, 1], measure.groups)
            return np.where(found.assessed_twice, now - before, np.nan)


def _recorded(masks: np.ndarray, groups: Sequence[tuple[str, ...]]) -> np.ndarray:
    """Count the groups of which a factor is among the bits."""
    count = np.zeros(masks.size, dtype=np.int32)
    for group in groups:
        count += masks & factor_mask(group) != 0
    return count
