"""How much each companion counts beside the trees: chosen on earlier origins only."""

import numpy as np

from fs_risk.demand.past_errors import PastForecasts
from fs_risk.demand.rolling import MODELS, USUAL_RATES

SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0)
"""Shares of one companion that are tried; the trees have the rest."""

LEAST_GAIN = 0.005
"""A companion joins only if it makes errors smaller by this share."""

GROUP_GAIN = 0.01
"""A group of series has weights of its own only if they make its errors smaller by this share."""

YEARLY_DOUBT = 0.1
"""Errors of an even mix on a few yearly origins may be larger by this share and still be luck."""


def choose_weights(
    past: PastForecasts | None,
    scale: np.ndarray,
    groups: np.ndarray,
    trust: np.ndarray,
    *,
    models: tuple[str, ...] = MODELS,
) -> np.ndarray:
    """Choose the weight of each model: for all series, then anew for groups that gain by it.

    What past errors choose is drawn half-way to an even mix of trees and smoothing (to the
    trees alone where that mix made errors larger): choices from few origins are noisy [1]_.
    Of years there are so few that the even mix, of trees and usual rates, is taken as it is,
    unless it made errors larger by more than `YEARLY_DOUBT`.

    Parameters
    ----------
    past : PastForecasts or None
        None where there was nothing to look back at: the level counts alone.
    scale : ndarray of float64, shape (n,)
        What each series' errors are divided by.
    groups : ndarray of int64, shape (n,)
    trust : ndarray of float64, shape (n,)
        How much each series' errors count.
    models : tuple of str
        What the forecasts are of, the trees and the level first.

    Returns
    -------
    ndarray of float64, shape (n_models, n)
        Columns sum to 1, rows in the order of `models`.

    References
    ----------
    .. [1] Smith and Wallis (2009), A simple explanation of the forecast combination puzzle.
    """
    alone = np.eye(len(models))
    partner = models.index(USUAL_RATES if USUAL_RATES in models else "smoothing")
    errors = None if past is None else _errors(past, trust / scale)
    everyone = np.ones(len(groups), dtype=bool)
    doubt = YEARLY_DOUBT if USUAL_RATES in models else 0.0
    even = _joined(errors, everyone, alone[0], joins=1, gain=-doubt, tried=(0.5,), only=partner)
    if USUAL_RATES in models:
        return np.repeat(even[:, None], len(groups), axis=1)
    shared = _joined(errors, everyone, alone[0], joins=2, gain=LEAST_GAIN)
    weights = np.zeros((len(models), len(groups)))
    for code in np.unique(groups):
        here = groups == code
        chosen = _joined(errors, here, shared, joins=1, gain=GROUP_GAIN)
        weights[:, here] = (0.5 * chosen + 0.5 * even)[:, None]
    return weights


def _errors(past: PastForecasts, per: np.ndarray) -> np.ndarray:
    """Give scaled errors, (n_models, n_origins, n, horizon); NaN unless all models have one."""
    error: np.ndarray = (past.forecasts - past.answers) * per[:, None]
    error[:, ~np.isfinite(error).all(axis=0)] = np.nan
    return error


def _joined(
    errors: np.ndarray | None,
    here: np.ndarray,
    start: np.ndarray,
    *,
    joins: int,
    gain: float,
    tried: tuple[float, ...] = SHARES,
    only: int | None = None,
) -> np.ndarray:
    """Mix into a start what makes past errors of some series smaller."""
    alone = np.eye(len(start))
    known = None if errors is None else np.isfinite(errors[0][:, here])
    if errors is None or known is None or not known.any():
        level: np.ndarray = alone[1]
        return level
    each = errors[:, :, here][:, known]
    steps = np.broadcast_to(np.arange(known.shape[-1]), known.shape)[known]
    equal = 1.0 / np.bincount(steps)[steps]  # each horizon counts the same
    equal /= equal.sum()
    weights, reached = start, float(np.abs(start @ each) @ equal)
    for _ in range(joins):
        mixtures = [
            (1 - share) * weights + share * alone[model]
            for model in (range(len(start)) if only is None else (only,))
            for share in tried
        ]
        losses = [float(np.abs(mixed @ each) @ equal) for mixed in mixtures]
        best = int(np.argmin(losses))
        if losses[best] > reached * (1 - gain):
            break
        weights, reached = mixtures[best], losses[best]
    return weights


def combine(forecasts: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Average models.

    Parameters
    ----------
    forecasts : ndarray of float64, shape (n_models, ..., n, horizon)
    weights : ndarray of float64, shape (n_models, n)

    Returns
    -------
    ndarray of float64, shape (..., n, horizon)
    """
    used = np.flatnonzero(weights.any(axis=1))
    mixed: np.ndarray = np.einsum("m...nh,mn->...nh", forecasts[used], weights[used])
    return mixed


def error_scale(values: np.ndarray, season: int) -> np.ndarray:
    """Give the mean absolute change from the same period a year earlier.

    Parameters
    ----------
    values : ndarray of float64, shape (n, n_periods)
        NaN where not observed.
    season : int

    Returns
    -------
    ndarray of float64, shape (n,)
        Where there is no year before, or nothing ever changed: the mean level, or 1.
    """
    change = np.abs(values[:, season:] - values[:, :-season])
    scale = _mean(change)
    level = np.maximum(_mean(values), 0.0)
    instead = np.where(np.isfinite(level) & (level > 0), 0.2 * level, 1.0)
    return np.where(np.isfinite(scale) & (scale > 0), scale, instead)


def _mean(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    mean: np.ndarray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean
