"""States of assessment factors on the day: current, earlier, not recorded, not known."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fs_risk.features import kernels
from fs_risk.features.measures import CURRENT_DAYS, FactorGroupsCurrent, FactorState
from fs_risk.features.sight import Sight
from fs_risk.features.stream_rows import factor_mask


@dataclass(frozen=True)
class FactorPlan:
    """The factor states of one look-back, and the features that they fill.

    Attributes
    ----------
    window_days : int
    masks : uint64 (n_groups,)
        The factors of each group.
    states : tuple of (int, ndarray, ndarray)
        A state, the features that ask for it, and the group that each is about.
    how_many : tuple of (int, int, int)
        Features of how many groups are current: feature, first group, the one after the last.
    """

    window_days: int
    masks: np.ndarray
    states: tuple[tuple[int, np.ndarray, np.ndarray], ...]
    how_many: tuple[tuple[int, int, int], ...]


def plan_factors(
    placed: Sequence[tuple[int, FactorState | FactorGroupsCurrent]],
) -> tuple[FactorPlan, ...]:
    """Lay the features of factor states out by look-back, a pass for each.

    Parameters
    ----------
    placed : sequence of (int, measure)
        Feature columns and what they measure.

    Returns
    -------
    tuple of FactorPlan
    """
    windows = sorted({measure.window_days for _, measure in placed})
    return tuple(
        _plan(window, [(column, m) for column, m in placed if m.window_days == window])
        for window in windows
    )


def _plan(
    window: int, placed: Sequence[tuple[int, FactorState | FactorGroupsCurrent]]
) -> FactorPlan:
    groups: list[tuple[str, ...]] = []
    asked: dict[int, list[tuple[int, int]]] = {kernels.CURRENT: [], kernels.EARLIER: []}
    how_many = []
    for column, measure in placed:
        first = len(groups)
        if isinstance(measure, FactorGroupsCurrent):
            groups += measure.groups
            how_many.append((column, first, len(groups)))
        else:
            groups.append(measure.factors)
            wanted = kernels.CURRENT if measure.state == "current" else kernels.EARLIER
            asked[wanted].append((column, first))
    return FactorPlan(
        window_days=window,
        masks=np.array([factor_mask(group) for group in groups], dtype=np.uint64),
        states=tuple(
            (state, *np.array(pairs, dtype=np.intp).T) for state, pairs in asked.items() if pairs
        ),
        how_many=tuple(how_many),
    )


def fill_factors(sight: Sight, plans: Sequence[FactorPlan], values: np.ndarray) -> None:
    """Fill the columns of factor states, one pass for each look-back.

    Parameters
    ----------
    sight : Sight
    plans : sequence of FactorPlan
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    columns = values.T
    for plan in plans:
        states = _states(sight, plan).T
        # whether a child was assessed does not depend on the group
        unknown = states[0] == kernels.UNKNOWN
        for state, features, groups in plan.states:
            columns[features] = np.where(unknown, np.nan, states[groups] == state)
        for feature, first, last in plan.how_many:
            current = (states[first:last] == kernels.CURRENT).sum(axis=0)
            columns[feature] = np.where(unknown, np.nan, current)


def _states(sight: Sight, plan: FactorPlan) -> np.ndarray:
    """Tell the state of each group of factors for each case."""
    facts, cases = sight.facts("assessments", "child"), sight.cases
    states = np.zeros((cases.day.size, plan.masks.size), dtype=np.int8)
    kernels.factor_states(
        facts.starts,
        facts.day,
        facts.known,
        facts.mask,
        facts.owner,
        sight.retain,
        sight.key,
        cases.day,
        cases.cut,
        plan.masks,
        CURRENT_DAYS,
        plan.window_days,
        states,
    )
    return states
