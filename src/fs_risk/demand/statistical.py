"""Companions of the trees: smoothing with a damped trend and Theta, for all series at once."""

from dataclasses import dataclass, replace

import numpy as np

from fs_risk.demand.panel import Panel
from fs_risk.demand.rows import OriginRows

COMPANIONS = ("level", "seasonal naive", "smoothing", "damped trend", "theta")
"""The level by season and working days, last year, and three ways of smoothing: without a trend
(one weight for all series of a group), with a damped one, and with half of the straight line."""

ALPHAS = np.array([0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8])
"""Weights of the newest value that are tried."""

TREND, DAMPING = 0.1, 0.9
"""Weight of the newest change, and how much of a trend is left a period later."""


def companion_forecasts(panel: Panel, origin: int, horizon: int, rows: OriginRows) -> np.ndarray:
    """Forecast with each companion from what was observed up to an origin.

    Parameters
    ----------
    panel : Panel
    origin : int
        Place of the last period that may be used.
    horizon : int
    rows : OriginRows
        Of the same origin.

    Returns
    -------
    ndarray of float64, shape (n_companions, n, horizon)
        In the order of `COMPANIONS`; missing for series without a level.

    References
    ----------
    .. [1] Gardner and McKenzie (1985), Forecasting trends in time series, Management Science 31.
    .. [2] Hyndman and Billah (2003), Unmasking the Theta method, Int. J. Forecasting 19.
    """
    season, steps = panel.season, np.arange(1, horizon + 1)
    slots = np.arange(-origin - 1, 0) % season
    observed = panel.known(origin) / panel.working[:, : origin + 1]
    level = observed / rows.index[:, slots]
    back = panel.working[:, origin + steps] * rows.index[:, (steps - 1) % season]
    steady, trending = _smoothed(level, trend=0.0), _smoothed(level, trend=TREND)
    plain = steady.alike_in(panel.groups).carried(steps)
    damped = trending.carried(steps)
    theta = steady.carried(steps) + 0.5 * _slope(level)[:, None] * steps
    each = np.stack([rows.expected, rows.naive, plain * back, damped * back, theta * back])
    each[:, ~rows.usable] = np.nan
    forecasts: np.ndarray = np.maximum(each, 0.0)
    return forecasts


@dataclass(frozen=True)
class _Smoothed:
    """Where each series stands with each weight, its slope, and how far it missed on the way."""

    now: np.ndarray
    slope: np.ndarray
    error: np.ndarray

    def alike_in(self, groups: np.ndarray) -> "_Smoothed":
        """Give all series of a group the errors of the group, and so one weight."""
        relative = self.error / np.maximum(np.nan_to_num(self.now[:, :1]), 1e-9) ** 2
        return replace(self, error=_of_group(relative, groups))

    def carried(self, steps: np.ndarray) -> np.ndarray:
        """Keep each series' best weight and carry it forward."""
        best = np.argmin(self.error, axis=1)[:, None]
        now, slope = (np.take_along_axis(each, best, axis=1) for each in (self.now, self.slope))
        ahead: np.ndarray = now + slope * np.cumsum(DAMPING**steps)
        return ahead


def _smoothed(level: np.ndarray, *, trend: float) -> _Smoothed:
    """Smooth with each weight."""
    n, length = level.shape
    now = np.full((n, len(ALPHAS)), np.nan)
    slope, error = np.zeros_like(now), np.zeros_like(now)
    finite = np.isfinite(level)
    whole, begun = finite.all(axis=0), False
    for place in range(length):
        value = level[:, place, None]
        ahead = now + DAMPING * slope
        miss = value - ahead
        begun = begun or bool(np.isfinite(now).all())
        if begun and whole[place]:  # the same, without masks that hide nothing
            error += miss**2
            slope = DAMPING * slope + trend * ALPHAS * miss
            now = ahead + ALPHAS * miss
            continue
        seen, known = finite[:, place, None], np.isfinite(now)
        error += np.where(seen & known, miss**2, 0.0)
        moved = np.where(seen, ahead + ALPHAS * miss, ahead)
        slope = DAMPING * slope + np.where(seen & known, trend * ALPHAS * miss, 0.0)
        now = np.where(known, moved, value)
    return _Smoothed(now, slope, error)


def _of_group(error: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Give each series the median error of its group."""
    shared = np.empty_like(error)
    for code in np.unique(groups):
        shared[groups == code] = np.median(error[groups == code], axis=0)
    return shared


def _slope(level: np.ndarray) -> np.ndarray:
    """Least-squares slope per period of what is observed; 0 for fewer than three values."""
    seen = np.isfinite(level)
    count = seen.sum(axis=1)
    place = np.arange(level.shape[1])[None] * seen
    filled = np.where(seen, level, 0.0)
    many = np.maximum(count, 1)
    place_mean, level_mean = place.sum(axis=1) / many, filled.sum(axis=1) / many
    away = np.where(seen, place - place_mean[:, None], 0.0)
    of = np.maximum((away**2).sum(axis=1), 1.0)
    slope = (away * (filled - level_mean[:, None])).sum(axis=1) / of
    return np.where(count >= 3, slope, 0.0)
