"""States of assessment factors on the day: current, earlier, not recorded, not known."""

from collections.abc import Sequence

import numpy as np

from fs_risk.features import kernels
from fs_risk.features.measures import CURRENT_DAYS, FactorGroupsCurrent, FactorState
from fs_risk.features.sight import Sight
from fs_risk.features.stream_rows import factor_mask


def fill_factors(
    sight: Sight,
    placed: Sequence[tuple[int, FactorState | FactorGroupsCurrent]],
    values: np.ndarray,
) -> None:
    """Fill the columns of factor states, one pass for each look-back.

    Parameters
    ----------
    sight : Sight
    placed : sequence of (int, measure)
        Feature columns and what they measure.
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    for window in sorted({measure.window_days for _, measure in placed}):
        mine = [(column, m) for column, m in placed if m.window_days == window]
        groups = [group for _, measure in mine for group in _groups(measure)]
        states = states_of(sight, groups, window_days=window)
        _fill_states(mine, states, values)


def _fill_states(
    placed: Sequence[tuple[int, FactorState | FactorGroupsCurrent]],
    states: np.ndarray,
    values: np.ndarray,
) -> None:
    """Fill columns of one look-back; those of one state together, to save calls for one case."""
    # whether a child was assessed does not depend on the group
    unknown = states[:, :1] == kernels.UNKNOWN
    ends = np.cumsum([len(_groups(measure)) for _, measure in placed])
    for state, wanted in (("current", kernels.CURRENT), ("earlier", kernels.EARLIER)):
        pairs = [
            (column, end - 1)
            for (column, measure), end in zip(placed, ends, strict=True)
            if isinstance(measure, FactorState) and measure.state == state
        ]
        if pairs:
            columns, groups = (list(part) for part in zip(*pairs, strict=True))
            values[:, columns] = np.where(unknown, np.nan, states[:, groups] == wanted)
    for (column, measure), end in zip(placed, ends, strict=True):
        if isinstance(measure, FactorGroupsCurrent):
            current = states[:, end - len(measure.groups) : end] == kernels.CURRENT
            values[:, column] = np.where(unknown[:, 0], np.nan, current.sum(axis=1))


def states_of(
    sight: Sight,
    groups: Sequence[tuple[str, ...]],
    *,
    window_days: int,
) -> np.ndarray:
    """Tell the state of each group of factors for each case.

    Parameters
    ----------
    sight : Sight
    groups : sequence of tuple of str
        Factor codes.
    window_days : int
        Look-back.

    Returns
    -------
    ndarray of int8, shape (n_cases, n_groups)
        `kernels.CURRENT`, `EARLIER`, `NOT_RECORDED` or `UNKNOWN`.
    """
    masks = np.array([factor_mask(group) for group in groups], dtype=np.uint64)
    facts, cases = sight.facts("assessments", "child"), sight.cases
    states = np.zeros((cases.day.size, masks.size), dtype=np.int8)
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
        masks,
        CURRENT_DAYS,
        window_days,
        states,
    )
    return states


def _groups(measure: FactorState | FactorGroupsCurrent) -> tuple[tuple[str, ...], ...]:
    return measure.groups if isinstance(measure, FactorGroupsCurrent) else (measure.factors,)
