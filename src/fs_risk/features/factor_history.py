"""Factors over several assessments: by episode, how often, together, and their trend."""

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class FactorHistoryPlan:
    """The features that read one range of assessments.

    Attributes
    ----------
    episode : {"any", "before", "this"}
        All, those authorised before the current episode, or those since.
    window_days : int
        Look-back.
    counted : uint64 (n_counted,)
        Groups of factors of which the assessments are counted.
    current, earlier, times : (features, masks)
        Features of a group on the latest assessment, of one only before it, and of how
        often it was recorded, with the group of each; `times` in the order of `counted`.
    together, trend : tuple of (int, ndarray)
        Feature, and the groups that are to be there together, or to be compared.
    """

    episode: str
    window_days: int
    counted: np.ndarray
    current: tuple[np.ndarray, np.ndarray]
    earlier: tuple[np.ndarray, np.ndarray]
    times: np.ndarray
    together: tuple[tuple[int, np.ndarray], ...]
    trend: tuple[tuple[int, np.ndarray], ...]


def plan_factor_history(
    placed: Sequence[tuple[int, FactorHistory]],
) -> tuple[FactorHistoryPlan, ...]:
    """Lay the features out by range of assessments, a pass for each.

    Parameters
    ----------
    placed : sequence of (int, measure)
        Feature columns and what they measure.

    Returns
    -------
    tuple of FactorHistoryPlan
    """
    ranges = sorted({_range_of(measure) for _, measure in placed})
    return tuple(
        _plan(*asked, [(column, m) for column, m in placed if _range_of(m) == asked])
        for asked in ranges
    )


def _plan(
    episode: str, window_days: int, placed: Sequence[tuple[int, FactorHistory]]
) -> FactorHistoryPlan:
    times = [(column, m) for column, m in placed if isinstance(m, FactorTimes)]
    states = [(column, m) for column, m in placed if isinstance(m, EpisodeFactor)]
    current, earlier = (
        [(column, m) for column, m in states if (m.state == "current") == wanted]
        for wanted in (True, False)
    )
    return FactorHistoryPlan(
        episode=episode,
        window_days=window_days,
        counted=_with_masks(times)[1],
        current=_with_masks(current),
        earlier=_with_masks(earlier),
        times=_with_masks(times)[0],
        together=tuple(
            (column, _masks(m.groups)) for column, m in placed if isinstance(m, FactorsTogether)
        ),
        trend=tuple(
            (column, _masks(m.groups)) for column, m in placed if isinstance(m, FactorTrend)
        ),
    )


def _range_of(measure: FactorHistory) -> tuple[str, int]:
    """Name the episodes a measure reads, and its look-back."""
    if isinstance(measure, EpisodeFactor):
        return measure.episode, measure.window_days
    episode = "before" if isinstance(measure, FactorTimes) else "any"
    return episode, measure.window_days


def _with_masks(
    placed: Sequence[tuple[int, EpisodeFactor | FactorTimes]],
) -> tuple[np.ndarray, np.ndarray]:
    features = np.array([column for column, _ in placed], dtype=np.intp)
    return features, _masks([measure.factors for _, measure in placed])


def _masks(groups: Sequence[tuple[str, ...]]) -> np.ndarray:
    return np.array([factor_mask(group) for group in groups], dtype=np.uint64)


def fill_factor_history(
    sight: Sight, plans: Sequence[FactorHistoryPlan], values: np.ndarray
) -> None:
    """Fill the columns, one pass for each range of assessments.

    Parameters
    ----------
    sight : Sight
    plans : sequence of FactorHistoryPlan
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    columns = values.T
    for plan in plans:
        found = Assessments(sight, plan.episode, plan.window_days, plan.counted)
        latest, before, anywhere = found.masks.T
        recent = found.age <= CURRENT_DAYS
        for (features, masks), is_earlier in ((plan.current, False), (plan.earlier, True)):
            if features.size:
                chosen = recent & (latest & masks[:, None] != 0)
                if is_earlier:
                    chosen = (anywhere & masks[:, None] != 0) & ~chosen
                columns[features] = np.where(found.assessed, chosen, np.nan)
        if plan.times.size:
            columns[plan.times] = np.where(found.assessed, found.times.T, np.nan)
        for feature, masks in plan.together:
            together = (latest & masks[:, None] != 0).all(axis=0)
            columns[feature] = np.where(found.assessed, together, np.nan)
        for feature, masks in plan.trend:
            change = _recorded(latest, masks) - _recorded(before, masks)
            columns[feature] = np.where(found.assessed_twice, change, np.nan)


def _recorded(recorded: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Count the groups of which a factor is among the bits."""
    count: np.ndarray = (recorded & masks[:, None] != 0).sum(axis=0)
    return count


class Assessments:
    """The latest two assessments of a range, and how often each group was recorded.

    Parameters
    ----------
    sight : Sight
    episode : {"any", "before", "this"}
        All, those authorised before the current episode, or those since.
    window_days : int
        Look-back.
    counted : uint64 (n_counted,)
        Groups of factors of which the assessments are counted.
    """

    def __init__(
        self,
        sight: Sight,
        episode: str,
        window_days: int,
        counted: np.ndarray,
    ) -> None:
        cases, facts = sight.cases, sight.facts("assessments", "child")
        n = cases.day.size
        begun = cases.episode_day
        first = (cases.day - window_days).astype(np.int32)
        self.first = np.maximum(first, begun) if episode == "this" else first
        self.before = begun if episode == "before" else cases.day
        self.age = np.full(n, np.iinfo(np.int32).max, dtype=np.int32)
        days = np.empty((n, 2), dtype=np.int32)
        self.masks = np.empty((n, 3), dtype=np.uint64)
        self.times = np.empty((n, counted.size), dtype=np.float32)
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
            counted,
            days,
            self.masks,
            self.times,
        )
        self.assessed = days[:, 0] != MISSING_DAY
        self.assessed_twice = days[:, 1] != MISSING_DAY
        np.subtract(cases.day, days[:, 0], out=self.age, where=self.assessed)
