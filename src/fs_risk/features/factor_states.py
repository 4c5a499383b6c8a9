"""States of assessment factors on the day: current, earlier, not recorded, not known."""

from collections.abc import Sequence

import numpy as np

from fs_risk.features import kernels
from fs_risk.features.cases import Cases
from fs_risk.features.measures import CURRENT_DAYS, FactorGroupsCurrent, FactorState
from fs_risk.features.timeline import FACTOR_BIT, History


def fill_factors(
    history: History,
    cases: Cases,
    placed: Sequence[tuple[int, FactorState | FactorGroupsCurrent]],
    values: np.ndarray,
) -> None:
    """Fill the columns of factor states, one pass for each look-back.

    Parameters
    ----------
    history : History
    cases : Cases
    placed : sequence of (int, measure)
        Feature columns and what they measure.
    values : float32 (n_cases, n_features)
        Filled in place.
    """
    for window in sorted({measure.window_days for _, measure in placed}):
        mine = [(column, m) for column, m in placed if m.window_days == window]
        groups = [group for _, measure in mine for group in _groups(measure)]
        states = states_of(history, cases, groups, window_days=window)
        first = 0
        for column, measure in mine:
            n_groups = len(_groups(measure))
            values[:, column] = _value(measure, states[:, first : first + n_groups])
            first += n_groups


def states_of(
    history: History,
    cases: Cases,
    groups: Sequence[tuple[str, ...]],
    *,
    window_days: int,
) -> np.ndarray:
    """Tell the state of each group of factors for each case.

    Parameters
    ----------
    history : History
    cases : Cases
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
    states = np.zeros((cases.day.size, masks.size), dtype=np.int8)
    facts = history.assessments
    kernels.factor_states(
        facts.starts,
        facts.day,
        facts.known,
        facts.mask,
        facts.owner,
        history.retain,
        cases.child,
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


def factor_mask(codes: tuple[str, ...]) -> np.uint64:
    """Give the bits of some factor codes together."""
    mask = np.uint64(0)
    for code in codes:
        mask |= FACTOR_BIT[code]
    return mask


def _value(measure: FactorState | FactorGroupsCurrent, states: np.ndarray) -> np.ndarray:
    unknown = states[:, 0] == kernels.UNKNOWN
    if isinstance(measure, FactorGroupsCurrent):
        return np.where(unknown, np.nan, (states == kernels.CURRENT).sum(axis=1))
    wanted = kernels.CURRENT if measure.state == "current" else kernels.EARLIER
    return np.where(unknown, np.nan, states[:, 0] == wanted)
