"""Measures of a forecast's accuracy, all divided by each series' own usual change."""

import numpy as np

from fs_risk.demand.bands import LEVELS

BANDS = {80: (1, 3), 95: (0, 4)}
"""Ends of each band among `LEVELS`."""


def measures_by_series(
    answers: np.ndarray, quantiles: np.ndarray, scale: np.ndarray, squared_scale: np.ndarray
) -> dict[str, np.ndarray]:
    """Measure forecasts from one origin.

    Parameters
    ----------
    answers : ndarray of float64, shape (n, horizon)
        NaN where not observed: not measured.
    quantiles : ndarray of float64, shape (5, n, horizon)
        At `LEVELS`.
    scale, squared_scale : ndarray of float64, shape (n,)
        Mean absolute, and root mean squared, change from a year before up to the origin.

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        ``mase``, ``rmsse``, ``pinball``, ``interval_80``, ``interval_95`` (each in units of
        the scale), ``coverage_80``, ``coverage_95``, and the parts of WAPE, ``missed`` and
        ``total``; NaN for series without an answer.

    References
    ----------
    .. [1] Hyndman and Koehler (2006), Another look at measures of forecast accuracy.
    .. [2] Gneiting and Raftery (2007), Strictly proper scoring rules: the interval score.
    """
    error = answers - quantiles[2]
    known = np.isfinite(error)
    found = {
        "mase": _mean(np.abs(error), known) / scale,
        "rmsse": np.sqrt(_mean(error**2, known)) / squared_scale,
        "pinball": _mean(_pinball(answers, quantiles), known) / scale,
        "missed": np.where(known, np.abs(error), 0.0).sum(axis=1),
        "total": np.where(known, answers, 0.0).sum(axis=1),
    }
    for percent, (low, high) in BANDS.items():
        lo, hi = quantiles[low], quantiles[high]
        outside = np.maximum(lo - answers, 0) + np.maximum(answers - hi, 0)
        score = (hi - lo) + 2 / (1 - percent / 100) * outside
        found[f"interval_{percent}"] = _mean(score, known) / scale
        found[f"coverage_{percent}"] = _mean(((lo <= answers) & (answers <= hi)) * 1.0, known)
    return found


def point_error(answers: np.ndarray, forecast: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Give the mean absolute scaled error of each series; NaN where nothing was observed."""
    error = np.abs(answers - forecast)
    scaled: np.ndarray = _mean(error, np.isfinite(error)) / scale
    return scaled


def squared_scale(values: np.ndarray, season: int, instead: np.ndarray) -> np.ndarray:
    """Give the root mean squared change from a year before; `instead` where there is none."""
    change = values[:, season:] - values[:, :-season]
    root = np.sqrt(_mean(change**2, np.isfinite(change)))
    return np.where(np.isfinite(root) & (root > 0), root, instead)


def _pinball(answers: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    levels = np.array(LEVELS)[:, None, None]
    miss = answers - quantiles
    loss: np.ndarray = np.maximum(levels * miss, (levels - 1) * miss).mean(axis=0)
    return loss


def _mean(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: np.ndarray = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean
