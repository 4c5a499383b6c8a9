"""The assessments behind a feature of factors."""

import numpy as np

from fs_risk.features.cases import Cases
from fs_risk.features.measures import (
    CURRENT_DAYS,
    EpisodeFactor,
    Factor,
    FactorState,
    FactorsTogether,
    FactorTimes,
    FactorTrend,
)
from fs_risk.features.stream_rows import factor_mask
from fs_risk.features.timeline import Facts, History


def assessments_behind(
    history: History, cases: Cases, measure: Factor
) -> tuple[Facts, slice, np.ndarray, str]:
    """Choose the assessments of one case that a value rests on.

    A finding rests on the assessments that recorded it; an absence, or a comparison,
    on all that were read.

    Parameters
    ----------
    history : History
    cases : Cases
        A single case.
    measure : Factor

    Returns
    -------
    facts : Facts
    rows : slice
        Those of the child.
    chosen : bool (n_rows,)
    what : str
        How they are called.
    """
    facts, key = history.assessments, int(cases.child[0])
    begins, ends = (int(facts.starts[key]), int(facts.starts[key + 1])) if key >= 0 else (0, 0)
    rows = slice(begins, ends)
    age = cases.day[0] - facts.day[rows]
    read = (age > 0) & (age <= measure.window_days) & (facts.known[rows] < cases.cut[0])
    read &= history.retain[facts.owner[rows]] >= cases.day[0]
    read &= _of_episode(facts.day[rows], int(cases.episode_day[0]), measure)
    having = read & ((facts.mask[rows] & factor_mask(_codes(measure))) != 0)
    rests_on = having if _is_found(measure, age, facts.mask[rows], read) else read
    return facts, rows, rests_on, "assessment"


def _codes(measure: Factor) -> tuple[str, ...]:
    if isinstance(measure, FactorState | EpisodeFactor | FactorTimes):
        return measure.factors
    return tuple(code for group in measure.groups for code in group)


def _of_episode(day: np.ndarray, begun: int, measure: Factor) -> np.ndarray:
    if isinstance(measure, FactorTimes) or (
        isinstance(measure, EpisodeFactor) and measure.episode == "before"
    ):
        return day < begun
    if isinstance(measure, EpisodeFactor):
        return day >= begun
    return np.ones(day.size, dtype=bool)


def _is_found(measure: Factor, age: np.ndarray, masks: np.ndarray, read: np.ndarray) -> bool:
    """Tell whether the value is above zero; a trend is a comparison of all that were read."""
    if isinstance(measure, FactorTrend) or not read.any():
        return False
    bits = factor_mask(_codes(measure))
    anywhere = bool((masks[read] & bits != 0).any())
    if isinstance(measure, FactorTimes):
        return anywhere
    latest = age == age[read].min()
    on_latest = np.bitwise_or.reduce(masks[read & latest])
    recent = bool(age[read].min() <= CURRENT_DAYS)
    if isinstance(measure, FactorState | EpisodeFactor):
        current = recent and bool(on_latest & bits)
        return current if measure.state == "current" else anywhere and not current
    groups = [bool(on_latest & factor_mask(group)) for group in measure.groups]
    return recent and (all(groups) if isinstance(measure, FactorsTogether) else any(groups))
