"""Bands from past errors: measured in each series' own unit, pooled, never below 0."""

from dataclasses import dataclass

import numpy as np

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Quantiles of a forecast: the ends of the 95 % and 80 % bands, and the median."""

NAMES = ("lo-95", "lo-80", "median", "hi-80", "hi-95")

DRIFT = 0.15
"""Error, as a share of the level, that comes from drift rather than counting, where nothing
is known yet; errors are measured in units of counting noise and drift together."""

OWN_ORIGINS = 40.0
"""A series' own errors count as the origins they come from beside this many of the pool."""

DEFAULT = np.array([-2.6, -1.7, 0.0, 2.1, 3.9])
"""Quantiles in those units where little can be looked back at: those of the Department for
Education's monthly referrals, 129 authorities, up to March 2019."""

DEFAULT_COUNTS_AS = 20.0
"""`DEFAULT` weighs as much as this many whole forecasts that were looked back at."""


@dataclass(frozen=True)
class Bands:
    """What errors were like: by horizon, by series, and their pooled quantiles.

    Attributes
    ----------
    by_step : ndarray of float64, shape (horizon,)
    by_series : ndarray of float64, shape (n,)
    quantiles : ndarray of float64, shape (5,)
        At `LEVELS`.
    shift : float
        Mean error, in units.
    measured : int
        How many past errors they rest on; 0 where `DEFAULT` stands in.
    """

    by_step: np.ndarray
    by_series: np.ndarray
    quantiles: np.ndarray
    shift: float
    measured: int

    def unit(self, forecast: np.ndarray) -> np.ndarray:
        """Give the size of a usual error about a forecast, (..., n, horizon)."""
        sized: np.ndarray = _unit(forecast) * self.by_step * self.by_series[:, None]
        return sized

    def around(self, forecast: np.ndarray) -> np.ndarray:
        """Give the quantiles of a forecast.

        Parameters
        ----------
        forecast : ndarray of float64, shape (n, horizon)

        Returns
        -------
        ndarray of float64, shape (5, n, horizon)
            At `LEVELS`, rising, not below 0; the median is the forecast itself.
        """
        moved = self.quantiles[:, None, None] * self.unit(forecast)
        ends: np.ndarray = np.maximum(forecast + moved, 0.0)
        return ends

    def mean(self, forecast: np.ndarray) -> np.ndarray:
        """Give the mean of a forecast, whose errors lean to one side."""
        moved: np.ndarray = np.maximum(forecast + self.shift * self.unit(forecast), 0.0)
        return moved


def fit_bands(forecasts: np.ndarray, answers: np.ndarray, folds: np.ndarray) -> Bands:
    """Learn from past errors.

    Parameters
    ----------
    forecasts, answers : ndarray of float64, shape (n_origins, n, horizon)
        NaN where nothing was observed.
    folds : ndarray of int64, shape (n_origins,)
        A series' own error size is judged, for each fold, by the other folds.

    Returns
    -------
    Bands
    """
    error = (answers - forecasts) / _unit(forecasts)
    if np.isfinite(error).sum() < 10:
        return default_bands(forecasts.shape[1], forecasts.shape[2])
    by_step = _by_step(np.abs(error))
    size = np.abs(error) / by_step
    error = error / by_step
    overall = float(np.nanmean(size))
    for fold in np.unique(folds):
        others = folds != fold
        error[folds == fold] /= _by_series(size[others], overall)[:, None]
    known = error[np.isfinite(error)]
    share = len(known) / (len(known) + DEFAULT_COUNTS_AS * forecasts.shape[2])
    quantiles = share * np.quantile(known, LEVELS) + (1 - share) * DEFAULT
    quantiles[2] = 0.0
    quantiles[:2], quantiles[3:] = np.minimum(quantiles[:2], 0), np.maximum(quantiles[3:], 0)
    return Bands(by_step, _by_series(size, overall), quantiles, float(known.mean()), len(known))


def default_bands(n: int, horizon: int) -> Bands:
    """Give bands as wide as published series move, widening with the horizon."""
    by_step = np.sqrt(1 + 0.05 * np.arange(horizon))
    return Bands(by_step, np.ones(n), DEFAULT, 0.0, 0)


def pooled_bands(forecasts: np.ndarray, answers: np.ndarray) -> Bands:
    """Learn from past errors of some series for another, whose own errors are not known.

    Parameters
    ----------
    forecasts, answers : ndarray of float64, shape (n_origins, n, horizon)

    Returns
    -------
    Bands
        For one series.
    """
    error = (answers - forecasts) / _unit(forecasts)
    by_step = _by_step(np.abs(error))
    known = (error / by_step)[np.isfinite(error)]
    quantiles = np.quantile(known, LEVELS)
    quantiles[2] = 0.0
    return Bands(by_step, np.ones(1), quantiles, float(known.mean()), len(known))


def _unit(forecast: np.ndarray) -> np.ndarray:
    """Give the size of a usual error: counting noise and drift."""
    level = np.maximum(forecast, 0.0)
    unit: np.ndarray = np.sqrt(level + (DRIFT * level) ** 2 + 0.25)
    return unit


def _by_step(size: np.ndarray) -> np.ndarray:
    """Give the mean size by horizon: smooth, never falling, 1 on average."""
    horizon = size.shape[-1]
    known = np.isfinite(size)
    count = known.sum(axis=(0, 1))
    total = np.where(known, size, 0.0).sum(axis=(0, 1))
    steps = np.arange(horizon)
    seen = count > 0
    if seen.sum() < 3:
        return np.ones(horizon)
    mean = total[seen] / count[seen]
    slope, base = np.polyfit(steps[seen], mean, 1, w=np.sqrt(count[seen]))
    line = np.maximum(base + max(slope, 0.0) * steps, 1e-3)
    return np.asarray(line / line.mean())


def _by_series(size: np.ndarray, overall: float) -> np.ndarray:
    """Give each series' mean size, drawn towards the pool's."""
    known = np.isfinite(size)
    origins = known.mean(axis=2).sum(axis=0)
    total = np.where(known, size, 0.0).sum(axis=(0, 2))
    mean = np.where(origins > 0, total / np.maximum(known.sum(axis=(0, 2)), 1), overall)
    relative = mean / max(overall, 1e-9)
    drawn: np.ndarray = (origins * relative + OWN_ORIGINS) / (origins + OWN_ORIGINS)
    return drawn
