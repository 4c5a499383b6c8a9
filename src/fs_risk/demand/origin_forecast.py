"""One forecast from one origin: models weighed, bands set, both by earlier origins alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from fs_risk.demand.bands import LEVELS, Bands, default_bands, fit_bands
from fs_risk.demand.hierarchy import Sum, added_up
from fs_risk.demand.past_errors import PastForecasts, past_forecasts
from fs_risk.demand.rolling import RollingFits
from fs_risk.demand.weights import choose_weights, combine, error_scale


@dataclass(frozen=True)
class OriginForecast:
    """What is expected after an origin.

    Attributes
    ----------
    mean : ndarray of float64, shape (n, horizon)
    quantiles : ndarray of float64, shape (5, n, horizon)
        At `fs_risk.demand.bands.LEVELS`.
    weights : ndarray of float64, shape (n_models, n)
    bands : Bands
    past : PastForecasts or None
    scale : ndarray of float64, shape (n,)
        What errors are divided by: see `error_scale`.
    naive : ndarray of float64, shape (n, horizon)
        The same period of the last observed year.
    each : mapping of str to ndarray of float64, shape (n, horizon)
        What each model says.
    sums : tuple of Sum
        Which series are the sums of others; their medians and means add up.
    """

    mean: np.ndarray
    quantiles: np.ndarray
    weights: np.ndarray
    bands: Bands
    past: PastForecasts | None
    scale: np.ndarray
    naive: np.ndarray
    each: Mapping[str, np.ndarray]
    sums: tuple[Sum, ...] = ()

    def from_earlier_origins(self) -> np.ndarray:
        """Give what these weights say from earlier origins, (n_origins, n, horizon).

        Raises
        ------
        ValueError
            If there is nothing to look back at: `past` is None.
        """
        if self.past is None:
            raise ValueError("no earlier origins")
        return added_up(combine(self.past.forecasts, self.weights), self.sums)


def forecast_from(fits: RollingFits, now: int) -> OriginForecast:
    """Forecast from a period, looking back at earlier ones for weights and bands.

    Parameters
    ----------
    fits : RollingFits
    now : int
        Place of the last period that may be used.

    Returns
    -------
    OriginForecast
    """
    panel, rows = fits.panel, fits.rows(now)
    past = past_forecasts(fits, now)
    scale = error_scale(panel.values[:, : now + 1], panel.season)
    trust = np.ones(len(scale)) if fits.trust is None else fits.trust
    weights = choose_weights(past, scale, panel.groups, trust, models=fits.models)
    every = fits.forecasts(now, cutoff=now)
    sums = panel.sums(now)
    said = added_up(combine(every, weights), sums)
    bands = _bands(past, weights, sums, *said.shape)
    quantiles, mean = bands.around(said), added_up(bands.mean(said), sums)
    silent = ~rows.usable
    if silent.any():
        quantiles[:, silent], mean[silent] = _of_zeros(
            panel.values[silent, : now + 1], panel.season
        )
    each = dict(zip(fits.models, every, strict=True))
    return OriginForecast(mean, quantiles, weights, bands, past, scale, rows.naive, each, sums)


def past_coverage(forecast: OriginForecast) -> tuple[float, float]:
    """Give the share of past answers inside the 80 % and 95 % bands, each fold by the others.

    Returns
    -------
    tuple of float
        NaN where there are fewer than two folds.
    """
    past = forecast.past
    if past is None or len(np.unique(past.folds)) < 2:
        return float("nan"), float("nan")
    said = forecast.from_earlier_origins()
    inside: list[np.ndarray] = []
    for fold in np.unique(past.folds):
        here = past.folds == fold
        bands = fit_bands(said[~here], past.answers[~here], past.folds[~here])
        for origin in np.flatnonzero(here):
            ends = bands.around(said[origin])
            answer = past.answers[origin]
            known = np.isfinite(answer) & np.isfinite(said[origin])
            pairs = ((ends[1], ends[3]), (ends[0], ends[4]))
            inside.append(np.stack([((lo <= answer) & (answer <= hi))[known] for lo, hi in pairs]))
    every = np.concatenate(inside, axis=1)
    if not every.shape[1]:
        return float("nan"), float("nan")
    shares = every.mean(axis=1)
    return float(shares[0]), float(shares[1])


def _bands(
    past: PastForecasts | None, weights: np.ndarray, sums: tuple[Sum, ...], n: int, horizon: int
) -> Bands:
    if past is None:
        return default_bands(n, horizon)
    said = added_up(combine(past.forecasts, weights), sums)
    return fit_bands(said, past.answers, past.folds)


def _of_zeros(values: np.ndarray, season: int) -> tuple[np.ndarray, np.ndarray]:
    """Say what may come after nothing but zeros [1]_; nothing where nothing was observed.

    .. [1] Jeffreys' prior for a Poisson rate; the next count is negative binomial.
    """
    seen = np.isfinite(values)
    lately, ever = seen[:, -max(season, 4) :].sum(axis=1), seen.sum(axis=1)
    count = np.where(lately > 0, lately, ever)
    levels = np.array(LEVELS)[:, None]
    ends = stats.nbinom.ppf(levels, 0.5, np.maximum(count, 1) / (np.maximum(count, 1) + 1.0))
    ends[2] = 0.0
    ends[:, count == 0] = np.nan
    mean = np.where(count > 0, 0.0, np.nan)
    return ends[:, :, None], mean[:, None]
