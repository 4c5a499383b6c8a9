"""Discrete-time hazards: the chance that a month takes a child from one tier to another.

For each tier the moves of a month compete: a multinomial logit of where the child is at the
end of it, by months on the tier, age band and month of the year, with staying as reference.
A ridge draws every effect towards none, so that few events say little.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from fs_risk.demand.hazards_rows import ADULT, N_AGES, N_DURATIONS, MonthsAtRisk

N_STATES = 6
"""No tier, and tiers 1 to 5."""

FEWEST_EVENTS = 5
"""A move seen less often than this is taken not to happen."""

_NEVER = -30.0
_STOP = {"maxiter": 300, "ftol": 1e-8, "gtol": 1e-3}
_RIDGE = {"duration": 1.0, "age": 1.0, "season": 8.0}
"""One over the variance that log-odds of effects are given beforehand."""


@dataclass(frozen=True)
class Hazards:
    """Log-odds of every move against staying.

    Attributes
    ----------
    log_odds : ndarray of float64, shape (6, n_durations, n_ages, 12, 6)
        By tier at the start, duration band, age band, month of the year and tier at the
        end. 0 for staying; so low that it does not happen for moves never or hardly seen.
    seen : ndarray of bool, shape (6, 6)
        Moves that happen.
    effects : dict of int to ndarray
        By tier: what the log-odds are made of.
    """

    log_odds: np.ndarray
    seen: np.ndarray
    effects: dict[int, np.ndarray]


def chances(log_odds: np.ndarray) -> np.ndarray:
    """Turn log-odds of destinations, on the last axis, into probabilities."""
    odds = np.exp(log_odds - log_odds.max(axis=-1, keepdims=True))
    shares: np.ndarray = odds / odds.sum(axis=-1, keepdims=True)
    return shares


def fit_hazards(
    rows: MonthsAtRisk, level: np.ndarray | None = None, near: Hazards | None = None
) -> Hazards:
    """Fit the hazards of all tiers to months at risk.

    Parameters
    ----------
    rows : MonthsAtRisk
    level : ndarray of float64, shape (n_months, 6, 6), optional
        Log-odds that drift had added to each move in each month, so that drift is not taken
        for an effect of time on the tier.
    near : Hazards, optional
        An earlier fit to the same rows, to begin from.

    Returns
    -------
    Hazards

    References
    ----------
    .. [1] Tutz, G. and Schmid, M. (2016). Modeling Discrete Time-to-Event Data, chapter 8
       (competing risks as multinomial logit).
    """
    log_odds = np.full((N_STATES, N_DURATIONS, N_AGES, 12, N_STATES), _NEVER)
    seen = np.zeros((N_STATES, N_STATES), dtype=bool)
    effects: dict[int, np.ndarray] = {}
    for tier in range(N_STATES):
        log_odds[tier, ..., tier] = 0.0
        mine = rows.tier == tier
        counts = np.bincount(rows.to[mine], minlength=N_STATES)
        moves = [to for to in range(N_STATES) if to != tier and counts[to] >= FEWEST_EVENTS]
        seen[tier, moves] = True
        if moves:
            start = None if near is None else near.effects.get(tier)
            effects[tier] = _fitted(rows, mine, tier, moves, level, start)
            cells = _design()[0] @ effects[tier]
            log_odds[tier][..., moves] = cells.reshape(N_DURATIONS, N_AGES, 12, len(moves))
        if (rows.age[mine] == ADULT).sum() < FEWEST_EVENTS:
            # nobody stays on the tier as an adult, so nobody is to in a forecast
            seen[tier, 0] |= tier > 0
            log_odds[tier, :, ADULT, :, 0] = -_NEVER
    return Hazards(log_odds, seen, effects)


def _fitted(
    rows: MonthsAtRisk,
    mine: np.ndarray,
    tier: int,
    moves: list[int],
    level: np.ndarray | None,
    start: np.ndarray | None,
) -> np.ndarray:
    """Fit one tier's effects, shape (n_columns, n_moves)."""
    shape = (N_DURATIONS, N_AGES, 12)
    design, ridge = _design()
    # months since January 1970, so that the remainder is the month of the year
    band = np.ravel_multi_index((rows.duration[mine], rows.age[mine], rows.month[mine] % 12), shape)
    cell, place = np.unique(band * rows.n_months + rows.place[mine], return_inverse=True)
    X = design[cell // rows.n_months]
    counts = np.bincount(place * N_STATES + rows.to[mine], minlength=len(cell) * N_STATES)
    y = counts.reshape(-1, N_STATES)[:, [tier, *moves]].astype(np.float64)
    offset = np.zeros((len(cell), len(moves)))
    if level is not None:
        offset = level[cell % rows.n_months, tier][:, moves]
    if start is None:
        total = y.sum(axis=0) + 0.5
        start = np.zeros((X.shape[1], len(moves)))
        start[0] = np.log(total[1:] / total[0])
    return _maximised(X, y, offset, ridge, start)


def _maximised(
    X: np.ndarray, y: np.ndarray, offset: np.ndarray, ridge: np.ndarray, start: np.ndarray
) -> np.ndarray:
    """Maximise the penalised likelihood of a multinomial logit with offsets."""
    n = y.sum(axis=1)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        effects = flat.reshape(start.shape)
        scores = np.column_stack([np.zeros(len(X)), X @ effects + offset])
        top = scores.max(axis=1, keepdims=True)
        log_sum = top[:, 0] + np.log(np.exp(scores - top).sum(axis=1))
        share = np.exp(scores - log_sum[:, None])
        value = float((n * log_sum).sum() - (y * scores).sum())
        slope = X.T @ (n[:, None] * share - y)[:, 1:] + ridge[:, None] * effects
        return value + 0.5 * float((ridge[:, None] * effects**2).sum()), slope.ravel()

    found = minimize(loss, start.ravel(), jac=True, method="L-BFGS-B", options=_STOP)
    return np.asarray(found.x.reshape(start.shape))


def _design() -> tuple[np.ndarray, np.ndarray]:
    """Lay out an intercept and a column for each band and month, and the ridge on each."""
    bands = np.indices((N_DURATIONS, N_AGES, 12)).reshape(3, -1)
    sizes = (N_DURATIONS, N_AGES, 12)
    columns = [np.ones((bands.shape[1], 1))]
    columns += [np.eye(size)[band] for band, size in zip(bands, sizes, strict=True)]
    ridge = np.concatenate(
        [[1e-6], *(np.full(n, w) for n, w in zip(sizes, _RIDGE.values(), strict=True))]
    )
    return np.concatenate(columns, axis=1), ridge
